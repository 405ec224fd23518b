/** What follows at once from a write: period, status, successors, sites, the journal of what is hidden or published. */
import { sql } from 'kysely'
import t from 'tap'
import { commits, errorsOf, newConvention, newWorld, outcomeOf, slugOf } from '../../support/api.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const { db } = registry
const { api, caf } = await newWorld(registry)
const create = (fields = {}) => newConvention(api, caf.id, fields)
const get = async (path: string) => (await api.get(path)).body
const getConvention = (id: string) => get(`/conventions/${id}`)
const isPublic = async (path: string) => (await registry.request('GET', `/v1${path}`)).status === 200

/** The last transaction of the journal, as `operation type`. */
async function journaled(): Promise<unknown[]> {
  const { rows } = await sql<{ line: string }>`select operation || ' ' || type as line from change
    where tx = (select tx from commit order by position desc limit 1) order by 1`.execute(db)
  return rows.map(({ line }) => line)
}

t.test('an amendment that extends the period gives the convention a version and its status', async (t) => {
  registry.clock.set('2027-02-01T12:00:00Z')
  const convention = await create()
  t.match(convention, { status: 'expired', period: { from: '2022-01-01', to: '2026-12-31' }, version: 1 })
  const path = `/conventions/${convention.id}/amendments`
  const amendment = await api.create(path, { kinds: ['extend-period'], effectiveOn: '2026-06', endsOn: '2027' })
  t.match(await getConvention(convention.id), { status: 'active', period: { to: '2027-12-31' }, version: 2 })
  t.same(await journaled(), ['created amendment', 'updated convention'])
  await api.create(path, { kinds: ['other'], effectiveOn: '2026-07', summary: 'Rien du terme' })
  t.match(await getConvention(convention.id), { version: 2 }, 'another one changes nothing')
  await api.change(`/amendments/${amendment.id}`, { endsOn: '2027-01-31' })
  t.match(await getConvention(convention.id), { status: 'expired', period: { to: '2027-01-31' }, version: 3 })
  await api.change(`/amendments/${amendment.id}`, { title: 'Prolongation' })
  t.match(await getConvention(convention.id), { version: 3 }, 'its title changes nothing')
  t.equal((await api.delete(`/amendments/${amendment.id}`)).status, 204)
  t.match(await getConvention(convention.id), { period: { to: '2026-12-31' }, version: 4 })
  registry.clock.set('2026-03-15T12:00:00Z')
})

t.test('status and period follow from a change of the convention in the same version', async (t) => {
  const { id } = await create({ state: 'draft' })
  t.match(await api.change(`/conventions/${id}`, { state: 'signed' }), { status: 'active', version: 2 })
  t.match(await api.change(`/conventions/${id}`, { endsOn: '2025-03' }), {
    status: 'expired',
    period: { to: '2025-03-31' },
  })
  const ended = await api.change(`/conventions/${id}`, { state: 'terminated', endsOn: null, terminatedOn: '2026' })
  t.match(ended, { status: 'active', version: 4, period: { from: '2022-01-01', to: '2026-12-31' } })
  t.match(await api.change(`/conventions/${id}`, { terminatedOn: null }), { status: 'terminated', version: 5 })
  t.match(await api.change(`/conventions/${id}`, { state: 'draft' }), { status: 'draft', version: 6 })
})

t.test('a signatory that an amendment adds is bound from its effect', async (t) => {
  const { id } = await create()
  const rai = await api.create('/organizations', { kind: 'commune', name: 'Rai' })
  const by = await api.create(`/conventions/${id}/amendments`, { kinds: ['add-signatory'], effectiveOn: '2023-02' })
  const signatory = await api.create(`/conventions/${id}/signatories`, { organizationId: rai.id, amendmentId: by.id })
  const boundOn = async (day: string) => (await get(`/conventions/${id}/signatories?validOn=${day}`)).data.length
  t.same([await boundOn('2023-01-31'), await boundOn('2023-02-01'), await boundOn('2026-12-31')], [0, 1, 1])
  await api.change(`/amendments/${by.id}`, { effectiveOn: '2024' })
  t.same([await boundOn('2023-12-31'), await boundOn('2024-01-01')], [0, 1], 'the amendment moves')
  t.equal((await get(`/signatories/${signatory.id}`)).version, 1, 'and the signatory keeps its version')
  await api.change(`/signatories/${signatory.id}`, { exitAmendmentId: by.id })
  t.equal(await boundOn('2024-01-01'), 0)
  await api.change(`/signatories/${signatory.id}`, { exitAmendmentId: null, endsOn: '2024-06' })
  t.same([await boundOn('2024-06-30'), await boundOn('2024-07-01')], [1, 0])
})

t.test('a renewal shows on its predecessor, drafts left out', async (t) => {
  const first = await create()
  const next = await create({ state: 'draft', predecessorId: first.id })
  const other = await create()
  const successors = async () => (await getConvention(first.id)).successorIds
  t.same(await successors(), [])
  await api.change(`/conventions/${next.id}`, { state: 'signed' })
  t.same(await successors(), [next.id])
  t.equal((await getConvention(first.id)).version, 2)
  await api.change(`/conventions/${next.id}`, { predecessorId: other.id })
  t.same(await successors(), [])
  t.same((await getConvention(other.id)).successorIds, [next.id])
  await api.change(`/conventions/${next.id}`, { state: 'draft' })
  t.same((await getConvention(other.id)).successorIds, [])
  await api.change(`/conventions/${next.id}`, { state: 'signed' })
  t.equal((await api.delete(`/conventions/${next.id}`)).status, 204)
  t.same(await getConvention(other.id).then(({ successorIds, version }) => [successorIds, version]), [[], 5])
})

t.test('hiding and publishing journals all that is under a convention, and its sites follow', async (t) => {
  const { id } = await create()
  const under = `/conventions/${id}`
  const site = await api.create('/service-sites', { name: 'Lieu' })
  await api.put(`${under}/service-sites/${site.id}`)
  t.match(await get(`/service-sites/${site.id}`), { conventionIds: [id], version: 2 })
  const axis = await api.create(`${under}/axes`, { title: 'Axe' })
  const action = await api.create(`${under}/actions`, {
    title: 'Action',
    axisIds: [axis.id],
    serviceSiteIds: [site.id],
  })
  const all = ['scope action', 'scope axis', 'updated convention', 'updated service-site']
  for (const [state, seen, ids] of [
    ['draft', false, []],
    ['signed', true, [id]],
    ['terminated', true, [id]],
  ] as const) {
    await api.change(under, { state })
    t.same(await journaled(), state === 'terminated' ? ['updated convention'] : all, state)
    for (const path of [under, `/axes/${axis.id}`, `/actions/${action.id}`]) t.equal(await isPublic(path), seen, path)
    t.same((await get(`/service-sites/${site.id}`)).conventionIds, ids)
    t.equal((await get(`/actions/${action.id}`)).version, 1)
  }
  t.equal((await api.delete(`${under}/service-sites/${site.id}`)).status, 409)
  await api.change(`/actions/${action.id}`, { serviceSiteIds: [] })
  t.equal((await api.delete(`${under}/service-sites/${site.id}`)).status, 204)
  const before = await commits(db)
  t.equal((await api.delete(`${under}/service-sites/${site.id}`)).status, 204, 'unlinked twice')
  t.equal(await commits(db), before)
  t.match(await get(`/service-sites/${site.id}`), { conventionIds: [] })
})

t.test('nothing public names a draft', async (t) => {
  const draft = await create({ state: 'draft' })
  const shown = await create()
  const old = await api.create(`/conventions/${draft.id}/actions`, { title: 'Ancienne' })
  const refusal = async (path: string, body: object) => errorsOf(await api.patch(path, '*', body))
  t.same(await refusal(`/conventions/${shown.id}`, { predecessorId: draft.id, mergedIntoId: draft.id }), [
    '/mergedIntoId draft',
    '/predecessorId draft',
  ])
  const post = await api.post(`/conventions/${shown.id}/actions`, { title: 'A', carriedFromId: old.id })
  t.same(errorsOf(post), ['/carriedFromId draft'])
  t.same(
    errorsOf(await api.post('/conventions', { title: 'C', cafId: caf.id, state: 'signed', predecessorId: draft.id })),
    ['/predecessorId draft'],
  )
  const next = await create({ state: 'draft', predecessorId: draft.id })
  const action = await api.create(`/conventions/${next.id}/actions`, { title: 'A', carriedFromId: old.id })
  t.same(await refusal(`/conventions/${next.id}`, { state: 'signed' }), ['/predecessorId draft', '/state draft'])
  await api.change(`/conventions/${draft.id}`, { state: 'signed' })
  await api.change(`/conventions/${next.id}`, { state: 'signed' })
  const hiding = await api.patch(`/conventions/${draft.id}`, '*', { state: 'draft', title: 'Caché' })
  t.match(hiding, { status: 409, body: { inUseByCount: 2 } })
  t.same(hiding.body.inUseBy, [
    { type: 'convention', id: next.id },
    { type: 'action', id: action.id },
  ])
})

t.test('the perimeter: names are filled in, stay as written, and unknown codes are refused', async (t) => {
  const { id, territories } = await create({
    territories: ['epci:200068468', { kind: 'commune', code: '61214', name: 'Laigle' }],
  })
  t.match(territories, [{ kind: 'epci', code: '200068468', name: /Aigle/ }, { name: 'Laigle' }])
  const again = await api.change(`/conventions/${id}`, { territories: ['epci:200068468', 'commune:61214'] })
  t.same([again.territories, again.version], [territories, 1], 'the names that were written stay')
  const wrong = ['commune:61999', { kind: 'commune', code: '200068468' }, 'epci:200068468', 'epci:200068468', 'x:1', 7]
  const refused = await api.patch(`/conventions/${id}`, 1, { territories: wrong })
  t.same(errorsOf(refused), [
    '/territories/0 unknown-territory',
    '/territories/1 invalid-form',
    '/territories/3 duplicate',
    '/territories/4 invalid-form',
    '/territories/5 type',
  ])
  const { rows } = await sql<{
    codes: string[]
  }>`select department_codes as codes from convention where id = ${id}`.execute(db)
  t.same(rows[0]?.codes, ['61'])
})

t.test('the territory of an organization is merged as RFC 7396 merges objects', async (t) => {
  const territory = { kind: 'commune', code: '61999', name: 'Ancienne' }
  const { id } = await api.create('/organizations', { kind: 'ccas', name: 'CCAS', territory })
  const change = async (given: unknown) => (await api.change(`/organizations/${id}`, { territory: given })).territory
  t.same(await change({ name: 'Renommée' }), { ...territory, name: 'Renommée' })
  t.same(await change({ name: null }), { ...territory, name: 'Renommée' }, 'it stays as written')
  t.match(await change({ code: '61214' }), { kind: 'commune', code: '61214', name: /Aigle/ })
  t.match(await change({ kind: 'departement', code: '61' }), { name: 'Orne' })
  t.match(await change('epci:200068468'), { kind: 'epci', name: /Aigle/ })
  t.equal((await get(`/organizations/${id}`)).departmentCodes.join(), '61')
  t.same(errorsOf(await api.patch(`/organizations/${id}`, '*', { territory: { kind: null } })), [
    '/territory/kind type',
    '/territory/kind unknown-code',
  ])
  t.same(errorsOf(await api.patch(`/organizations/${id}`, '*', { territory: { kind: 'region' } })), [
    '/territory invalid-form',
  ])
  t.equal(await change(null), null)
  t.same(errorsOf(await api.patch(`/organizations/${id}`, '*', { territory: { name: 'X' } })), [
    '/territory/code required',
    '/territory/kind required',
  ])
})

t.test('a convention is deleted with all under it, and unlinked', async (t) => {
  const { id } = await create()
  const under = `/conventions/${id}`
  const by = await api.create(`${under}/amendments`, { kinds: ['add-signatory'] })
  const signatory = { organizationId: caf.id, amendmentId: by.id, exitAmendmentId: by.id }
  await api.create(`${under}/signatories`, signatory)
  const parent = await api.create(`${under}/axes`, { title: 'Axe' })
  const axis = await api.create(`${under}/axes`, { title: 'Sous-axe', parentId: parent.id })
  const site = await api.create('/service-sites', { name: 'Lieu' })
  await api.put(`${under}/service-sites/${site.id}`)
  await api.create(`${under}/actions`, { title: 'A', axisIds: [axis.id], serviceSiteIds: [site.id], leadId: caf.id })
  t.equal((await api.delete(under, 1)).status, 204)
  t.same(await journaled(), [
    'deleted action',
    'deleted amendment',
    'deleted axis',
    'deleted axis',
    'deleted convention',
    'deleted signatory',
    'updated service-site',
  ])
  for (const path of [under, `/axes/${axis.id}`, `/amendments/${by.id}`])
    t.equal(slugOf(await api.get(path)), 'not-found')
  t.match(await get(`/service-sites/${site.id}`), { conventionIds: [], version: 3 })
  t.equal((await api.delete(`/service-sites/${site.id}`)).status, 204)
  t.equal(outcomeOf(await api.post(`${under}/axes`, { title: 'Axe' })), '404 not-found')
})

t.test('a new edition of the official code moves no convention by a write of something else', async (t) => {
  const { id } = await create({ territories: ['epci:200068468'] })
  const departments = sql<{ codes: string[] }>`select department_codes as codes from convention where id = ${id}`
  const before = (await departments.execute(db)).rows
  await sql`update territory set department_codes = '{14}' where kind = 'epci' and code = '200068468'`.execute(db)
  await api.change(`/conventions/${id}`, { title: 'CTG' })
  await api.change(`/conventions/${id}`, { title: 'Another' })
  t.same((await departments.execute(db)).rows, before)
  await api.change(`/conventions/${id}`, { territories: ['epci:200068468', 'commune:61214'] })
  t.same((await departments.execute(db)).rows, [{ codes: ['14', '61'] }])
})

t.test('a status whose day has come follows from any change of the convention, in the same version', async (t) => {
  const { id } = await create({ endsOn: '2026-03-31' })
  registry.clock.set('2026-04-01T12:00:00Z')
  t.match(await api.change(`/conventions/${id}`, { title: 'Autre' }), { status: 'expired', version: 2 })
  registry.clock.set('2026-03-15T12:00:00Z')
})
