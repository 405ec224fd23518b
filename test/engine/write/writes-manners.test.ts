/** The order of errors, what every answer to a write carries, and repairs of text: the same on every write. */
import { sql } from 'kysely'
import t from 'tap'
import { apiOf, commits, errorsOf, newWorld, outcomeOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const { api, caf, path, convention } = await newWorld(registry)
const MISSING = '/conventions/01890a5d-ac96-774b-bcce-b302099a8057'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

t.test('when several errors apply, the first of the order is told', async (t) => {
  const wrong = { state: 'x' }
  const other = await api.create('/organizations', { kind: 'commune', name: 'Rai', siren: '216103424' })
  const second = await api.create('/organizations', { kind: 'commune', name: 'Rai' })
  const taken = { siren: '216103424' }
  const ask = registry.request
  const key = ADMIN_KEY
  const steps: [string, ReturnType<typeof ask>][] = [
    ['404 not-found', ask('PATCH', '/v1/nothing', { body: '{', headers: { authorization: 'x', accept: 'text/html' } })],
    ['405 method-not-allowed', ask('PUT', `/v1${path}`, { body: '{', headers: { accept: 'text/html' } })],
    ['414 uri-too-long', ask('PATCH', `/v1${path}?${'x'.repeat(8_000)}`, { body: '{' })],
    ['401 unauthorized', ask('PATCH', `/v1${path}?x=1`, { body: '{', headers: { accept: 'text/html' } })],
    [
      '406 not-acceptable',
      ask('PATCH', `/v1${path}`, { key, body: '{', headers: { accept: 'text/html', 'content-type': 'text/xml' } }),
    ],
    [
      '415 unsupported-media-type',
      ask('PATCH', `/v1${path}?x=1`, { key, body: 'x'.repeat(300_000), headers: { 'content-type': 'text/xml' } }),
    ],
    ['413 payload-too-large', ask('PATCH', `/v1${path}?x=1`, { key, body: 'x'.repeat(300_000) })],
    ['400 bad-request', ask('PATCH', `/v1${MISSING}`, { key, body: '{' })],
    ['400 invalid-parameter', ask('PATCH', `/v1${MISSING}?x=1`, { key, body: wrong })],
    ['400 invalid-parameter', ask('PATCH', '/v1/conventions/x', { key, body: wrong })],
    ['404 not-found', ask('PATCH', `/v1${MISSING}`, { key, body: wrong, headers: { 'if-match': '"9"' } })],
    ['428 precondition-required', ask('PATCH', `/v1${path}`, { key, body: wrong })],
    ['412 precondition-failed', ask('PATCH', `/v1${path}`, { key, body: wrong, headers: { 'if-match': '"9"' } })],
    ['422 invalid-body', api.patch(`/organizations/${second.id}`, 1, { ...taken, kind: 'x' })],
    ['409 already-exists', api.patch(`/organizations/${second.id}`, 1, taken)],
  ]
  for (const [expected, answer] of steps) t.equal(outcomeOf(await answer), expected)
  t.match((await api.patch(`/organizations/${second.id}`, 1, taken)).body, {
    conflictsWith: [{ type: 'organization', id: other.id }],
    errors: [{ pointer: '/siren', code: 'taken' }],
  })
  t.match((await api.post('/organizations', { kind: 'ccas', name: 'X', ...taken })).body.conflictsWith, [
    { id: other.id },
  ])
})

t.test('every answer names its request, in the journal too', async (t) => {
  const answers = [
    await api.post(`${path}/axes`, { title: 'Axe' }),
    await api.post(`${path}/axes`, {}),
    await api.patch(path, null, {}),
    await registry.request('DELETE', `/v1${path}`),
  ]
  for (const { headers, body, status } of answers) {
    t.match(headers['x-request-id'], UUID)
    t.equal(headers['cache-control'], 'no-store')
    if (status >= 400) t.equal(body.instance, `urn:uuid:${headers['x-request-id']}`)
  }
  t.not(answers[0]?.headers['x-request-id'], answers[1]?.headers['x-request-id'])
  const { rows } = await sql`select actor, request_id from commit order by position desc limit 1`.execute(registry.db)
  t.same(rows, [{ actor: 'bootstrap', request_id: answers[0]?.headers['x-request-id'] }])
})

t.test('text is repaired and comes back so', async (t) => {
  const made = await api.create('/conventions', {
    title: '  E\u0301cole ',
    cafId: caf.id.toUpperCase(),
    summary: ' a\r\nb\rc\n ',
    reference: ' ',
    predecessorId: convention.id.toUpperCase(),
  })
  t.match(made, { title: 'École', summary: 'a\nb\nc', reference: null, cafId: caf.id, predecessorId: convention.id })
  const again = await api.change(`/conventions/${made.id}`, {
    title: 'E\u0301cole',
    reference: '',
    summary: 'a\r\nb\r\nc',
  })
  t.equal(again.version, 1, 'the same after its repair')
  t.same(errorsOf(await api.post('/conventions', { title: ' \n ', cafId: caf.id })), ['/title empty'])
})

t.test('names that the registry fills in stay as written', async (t) => {
  const funder = await api.create('/organizations', { kind: 'caf', name: 'Caf du Calvados' })
  const line = { year: 2023, funderId: funder.id }
  const action = await api.create(`${path}/actions`, { title: 'A', funding: [line, { ...line, funderName: 'La Caf' }] })
  t.match(action.funding, [{ funderName: 'Caf du Calvados' }, { funderName: 'La Caf' }])
  await api.change(`/organizations/${funder.id}`, { name: 'Caf 14' })
  const again = await api.change(`/actions/${action.id}`, { funding: [line] })
  t.match(again.funding, [{ funderName: 'Caf du Calvados' }])
  t.match((await api.change(`/actions/${action.id}`, { funding: [{ ...line, funderName: null }] })).funding, [
    { funderName: 'Caf du Calvados' },
  ])
  t.same(errorsOf(await api.patch(`/actions/${action.id}`, '*', { funding: [{ year: 2023 }] })), [
    '/funding/0/funderName required',
  ])
})

t.test('linking and unlinking', async (t) => {
  const site = await api.create('/service-sites', { name: 'Lieu' })
  const link = `${path}/service-sites/${site.id}`
  const before = await commits(registry.db)
  t.equal((await api.put(link)).status, 204)
  t.equal((await api.put(link)).status, 204)
  t.equal(await commits(registry.db), before + 1, 'the second changes nothing')
  t.equal((await api.put(link, { 'content-type': 'application/json', 'content-length': '0' })).status, 204)
  t.equal(outcomeOf(await api.put(`${path}/service-sites/${caf.id}`)), '404 not-found')
  t.equal(outcomeOf(await api.put(`${MISSING}/service-sites/${site.id}`)), '404 not-found')
  t.equal(outcomeOf(await apiOf(registry, 'wrong').put(link)), '401 unauthorized')
  t.equal(outcomeOf(await registry.request('DELETE', `/v1${link}`)), '401 unauthorized')
  t.equal((await api.delete(link, null)).status, 204)
  t.equal((await api.delete(link, null)).status, 204)
  t.equal(await commits(registry.db), before + 2)
})
