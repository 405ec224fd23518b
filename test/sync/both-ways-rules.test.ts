/** The rules over several resources, both ways in: each is said once, at the same place, and blames what changed. */
import t from 'tap'
import {
  type Api,
  apiOf,
  type Created,
  errorsOf,
  type Fields,
  newConvention,
  newWorld,
  outcomeOf,
} from '../support/api.ts'
import { CAF, documentOf, getDocument, put, RAI, stateOf } from '../support/documents.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { api } = await newWorld(registry)
const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057'

/** A convention of the source, and the ids of its parts by list and key. */
async function open(key: string, document: Fields) {
  const { status, text } = await put(registry, key, document)
  if (status >= 300) throw new Error(text)
  const { body } = await getDocument(registry, key)
  const idOf = (list: string, part: string): string => body[list].find((one: Fields) => one.key === part)?.id
  return { path: `/conventions/${body.id}`, id: body.id as string, cafId: idOf('organizations', 'caf'), idOf }
}

const codes = (answer: Awaited<ReturnType<Api['get']>>) => [outcomeOf(answer), ...errorsOf(answer)]

t.test(
  'days that an amendment moves: the signatory that changed is to blame, else the amendment; both are named',
  async (t) => {
    const organizations = [CAF, RAI]
    const amendments = (effectiveOn: string) => [{ key: 'a', kinds: ['other'], effectiveOn }]
    const document = documentOf({ organizations, amendments: amendments('2024') })
    const { path, idOf } = await open('moved', document)
    const sign = (fields: Fields) =>
      api.create(`${path}/signatories`, { organizationId: idOf('organizations', 'rai'), ...fields })
    const first = await sign({ endsOn: '2023' })
    const second = await sign({ amendmentId: idOf('amendments', 'a') })
    const both = [first, second].map(({ id }) => ({ type: 'signatory', id }))
    const one = await api.patch(`/amendments/${idOf('amendments', 'a')}`, '*', { effectiveOn: '2023' })
    const other = await put(registry, 'moved', { ...document, amendments: amendments('2023') })
    t.same(codes(one), ['409 already-exists', '/effectiveOn taken'])
    t.same(codes(other), ['409 already-exists', '/amendments/0/effectiveOn taken'])
    for (const { body } of [one, other]) t.same(body.conflictsWith, both)
    const own = { ...document, signatories: [{ key: 'r', organization: 'rai', startsOn: '2023' }] }
    t.same(codes(await put(registry, 'moved', own)), ['409 already-exists', '/signatories/0/organization taken'])
  },
)

t.test('what the document binds itself is a 422, also when its amendment moves', async (t) => {
  const document = (effectiveOn: string) =>
    documentOf({
      organizations: [CAF, RAI],
      amendments: [{ key: 'a', kinds: ['other'], effectiveOn }],
      signatories: [
        { key: 'before', organization: 'rai', endsOn: '2023' },
        { key: 'after', organization: 'rai', amendment: 'a' },
      ],
    })
  t.equal((await put(registry, 'own-days', document('2024'))).status, 201)
  const moved = await put(registry, 'own-days', document('2023-06'))
  t.same(codes(moved), ['422 invalid-body', '/amendments/0/effectiveOn bound-twice'])
})

t.test('a convention that names itself is told so, published or not, new or not', async (t) => {
  const { path, id } = await open('self', documentOf({ state: 'draft' }))
  const draft = await api.patch(path, '*', { predecessorId: id })
  t.same(codes(draft), ['422 invalid-body', '/predecessorId self-reference'])
  const publishing = await api.patch(path, '*', { predecessorId: id, state: 'signed' })
  t.same(codes(publishing), ['422 invalid-body', '/predecessorId self-reference'])
  const byId = await put(registry, 'self', documentOf({ predecessor: id }))
  t.same(codes(byId), ['422 invalid-body', '/predecessor self-reference'])
  for (const [key, state] of [
    ['self', 'draft'],
    ['self', 'signed'],
    ['new', 'draft'],
    ['new', 'signed'],
  ] as const)
    t.same(codes(await put(registry, key, documentOf({ state, predecessor: key }))), [
      '422 invalid-body',
      '/predecessor self-reference',
    ])
})

t.test('a Caf that is not the key’s own is a 403, one that means nothing a 422', async (t) => {
  const { path, cafId } = await open('caf', documentOf())
  const { secret: key } = await createKey(registry.db, 'editor', { organizationId: cafId, role: 'editor' })
  const editor = apiOf(registry, key)
  t.equal(outcomeOf(await editor.patch(path, '*', { cafId: UNKNOWN })), '403 forbidden')
  const send = (caf: string) => put(registry, 'theirs', documentOf({ caf }), { source: 'theirs', key })
  t.equal(outcomeOf(await send(UNKNOWN)), '403 forbidden')
  t.same(codes(await send('nobody')), ['422 invalid-body', '/caf unknown-reference'])
})

t.test('a convention that is published over drafts that it carries on is told of all', async (t) => {
  const hidden = await newConvention(api, (await open('some', documentOf())).cafId, { state: 'draft' })
  const carried = await Promise.all(
    ['A', 'B'].map((title) => api.create(`/conventions/${hidden.id}/actions`, { title })),
  )
  const draft = documentOf({ state: 'draft' })
  const { path } = await open('carries', draft)
  for (const { id } of carried) await api.create(`${path}/actions`, { title: 'Suite', carriedFromId: id })
  const one = await api.patch(path, '*', { state: 'signed' })
  t.same(codes(one), ['422 invalid-body', '/state draft', '/state draft'])
  const other = await put(registry, 'carries', documentOf())
  t.same(other.body.errors, one.body.errors)
  const sent = { actions: [{ key: 'a', title: 'Suite', carriedFrom: carried[0]?.id }] }
  t.same(codes(await put(registry, 'carries', documentOf(sent))), [
    '422 invalid-body',
    '/actions/0/carriedFrom draft',
    '/state draft',
    '/state draft',
  ])
})

t.test('what a convention holds at most is told with its place', async (t) => {
  const amendments = Array.from({ length: 49 }, (_, i) => ({ key: `${i}`, kinds: ['other'] }))
  const { path } = await open('most', documentOf({ amendments }))
  await api.create(`${path}/amendments`, { kinds: ['other'] })
  const one = await api.post(`${path}/amendments`, { kinds: ['other'] })
  t.same(codes(one), ['409 conflict', ' too-many'])
  const more = [...amendments, { key: 'more', number: 60, kinds: ['other'] }]
  const other = await put(registry, 'most', documentOf({ amendments: more }))
  t.same(codes(other), ['409 conflict', '/amendments too-many'])
  t.equal(other.body.errors[0].message, one.body.errors[0].message)
})

t.test('what was filled in stays while what it comes from is named', async (t) => {
  const document = documentOf({
    organizations: [CAF, RAI],
    signatories: [{ key: 'rai', organization: 'rai' }],
    actions: [{ key: 'a', title: 'A', funding: [{ year: 2023, funder: 'rai' }] }],
  })
  const { idOf } = await open('filled', document)
  await api.change(`/organizations/${idOf('organizations', 'rai')}`, { kind: 'other', name: 'Rai, commune nouvelle' })
  const before = await stateOf(registry)
  t.equal((await put(registry, 'filled', document)).status, 200)
  t.same(await stateOf(registry), before)
})

t.test('a document is not refused for the depth of what it deletes', async (t) => {
  const chain = (...keys: string[]) =>
    keys.map((key, i) => ({ key, title: key, parent: keys[i - 1] ?? null, number: 1 }))
  await open('deep', documentOf({ axes: chain('a', 'b', 'c', 'd', 'e') }))
  const answer = await put(registry, 'deep', documentOf({ axes: chain('z', 'a', 'b', 'c', 'd') }))
  t.equal(answer.status, 200, answer.text)
})

t.test('a perimeter that is unchanged keeps its départements, a changed one gets those of today', async (t) => {
  const { db } = registry
  const epci = (fields: Fields = {}) => documentOf({ territories: ['epci:200068468'], ...fields })
  const { id } = await open('perimeter', epci())
  const departments = () =>
    db.selectFrom('convention').select('department_codes').where('id', '=', id).executeTakeFirstOrThrow()
  const organization = await api.create('/organizations', { kind: 'ccas', name: 'C', territory: 'epci:200068468' })
  await db
    .updateTable('territory')
    .set({ department_codes: ['14'] })
    .where('code', '=', '200068468')
    .execute()
  await put(registry, 'perimeter', epci({ summary: 'Autre' }))
  t.same((await departments()).department_codes, ['61'])
  t.same((await api.change(`/organizations/${organization.id}`, { name: 'D' })).departmentCodes, ['61'])
  await put(registry, 'perimeter', epci({ territories: ['epci:200068468', 'commune:61214'] }))
  t.same((await departments()).department_codes, ['14', '61'])
})

t.test('a SIREN that another organization has is a 409 that names it, also in a race', async (t) => {
  const body = { kind: 'commune', name: 'Aube', siren: '216100081' }
  const answers = await Promise.all([1, 2, 3].map(() => api.post('/organizations', body)))
  const made = answers.find(({ status }) => status === 201)?.body as Created
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    t.same(codes(answer), ['409 already-exists', '/siren taken'])
    t.same(answer.body.conflictsWith, [{ type: 'organization', id: made.id }])
    t.equal(answer.body.detail, 'Another organization has this SIREN.')
  }
})
