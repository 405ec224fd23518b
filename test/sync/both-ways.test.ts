/** The two ways in, resource by resource and by document: what is wrong is told in the same words at the same place. */
import t from 'tap'
import { type Created, errorsOf, type Fields, newConvention, newWorld, slugOf } from '../support/api.ts'
import { CAF, documentOf, put } from '../support/documents.ts'
import { type Answer, openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { api, caf } = await newWorld(registry)
await put(registry, 'cle', documentOf({ axes: [{ key: 'a', title: 'A' }] }))
const { data } = (await api.get('/sources/caf-61/conventions')).body
const path = `/conventions/${data[0].conventionId}`
const draft = await newConvention(api, caf.id, { state: 'draft' })
const old = await api.create(`/conventions/${draft.id}/actions`, { title: 'Ancienne' })
const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057'

const messagesOf = ({ body }: Answer) =>
  (body?.errors ?? []).map(({ pointer, code, message }: Fields) => `${pointer} ${code} ${message}`).sort()

/** What is wrong in a field alike; `names` are the fields that a document calls otherwise. */
interface Case {
  list: 'amendments' | 'axes' | 'actions' | 'serviceSites' | 'organizations' | ''
  body: Fields
  names?: Record<string, string>
}

const cases: Case[] = [
  { list: '', body: { title: '', themes: ['x'], startsOn: '2024', endsOn: '2023', state: 'y', needs: [{}] } },
  { list: '', body: { territories: ['commune:61999', 'epci:1', { kind: 'commune', code: '75' }, 'commune:61999'] } },
  {
    list: '',
    body: { unknown: 1, summary: 5, governance: null, documents: [{ kind: 'x', title: 'T', url: 'ftp://x' }] },
  },
  { list: '', body: { predecessorId: draft.id }, names: { predecessorId: 'predecessor' } },
  { list: '', body: { mergedIntoId: draft.id }, names: { mergedIntoId: 'mergedInto' } },
  { list: 'amendments', body: { kinds: [], number: 0, signedOn: '2023-02-30' } },
  { list: 'axes', body: { title: 'A'.repeat(301), number: 1000 } },
  {
    list: 'actions',
    body: { title: 'A', progress: 101, startsOn: '2024', endsOn: '2023', audiences: ['parents', 'parents'] },
  },
  {
    list: 'actions',
    body: {
      title: 'A',
      indicators: [
        { key: 'a', name: 'A', kind: 'x' },
        { key: 'a', name: 'B', kind: 'output' },
      ],
    },
  },
  {
    list: 'actions',
    body: { title: 'A', funding: [{ year: 2023 }, { year: 1 }], territories: ['region:01', 'region:01'] },
  },
  { list: 'actions', body: { title: 'A', carriedFromId: old.id }, names: { carriedFromId: 'carriedFrom' } },
  {
    list: 'serviceSites',
    body: { name: 'L', latitude: 48, openingHours: 'x', openedOn: '2024', closedOn: '2023', stops: [{ longitude: 1 }] },
  },
  {
    list: 'organizations',
    body: { kind: 'ccas', name: 'N', siren: '123456789', siret: '20006846800012', email: 'x', phone: '1' },
  },
  {
    list: 'organizations',
    body: { kind: 'ccas', name: 'N', territory: { kind: 'epci', code: '61' }, identifiers: [{ scheme: 'x' }] },
  },
]

const lists = { serviceSites: '/service-sites', organizations: '/organizations', '': '/conventions' } as Record<
  string,
  string
>

t.test('what is wrong by itself', async (t) => {
  for (const { list, body, names = {} } of cases) {
    const one = list === '' ? await api.patch(path, '*', body) : await api.post(lists[list] ?? `${path}/${list}`, body)
    const renamed = Object.fromEntries(Object.entries(body).map(([field, value]) => [names[field] ?? field, value]))
    const organizations = [CAF, ...(list === 'organizations' ? [{ key: 'x', ...renamed }] : [])]
    const whole = list === '' ? renamed : { [list]: [{ key: 'x', ...renamed }], organizations }
    const other = await put(registry, 'cle', documentOf(whole))
    const prefix = { '': '', organizations: '/organizations/1' }[list as ''] ?? `/${list}/0`
    const expected = messagesOf(one).map(
      (error: string) =>
        prefix + Object.entries(names).reduce((text, [from, to]) => text.replace(`/${from}`, `/${to}`), error),
    )
    t.ok(expected.length > 0, JSON.stringify(body))
    t.same([other.status, messagesOf(other)], [one.status, expected], JSON.stringify(body))
  }
})

t.test('what is wrong because of what is stored', async (t) => {
  const amendment = await api.create(`${path}/amendments`, { kinds: ['other'], number: 7 })
  const axis = await api.create(`${path}/axes`, { title: 'Axe', number: 7 })
  const rai = await api.create('/organizations', { kind: 'commune', name: 'Rai', siren: '216103424' })
  const signatory = await api.create(`${path}/signatories`, { organizationId: rai.id })
  const organizations = [CAF, { key: 'rai', kind: 'commune', name: 'Rai', siren: '216103424' }]
  const pairs: [Created, string, Fields, Fields][] = [
    [amendment, 'amendments', { kinds: ['other'], number: 7 }, {}],
    [axis, 'axes', { title: 'Axe', number: 7 }, {}],
    [signatory, 'signatories', { organizationId: rai.id }, { organizationId: undefined, organization: 'rai' }],
  ]
  for (const [{ id }, list, body, changed] of pairs) {
    const one = await api.post(`${path}/${list}`, body)
    const axes = [{ key: 'a', title: 'A' }]
    const other = await put(
      registry,
      'cle',
      documentOf({ organizations, axes, [list]: [{ key: 'x', ...body, ...changed }] }),
    )
    t.same([one.status, slugOf(one)], [409, 'already-exists'])
    t.same([other.status, slugOf(other)], [409, 'already-exists'])
    const expected = messagesOf(one).map(
      (error: string) => `/${list}/0${error.replace('organizationId', 'organization')}`,
    )
    t.same(messagesOf(other), expected)
    t.ok(one.body.conflictsWith.some((conflict: Created) => conflict.id === id))
    t.match(other.body.conflictsWith, [{ id }])
  }
})

t.test('a draft that an action continues stands against publishing, and what is public against hiding', async (t) => {
  const hidden = { state: 'draft', axes: [] }
  const own = { caf: caf.id, axes: [] }
  await put(registry, 'autre', documentOf({ ...own, state: 'draft' }))
  const { data: held } = (await api.get('/sources/caf-61/conventions')).body
  const { conventionId } = held.find(({ key }: Fields) => key === 'autre')
  await api.create(`/conventions/${conventionId}/actions`, { title: 'A', carriedFromId: old.id })
  const one = await api.patch(`/conventions/${conventionId}`, '*', { state: 'signed' })
  const other = await put(registry, 'autre', documentOf(own))
  t.same(errorsOf(one), ['/state draft'])
  t.same(messagesOf(other), messagesOf(one))
  await api.change(`/conventions/${draft.id}`, { state: 'signed' })
  const named = await newConvention(api, caf.id, { predecessorId: data[0].conventionId })
  const hiding = [await api.patch(path, '*', { state: 'draft' }), await put(registry, 'cle', documentOf(hidden))]
  for (const { status, body } of hiding) {
    t.same([status, body.detail, body.inUseBy], [409, hiding[0]?.body.detail, [{ type: 'convention', id: named.id }]])
  }
  const deleting = [await api.delete(path), await api.delete('/sources/caf-61/conventions/cle', null)]
  for (const { status, body } of deleting)
    t.same([status, body.inUseBy, body.detail], [409, [{ type: 'convention', id: named.id }], deleting[0]?.body.detail])
  t.equal((await api.patch(path, '*', { predecessorId: UNKNOWN })).body.errors[0].code, 'unknown-reference')
})
