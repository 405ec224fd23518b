/** Service sites of a source, linked to several of its conventions: linked, unlinked, deleted when none is left. */
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  changedBetween,
  create,
  documentOf,
  documentPath,
  errorsOf,
  type Fields,
  getDocument,
  put,
  read,
  stateOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const withSites = (...keys: string[]) =>
  documentOf({ serviceSites: keys.map((key) => ({ key, name: `Lieu ${key}`, types: ['centre-social'] })) })
const remove = (path: string) => registry.request('DELETE', path, { key: ADMIN_KEY })

/** PUT of a convention with these sites; its id. */
async function putSites(convention: string, ...keys: string[]): Promise<string> {
  const answer = await put(registry, convention, withSites(...keys))
  if (answer.status >= 300) throw new Error(answer.text)
  return answer.body.convention.id
}
const site = async (key: string) =>
  (await read(registry, `/v1/service-sites?source=caf-61&sourceKey=${key}`)).body.data[0]

t.test('a site of two conventions is unlinked from one, and deleted when no other is left', async (t) => {
  const one = await putSites('one', 'shared')
  const two = await putSites('two', 'shared')
  const first = await site('shared')
  t.same(first.conventionIds, [one, two].sort())
  t.equal(first.version, 2)
  const unlinking = await put(registry, 'one', withSites())
  t.same(unlinking.body.report.byType.serviceSites, { created: 0, updated: 1, deleted: 0, unchanged: 0 })
  t.match(await site('shared'), { id: first.id, conventionIds: [two], version: 3 })
  const deleting = await put(registry, 'two', withSites(), { dryRun: true })
  t.match(deleting.body.plan.at(-1), { operation: 'delete', type: 'service-site', key: 'shared', id: first.id })
  const deleted = await put(registry, 'two', withSites())
  t.same(deleted.body.report.byType.serviceSites, { created: 0, updated: 0, deleted: 1, unchanged: 0 })
  t.equal((await read(registry, `/v1/service-sites/${first.id}`)).status, 404)
  t.equal(await site('shared'), undefined)
})

t.test('a site that is linked to a further convention is an update, and nothing changes the second time', async (t) => {
  await putSites('link-1', 'linked')
  const planned = await put(registry, 'link-2', withSites('linked'), { dryRun: true })
  const found = planned.body.plan.find(({ type }: Fields) => type === 'service-site')
  t.match(found, { operation: 'update', key: 'linked' })
  t.equal(found.changes[0].field, 'conventionIds')
  await putSites('link-2', 'linked')
  const before = await stateOf(registry)
  await putSites('link-2', 'linked')
  await putSites('link-1', 'linked')
  t.same(await stateOf(registry), before)
})

t.test('a site that two documents write otherwise is what the last one says', async (t) => {
  await putSites('write-1', 'written')
  const renamed = documentOf({ serviceSites: [{ key: 'written', name: 'Autre nom', capacity: 24 }] })
  await put(registry, 'write-2', renamed)
  t.match(await site('written'), { name: 'Autre nom', capacity: 24, types: [], version: 2 })
  t.match((await getDocument(registry, 'write-1')).body.serviceSites[0], { name: 'Autre nom', capacity: 24 })
})

t.test('DELETE of a convention deletes the sites that only it had', async (t) => {
  await putSites('delete-1', 'stays', 'goes')
  const other = await putSites('delete-2', 'stays')
  t.equal((await remove(documentPath('delete-1'))).status, 204)
  t.equal(await site('goes'), undefined)
  t.same((await site('stays')).conventionIds, [other])
})

t.test('links of drafts show nowhere, and appear when the convention is published', async (t) => {
  await put(registry, 'draft', { ...withSites('drafted'), state: 'draft' })
  const { id, conventionIds } = await site('drafted')
  t.same(conventionIds, [])
  const published = await put(registry, 'draft', withSites('drafted'))
  t.match(await site('drafted'), { id, conventionIds: [published.body.convention.id], version: 2 })
  await put(registry, 'draft', { ...withSites('drafted'), state: 'draft' })
  t.same((await site('drafted')).conventionIds, [])
})

t.test('sites of others that are linked stay, are named by their id, and are not in the document', async (t) => {
  const convention = await putSites('others', 'own')
  const theirs = await create(registry, '/v1/service-sites', { name: 'Lieu d’un autre' })
  const path = `/v1/conventions/${convention}/service-sites/${theirs.id}`
  t.equal((await registry.request('PUT', path, { key: ADMIN_KEY })).status, 204)
  const before = await stateOf(registry)
  await putSites('others', 'own')
  t.same(await stateOf(registry), before)
  const { body } = await getDocument(registry, 'others')
  t.same(
    body.serviceSites.map(({ key }: Fields) => key),
    ['own'],
  )
  const actions = [{ key: 'a', title: 'Action', serviceSites: [theirs.id, 'own'] }]
  t.equal((await put(registry, 'others', { ...withSites('own'), actions })).status, 200)
  const named = await getDocument(registry, 'others')
  t.same(named.body.actions[0].serviceSites, [theirs.id, 'own'])
  const whole = (await read(registry, `/v1/conventions/${convention}/document`)).body
  t.same(new Set(whole.serviceSites.map(({ key }: Fields) => key)), new Set(['own', theirs.id]))
  await put(registry, 'others', withSites())
  t.equal((await read(registry, `/v1/service-sites/${theirs.id}`)).body.conventionIds.length, 1)
  t.equal((await remove(documentPath('others'))).status, 204)
  t.match((await read(registry, `/v1/service-sites/${theirs.id}`)).body, { conventionIds: [] })
})

t.test('a site must be listed to be named, also when another convention of the source has it', async (t) => {
  await putSites('elsewhere', 'far')
  const { id } = await site('far')
  const actions = [{ key: 'a', title: 'Action', serviceSites: ['far', id] }]
  t.same(errorsOf(await put(registry, 'here', documentOf({ actions }))), [
    '/actions/0/serviceSites/0 unknown-reference',
    '/actions/0/serviceSites/1 unknown-reference',
  ])
  const listed = { ...withSites('far'), actions: [{ key: 'a', title: 'Action', serviceSites: [id] }] }
  t.same(errorsOf(await put(registry, 'here', listed)), ['/actions/0/serviceSites/0 unknown-reference'])
})

t.test('only the site that changes gets a version', async (t) => {
  await putSites('versions', 'a', 'b', 'c')
  const { body } = await getDocument(registry, 'versions')
  body.serviceSites[1].capacity = 12
  const before = await stateOf(registry)
  await put(registry, 'versions', body)
  t.same(changedBetween(before, await stateOf(registry)), [`service_site ${body.serviceSites[1].id} 2`])
})

t.test('no opening hours are called wrong because there are many; those that were read are remembered', async (t) => {
  const hours = (n: number) =>
    `Mo ${String(n % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}+ "circuit ${Math.floor(n / 120)}"`
  const stops = (i: number) =>
    Array.from({ length: 100 }, (_, j) => ({ communeCode: '61214', openingHours: hours(i * 100 + j) }))
  const serviceSites = Array.from({ length: 11 }, (_, i) => ({ key: `${i}`, name: `Bus ${i}`, stops: stops(i) }))
  const document = documentOf({ serviceSites })
  const first = await put(registry, 'hours', document)
  t.same(errorsOf(first), [' too-many'])
  t.match(first.body.errors[0].message, 'send the body again')
  t.equal((await put(registry, 'hours', document)).status, 201)
  const unreadable = serviceSites.map((one, i) => ({ ...one, openingHours: `ouvert ${i}` }))
  const wrong = unreadable.map((one, i) => ({
    ...one,
    stops: one.stops.map((stop, j) => ({ ...stop, openingHours: j < 3 ? `fermé ${i} ${j}` : `24/7 "${j}"` })),
  }))
  const errors = errorsOf(await put(registry, 'hours', documentOf({ serviceSites: wrong })))
  t.equal(errors.length, 25)
  t.ok(
    errors.every((error) => /(openingHours) invalid-opening-hours$/.test(error) && !/stops\/([3-9]|\d\d)/.test(error)),
  )
})
