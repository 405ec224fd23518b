/** The plan of a document and what a PUT of it answers: the same objects, before it happens and after. */
import { sql } from 'kysely'
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import {
  CAF,
  countsOf,
  documentOf,
  documentPath,
  type Fields,
  fullDocument,
  getDocument,
  put,
  RAI,
  read,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)
const { db } = registry

/** A digest of each table of the database, by its name. */
async function contents(): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema()`.execute(db)
  const digests = tables.map(
    ({ name }) =>
      sql`select ${name} as name, coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as digest from ${sql.table(name)} t`,
  )
  const { rows } = await sql<{ name: string; digest: string }>`${sql.join(digests, sql` union all `)}`.execute(db)
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}

const remove = (key: string, query = '', source?: string) =>
  registry.request('DELETE', `${documentPath(key, source)}${query}`, { key: ADMIN_KEY })
const planOf = ({ body }: { body: Fields }) =>
  (body.plan as Fields[])
    .filter(({ operation }) => operation !== 'unchanged')
    .map(({ operation, type, key, changes }) => [operation, type, key, changes])
const operationsOf = (list: Fields[]) => list.map(({ type, key, operation }) => `${operation} ${type} ${key}`).sort()

t.test('a dry run writes to no table, whatever it would do', async (t) => {
  await put(registry, 'dry', fullDocument())
  const { actions: _, ...less } = fullDocument({ title: 'Autre' })
  const before = await contents()
  t.ok(Object.keys(before).length > 20)
  const created = await put(registry, 'dry-new', fullDocument(), { dryRun: true, source: 'caf-dry' })
  const changed = await put(registry, 'dry', less, { dryRun: true })
  const deleted = await remove('dry', '?dryRun=true')
  t.same([created.status, changed.status, deleted.status], [201, 200, 200])
  t.same([created.headers.etag, changed.headers.etag], [undefined, undefined])
  t.same(await contents(), before)
  t.equal((await getDocument(registry, 'dry-new', 'caf-dry')).status, 404)
  t.same((await read(registry, '/v1/sources/caf-dry/conventions')).body.data, [])
})

t.test('a plan has every object: each field with its old and new value, by keys, and what stays', async (t) => {
  await put(registry, 'planned', fullDocument(), { source: 'planned' })
  const { body: document } = await getDocument(registry, 'planned', 'planned')
  const [network] = document.actions
  Object.assign(network, { title: 'Réseau des parents', lead: 'caf', partners: [], axes: ['2'] })
  document.actions.splice(1, 1)
  document.serviceSites = []
  document.axes.push({ key: '3', title: 'Coopérer' })
  const planned = await put(registry, 'planned', document, { source: 'planned', dryRun: true })
  t.same(countsOf(planned), [1, 1, 2, 12])
  t.equal(planned.body.plan.length, 16)
  t.same(planOf(planned), [
    ['create', 'axis', '3', []],
    [
      'update',
      'action',
      'reseau',
      [
        { field: 'title', old: 'Réseau de parentalité', new: 'Réseau des parents' },
        { field: 'axes', old: ['1.1', '2'], new: ['2'] },
        { field: 'lead', old: 'cdc', new: 'caf' },
        { field: 'partners', old: ['caf', 'rai'], new: [] },
      ],
    ],
    ['delete', 'action', 'itinerance', []],
    ['delete', 'service-site', 'bus', []],
  ])
  const done = await put(registry, 'planned', document, { source: 'planned' })
  t.same(done.body.report, planned.body.report)
  t.same(operationsOf(done.body.objects), operationsOf(planned.body.plan), 'what was planned happens')
})

t.test('a PUT answers every object with its id and version, as reads have them', async (t) => {
  const first = await put(registry, 'objects', fullDocument())
  const versions = async () => {
    const { body } = await getDocument(registry, 'objects')
    const lists = ['organizations', 'amendments', 'signatories', 'axes', 'actions', 'serviceSites']
    const objects = [body, ...lists.flatMap((list) => body[list] as Fields[])]
    return objects.map(({ key, id, version }) => `${key} ${id} ${version}`).sort()
  }
  const told = (objects: Fields[]) => objects.map(({ key, id, version }) => `${key} ${id} ${version}`).sort()
  t.same(told(first.body.objects), await versions())
  const extended = fullDocument({
    amendments: [{ key: 'avenant-1', kinds: ['extend-period'], effectiveOn: '2023-01', endsOn: '2027' }],
  })
  const second = await put(registry, 'objects', extended)
  t.same(told(second.body.objects), await versions())
  t.same(
    operationsOf(second.body.objects).filter((one) => one.startsWith('update')),
    ['update amendment avenant-1', 'update convention objects'],
    'a convention whose period follows has a new version',
  )
  const same = await put(registry, 'objects', extended)
  t.ok(same.body.objects.every(({ operation }: Fields) => operation === 'unchanged'))
  t.same(told(same.body.objects), await versions())
})

t.test('what changes beside a document is listed without a key: the convention that it renews', async (t) => {
  const { body: first } = await put(registry, 'renewed', documentOf())
  const { body: next } = await put(
    registry,
    'renewal',
    documentOf({ predecessor: 'renewed', startsOn: '2027', endsOn: '2030' }),
  )
  const { id } = first.convention
  t.match(
    next.objects.find((one: Fields) => one.id === id),
    { type: 'convention', key: null, version: 2, operation: 'update' },
  )
})

t.test('the counts are those of the rows of the journal', async (t) => {
  const rows = async () => {
    const { rows } = await sql<{
      operation: string
      count: number
    }>`select operation, count(*)::int as count from change
      where tx = (select max(tx) from commit) group by operation`.execute(db)
    return Object.fromEntries(rows.map(({ operation, count }) => [operation, count]))
  }
  await put(registry, 'counted', fullDocument(), { source: 'counted' })
  const serviceSites = [{ key: 'bus', name: 'Bus des familles' }]
  const axes = [{ key: '9', title: 'Neuf' }]
  const changed = fullDocument({ axes, actions: [], serviceSites })
  const { report } = (await put(registry, 'counted', changed, { source: 'counted', maxDeletes: 9 })).body
  t.same(await rows(), { created: report.created, updated: report.updated, deleted: report.deleted })
})

t.test('the plan of a DELETE lists all that would go, whoever made it, and the site that stays', async (t) => {
  const { body } = await put(registry, 'gone', fullDocument(), { source: 'gone' })
  const id = body.convention.id
  const axis = await api.create(`/conventions/${id}/axes`, { title: 'Axe d’un autre' })
  const site = await api.create('/service-sites', { name: 'Lieu d’un autre' })
  await api.put(`/conventions/${id}/service-sites/${site.id}`)
  const planned = await remove('gone', '?dryRun=true', 'gone')
  t.match(planned.body, { dryRun: true, status: 204 })
  t.equal(planned.body.plan.filter(({ operation }: Fields) => operation === 'delete').length, 12)
  t.match(
    planned.body.plan.find((one: Fields) => one.id === axis.id),
    { operation: 'delete', type: 'axis', key: null },
  )
  t.match(
    planned.body.plan.find((one: Fields) => one.id === site.id),
    { operation: 'update', key: null, changes: [{ field: 'conventionIds', old: ['gone'], new: [] }] },
  )
  t.equal((await remove('gone', '', 'gone')).status, 204)
  t.equal(outcomeOf(await remove('gone', '?dryRun=true', 'gone')), '404 not-found')
})

t.test('a 412 lists what others changed since the tag that was sent', async (t) => {
  await put(registry, 'stale', fullDocument())
  const { headers, body: seen } = await getDocument(registry, 'stale')
  const ifMatch = { 'if-match': headers.etag as string }
  const of = (list: string, key: string) => seen[list].find((one: Fields) => one.key === key)
  const [network, trip] = [of('actions', 'reseau'), of('actions', 'itinerance')]
  await api.change(`/actions/${network.id}`, { progress: 10 })
  await api.change(`/actions/${network.id}`, { progress: 20 })
  await api.delete(`/actions/${trip.id}`)
  const rai = of('organizations', 'rai')
  await api.change(`/organizations/${rai.id}`, { phone: '02 33 00 00 00' })
  await api.create(`/conventions/${seen.id}/axes`, { title: 'Axe d’un autre' })
  const changed = [
    { operation: 'delete', type: 'action', key: 'itinerance', id: trip.id, version: 2 },
    { operation: 'update', type: 'action', key: 'reseau', id: network.id, version: 3 },
    { operation: 'update', type: 'organization', key: 'rai', id: rai.id, version: rai.version + 1 },
  ]
  for (const dryRun of [true, false]) {
    const answer = await put(registry, 'stale', fullDocument(), { headers: ifMatch, dryRun })
    t.equal(outcomeOf(answer), '412 precondition-failed')
    t.match(answer.body.changed, changed)
    t.equal(answer.body.changed.length, 3)
  }
  const refused = await registry.request('DELETE', documentPath('stale'), { key: ADMIN_KEY, headers: ifMatch })
  t.match(refused.body.changed, changed, 'a DELETE too')
  const unknown = await put(registry, 'stale', fullDocument(), { headers: { 'if-match': '"other"' } })
  t.same([unknown.status, unknown.body.changed], [412, undefined], 'a tag that was never given names no transaction')
})

t.test('what a document deleted itself is nothing that others changed since', async (t) => {
  await put(registry, 'deleting', fullDocument())
  const [network] = fullDocument().actions as Fields[]
  const { headers } = await put(registry, 'deleting', fullDocument({ actions: [network] }))
  const { body: seen, headers: read } = await getDocument(registry, 'deleting')
  t.equal(headers.etag, read.etag)
  await api.create(`/conventions/${seen.id}/axes`, { title: 'Axe d’un autre' })
  const ifMatch = { 'if-match': headers.etag as string }
  const again = await put(registry, 'deleting', fullDocument({ actions: [network] }), { headers: ifMatch })
  t.equal(again.status, 200, 'what others made does not make it another version')
  const action = seen.actions[0]
  await api.change(`/actions/${action.id}`, { progress: 10 })
  const { body } = await put(registry, 'deleting', fullDocument(), { headers: ifMatch })
  t.same(body.changed, [{ operation: 'update', type: 'action', key: 'reseau', id: action.id, version: 2 }])
})

t.test('a site that a draft links or unlinks is updated, although only its links show it', async (t) => {
  await put(registry, 'public', fullDocument())
  const draft = fullDocument({ state: 'draft', actions: [] })
  for (const [serviceSites, conventions] of [
    [draft.serviceSites, { old: 1, new: 2 }],
    [[], { old: 2, new: 1 }],
  ] as const) {
    const planned = await put(registry, 'linking', { ...draft, serviceSites }, { dryRun: true })
    const [, , , [change]] = planOf(planned).find(([, type]) => type === 'service-site') as unknown as [
      0,
      0,
      0,
      [Fields],
    ]
    t.equal(change.field, 'conventionIds')
    const answer = await put(registry, 'linking', { ...draft, serviceSites })
    t.equal(answer.body.report.byType.serviceSites.updated, 1, JSON.stringify(conventions))
  }
})

t.test('a dry run reports errors and conflicts as a PUT does', async (t) => {
  const wrong = await put(registry, 'dry-wrong', documentOf({ caf: 'nobody' }), { dryRun: true })
  t.equal(wrong.status, 422)
  const known = await put(registry, 'dry', fullDocument(), { dryRun: true, headers: { 'if-none-match': '*' } })
  t.equal(known.status, 412)
  const filling = await put(
    registry,
    'dry',
    fullDocument({ organizations: [CAF, { ...RAI, website: 'https://rai.example' }], signatories: [], actions: [] }),
    { dryRun: true },
  )
  t.match(planOf(filling)[0], [
    'update',
    'organization',
    'rai',
    [{ field: 'website', old: null, new: 'https://rai.example' }],
  ])
})
