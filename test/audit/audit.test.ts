/** The audit: who sees what of what was written, of what became of keys, and of who was refused. */
import { sql } from 'kysely'
import t from 'tap'
import { pruneRefusals } from '../../src/audit/refusals.ts'
import { limits } from '../../src/config.ts'
import { type Api, apiOf, type Fields, outcomeOf } from '../support/api.ts'
import { createKey } from '../support/keys.ts'
import { type Answer, openRegistry, serve } from '../support/registry.ts'

type Entry = Fields & { at: string; count: number }

const LINES = { accept: 'application/x-ndjson' }

async function open(t: Parameters<typeof openRegistry>[0]) {
  const registry = await openRegistry(t)
  const admin = apiOf(registry)
  const caf = (await admin.create('/organizations', { kind: 'caf', name: "Caf de l'Orne" })).id
  const other = (await admin.create('/organizations', { kind: 'caf', name: 'Caf du Rhône' })).id
  const member = async (role: 'reader' | 'editor', organizationId: string) => {
    const { key, secret } = await createKey(registry.db, role, { role, organizationId })
    return { id: key.id, secret, api: apiOf(registry, secret) }
  }
  return { registry, admin, caf, other, member }
}

async function entriesOf(api: Api, query = ''): Promise<Entry[]> {
  const { status, body, text } = await api.get(`/audit?limit=200${query}`)
  if (status !== 200) throw new Error(text)
  return body.data
}

/** `write updated convention`, `key rotated key`, `refusal 403 updateConvention x2`. */
const lineOf = ({ kind, operation, type, status, operationId, count }: Entry) =>
  kind === 'refusal' ? `${kind} ${status} ${operationId} x${count}` : `${kind} ${operation} ${type}`

const linesOf = async (api: Api, query?: string) => (await entriesOf(api, query)).map(lineOf)

const requestOf = ({ headers }: Answer) => headers['x-request-id']

t.test('every write is an entry: by whom, in which request, of what, which version', async (t) => {
  const { registry, admin, caf, member } = await open(t)
  const { id: actor, secret, api } = await member('editor', caf)
  const made = await api.post('/conventions', { title: 'CTG', cafId: caf, state: 'draft' })
  const changed = await api.patch(`/conventions/${made.body.id}`, 1, { title: 'CTG 2' })
  const gone = await api.delete(`/conventions/${made.body.id}`)
  const whose = { kind: 'write', actor, organizationId: caf, source: null, count: 1, status: null }
  const what = { type: 'convention', id: made.body.id, conventionId: made.body.id }
  const expected = [
    { ...whose, ...what, operation: 'deleted', version: 3, requestId: requestOf(gone) },
    { ...whose, ...what, operation: 'updated', version: 2, requestId: requestOf(changed) },
    { ...whose, ...what, operation: 'created', version: 1, requestId: requestOf(made) },
  ]
  t.match(await entriesOf(admin, `&actor=${actor}`), expected)

  const body = { title: 'CTG', caf, axes: [{ key: 'a', title: 'Axe' }] }
  const put = await registry.request('PUT', '/v1/sources/caf-61/conventions/ctg', { key: secret, body })
  const ofPut = await entriesOf(admin, `&requestId=${requestOf(put)}`)
  t.same(ofPut.map(lineOf).sort(), ['write created axis', 'write created convention'])
  for (const one of ofPut) t.match(one, { actor, source: 'caf-61', position: ofPut[0]?.position, at: ofPut[0]?.at })

  const handedOver = await admin.patch('/sources/caf-61', null, { organizationId: null })
  t.match(await entriesOf(admin, `&requestId=${requestOf(handedOver)}`), [
    { kind: 'write', actor: 'bootstrap', organizationId: null, source: 'caf-61', type: null, operation: null },
  ])
  const link = await admin.create('/service-sites', { name: 'Lieu' })
  const { id } = await admin.create('/conventions', { title: 'CTG', cafId: caf })
  const linked = await admin.put(`/conventions/${id}/service-sites/${link.id}`)
  t.equal(linked.status, 204)
  t.equal((await entriesOf(admin, `&requestId=${requestOf(linked)}`)).length > 0, true)
})

t.test('what becomes of a key is told without anything of its secret', async (t) => {
  const { admin, caf, member } = await open(t)
  const { id: actor, secret, api } = await member('editor', caf)
  const made = await api.post('/keys', { organizationId: caf, role: 'reader', name: 'SI' })
  const rotated = await api.post(`/keys/${made.body.id}/rotate`, {})
  await api.delete(`/keys/${made.body.id}`)
  const events = (await entriesOf(admin, '&kind=key')).filter(({ id }) => id === made.body.id)
  t.same(events.map(lineOf), ['key revoked key', 'key rotated key', 'key created key'])
  for (const one of events) t.match(one, { actor, organizationId: caf, conventionId: null })
  const ended = await admin.create('/organizations', { kind: 'ccas', name: 'CCAS' })
  const ofEnded = await admin.post('/keys', { organizationId: ended.id, role: 'reader', name: 'SI' })
  await admin.delete(`/keys/${ofEnded.body.id}`)
  t.equal((await admin.delete(`/organizations/${ended.id}`)).status, 204)
  const past = (await entriesOf(admin, '&kind=key')).filter(({ id }) => id === ofEnded.body.id)
  t.same(past.map(lineOf), ['key updated key', 'key revoked key', 'key created key'], 'it is revoked once')
  const { text } = await admin.get('/audit?limit=200')
  for (const one of [secret, made.body.key, rotated.body.key])
    for (const part of [one, one.slice(0, 12)]) t.notOk(text.includes(part))
})

t.test('refusals that repeat are one entry with their number, by key or by address', async (t) => {
  const { registry, admin, caf, other, member } = await open(t)
  const [own, foreign] = [await member('reader', caf), await member('editor', other)]
  const { id } = await admin.create('/conventions', { title: 'CTG', cafId: caf, state: 'signed' })
  for (let count = 0; count < 50; count++) {
    t.equal((await foreign.api.patch(`/conventions/${id}`, '*', { title: 'x' })).status, 403)
    t.equal((await registry.request('DELETE', `/v1/conventions/${id}`)).status, 401)
  }
  await own.api.post('/service-sites', { name: 'x' })
  t.same((await linesOf(admin, '&kind=refusal')).sort(), [
    'refusal 401 deleteConvention x50',
    'refusal 403 createServiceSite x1',
    'refusal 403 updateConvention x50',
  ])
  const [byAddress] = await entriesOf(admin, '&operationId=deleteConvention')
  t.match(byAddress, {
    actor: null,
    address: '127.0.0.1',
    organizationId: null,
    status: 401,
    position: null,
    type: null,
  })
  const [byKey] = await entriesOf(admin, '&operationId=updateConvention')
  t.match(byKey, { actor: foreign.id, address: null, organizationId: other, status: 403 })
  t.match(byKey, { firstAt: '2026-03-15T12:00:00.000Z', lastAt: '2026-03-15T12:00:00.000Z' })
  t.same(await linesOf(foreign.api, '&kind=refusal'), ['refusal 403 updateConvention x50'])
  t.same(await linesOf(own.api, '&kind=refusal'), ['refusal 403 createServiceSite x1'])
})

t.test('a flood of addresses is counted in a bounded number of entries, of one network in one', async (t) => {
  const { registry, admin } = await open(t)
  t.equal((await registry.request('POST', '/v1/nothing')).status, 404, 'what is no operation is no attempt')
  const attempt = (remoteAddress: string) =>
    registry.app.inject({ method: 'POST', url: '/v1/conventions', remoteAddress })
  await attempt('2001:db8::1')
  await attempt('2001:db8::2:3')
  for (let network = 1; network <= 600; network++) await attempt(`2001:db8:${network.toString(16)}::1`)
  const counted = (await entriesOf(admin, '&kind=refusal')).length
  t.equal(counted, 200, 'more than a page')
  const { body } = await admin.get('/audit?kind=refusal&count=true&limit=1')
  t.equal(body.count, 501)
  const lines = (await admin.get('/audit?kind=refusal', LINES)).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const entries = lines.slice(0, -1) as Entry[]
  t.equal(
    entries.reduce((sum, { count }) => sum + count, 0),
    602,
  )
  t.match(
    entries.find(({ address }) => address === null),
    { count: 101, actor: null },
  )
  t.match(
    entries.find(({ address }) => address === '2001:db8:0:0::/64'),
    { count: 2 },
  )
})

t.test('refusals are pruned with the journal, by the owner of the tables', async (t) => {
  const { registry, admin } = await open(t)
  await registry.request('POST', '/v1/conventions')
  t.equal((await entriesOf(admin, '&kind=refusal')).length, 1)
  await sql`update refusal set at = at - interval '31 days'`.execute(registry.db)
  await registry.request('POST', '/v1/conventions')
  t.equal((await entriesOf(admin, '&kind=refusal')).length, 2)
  t.equal(await pruneRefusals(registry.db, 30), 1)
  t.equal((await entriesOf(admin, '&kind=refusal')).length, 1)
})

t.test('what a process has gathered is written when it closes', async (t) => {
  const { registry, admin } = await open(t)
  const second = await serve(t, registry)
  await second.request('POST', '/v1/conventions')
  t.same(await linesOf(admin, '&kind=refusal'), [])
  await second.app.close()
  t.same(await linesOf(admin, '&kind=refusal'), ['refusal 401 createConvention x1'])
})

t.test('an organization sees what its keys did, what became of them, and what concerns its conventions', async (t) => {
  const { admin, caf, other, member } = await open(t)
  const [own, stranger] = [await member('editor', caf), await member('reader', other)]
  const draft = await admin.create('/conventions', { title: 'CTG', cafId: caf, state: 'draft' })
  await own.api.create(`/conventions/${draft.id}/axes`, { title: 'Axe' })
  const site = await own.api.create('/service-sites', { name: 'Lieu' })
  const seen = ['write created service-site', 'write created axis', 'write created convention', 'key created key']
  t.same(await linesOf(own.api), seen)
  t.same(await linesOf(stranger.api), ['key created key'])
  t.match(await entriesOf(stranger.api), [{ actor: 'operator', id: stranger.id }])
  t.same(await linesOf(own.api, `&organizationId=${caf}`), ['write created service-site', 'write created axis'])

  await admin.change(`/conventions/${draft.id}`, { cafId: other })
  t.same((await linesOf(stranger.api))[0], 'write updated convention', 'on both sides')
  t.same((await linesOf(own.api))[0], 'write updated convention', 'on both sides')
  await admin.create(`/conventions/${draft.id}/axes`, { title: 'Axe' })
  t.same((await linesOf(stranger.api))[0], 'write created axis')
  t.same((await linesOf(own.api)).length, seen.length + 1)
  await admin.change(`/service-sites/${site.id}`, { name: 'Autre lieu' })
  t.same((await linesOf(own.api)).length, seen.length + 1, 'a site is under no convention')
  t.equal((await admin.get('/audit?count=true')).body.count, (await entriesOf(admin)).length)
  t.equal((await own.api.get('/audit?count=true')).body.count, seen.length + 1)
  t.equal((await admin.get('/audit')).status, 200)
})

t.test('filters narrow it, and one that nothing can fit answers an empty page', async (t) => {
  const { admin, caf } = await open(t)
  const { id } = await admin.create('/conventions', { title: 'CTG', cafId: caf, state: 'signed' })
  await admin.change(`/conventions/${id}`, { title: 'CTG 2' })
  await admin.create('/service-sites', { name: 'Lieu' })
  t.same(await linesOf(admin, '&type=convention'), ['write updated convention', 'write created convention'])
  t.same(await linesOf(admin, '&type=convention&operation=created'), ['write created convention'])
  t.same(await linesOf(admin, '&operation=created&kind=key'), [])
  t.same(await linesOf(admin, '&kind=write&operationId=updateConvention'), [])
  const [last, second] = await entriesOf(admin)
  t.same(await entriesOf(admin, `&from=${last?.at}`), [last])
  t.same(await entriesOf(admin, `&from=${second?.at}&until=${last?.at}`), [second])
  const offset = encodeURIComponent(String(last?.at).replace('Z', '+00:00'))
  t.same(await entriesOf(admin, `&from=${offset}`), [last])
  for (const query of ['from=yesterday', 'kind=x', 'actor=', 'organizationId=x', 'other=1'])
    t.equal(outcomeOf(await admin.get(`/audit?${query}`)), '400 invalid-parameter', query)
})

t.test('as lines it holds what all its pages hold, newest first, and says that it is whole', async (t) => {
  const { registry, admin, caf, member } = await open(t)
  const { api } = await member('reader', caf)
  for (const title of ['a', 'b', 'c']) await admin.create('/conventions', { title, cafId: caf, state: 'draft' })
  await api.post('/conventions', {})
  t.equal((await registry.request('GET', '/v1/audit')).status, 401)
  for (const one of [admin, api]) {
    const pages: Entry[] = []
    for (let url = '/audit?limit=2'; url !== ''; ) {
      const { body } = await one.get(url)
      pages.push(...body.data)
      url = body.next === null ? '' : `/audit?limit=2&cursor=${body.next}`
    }
    const { headers, text } = await one.get('/audit', LINES)
    t.equal(headers['content-type'], 'application/x-ndjson; charset=utf-8')
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.same(lines.at(-1), { complete: true, count: pages.length })
    t.same(lines.slice(0, -1), pages)
    t.same(
      pages.map(({ at }) => at),
      pages
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
  }
  t.equal(outcomeOf(await admin.get('/audit', { accept: 'text/csv' })), '406 not-acceptable')
  for (let i = 0; i <= limits.auditExports.total; i++)
    t.equal(outcomeOf(await admin.get('/audit?cursor=abc', LINES)), '400 invalid-cursor')
  t.equal((await admin.get('/audit', LINES)).status, 200, 'what was refused holds nothing')
})
