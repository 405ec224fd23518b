/** Links and references by hand: what people link, unlink and name of what a source made is not undone by its documents. */
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import { countsOf, type Fields, fullDocument, put, stateOf, warningsOf } from '../support/documents.ts'
import { openDocument, shownConflicts } from '../support/owners.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

const open = (source: string) => openDocument(registry, source, fullDocument())
/** Their numbers do not change when one is left out. */
const numberedAxes = () => (fullDocument().axes as Fields[]).map((axis, i): Fields => ({ ...axis, number: i + 1 }))
const [network, trip] = fullDocument().actions as [Fields, Fields]

t.test('a site that people unlinked stays so while the document lists it', async (t) => {
  const { idOf, convention, put, read } = await open('unlinked')
  const bus = idOf('service-site', 'bus')
  await api.change(`/actions/${idOf('action', 'itinerance')}`, { serviceSiteIds: [] })
  t.equal((await api.delete(`/conventions/${convention.id}/service-sites/${bus}`, null)).status, 204)
  const before = await stateOf(registry)
  for (const conflicts of [undefined, 'keep', 'overwrite']) {
    const again = await put({}, { conflicts })
    t.same(countsOf(again), [0, 0, 0, 14], again.text)
    t.same(
      warningsOf(again).filter((one) => one.endsWith(' kept')),
      ['/actions/1/serviceSites kept', '/serviceSites/0 kept'],
    )
  }
  t.same(await stateOf(registry), before)
  t.same((await read()).serviceSites, [])
  const without = [network, { ...trip, serviceSites: [] }]
  t.equal((await put({ serviceSites: [], actions: without })).status, 200, 'both agree')
  t.equal((await put()).body.report.byType.serviceSites.updated, 1, 'the source links it again')
})

t.test('a site that people linked stays, whatever the documents of its source do not list', async (t) => {
  const { idOf, put: putFirst } = await open('linked')
  const { serviceSites } = fullDocument()
  const second = { ...fullDocument({ serviceSites: [], actions: [] }), startsOn: '2027', endsOn: '2030' }
  const putSecond = (changes: Fields = {}) => put(registry, 'second', { ...second, ...changes }, { source: 'linked' })
  const { id } = (await putSecond()).body.convention
  const bus = idOf('service-site', 'bus')
  await api.put(`/conventions/${id}/service-sites/${bus}`)
  const before = await stateOf(registry)
  const again = await putSecond()
  t.match(warningsOf(again), ['/serviceSites kept'])
  t.same(await stateOf(registry), before)
  t.equal((await putFirst({ serviceSites: [], actions: [] })).status, 200)
  t.equal((await putSecond()).status, 200)
  t.same((await api.get(`/service-sites/${bus}`)).body.conventionIds, [id], 'the other document has unlinked it')
  t.equal((await putSecond({ serviceSites })).status, 200, 'the document lists it, so that it is its own link')
  t.equal((await putSecond()).body.report.byType.serviceSites.deleted, 1)
})

t.test('what people name in place of what a document drops is a conflict; keep keeps both', async (t) => {
  const { idOf, put, read } = await open('named')
  const id = idOf('action', 'reseau')
  const axes = numberedAxes().filter(({ key }) => key !== '1.1')
  const actions = [{ ...network, axes: ['2'] }, trip]
  t.equal((await put({ actions })).status, 200)
  await api.change(`/actions/${id}`, { axisIds: [idOf('axis', '1.1')] })
  const refused = await put({ actions, axes })
  t.equal(outcomeOf(refused), '409 source-conflict', refused.text)
  t.same(shownConflicts(refused), [['/actions/0/axes', 'reseau', ['2'], ['2'], ['1.1']]])
  t.match(refused.body.detail, 'no longer lists: /actions/0/axes.')
  const before = await stateOf(registry)
  t.match(warningsOf(await put({ actions, axes }, { conflicts: 'keep' })), ['/actions/0/axes kept', '/axes kept'])
  t.same(await stateOf(registry), before)
  t.equal((await put({ actions, axes }, { conflicts: 'overwrite' })).status, 200)
  t.same((await read()).actions[0].axes, ['2'])
})

t.test('what stays because people changed it keeps what it names', async (t) => {
  const { idOf, put, read } = await open('chain')
  await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Main' })
  const answer = await put({ actions: [trip], axes: numberedAxes().slice(2) }, { conflicts: 'keep' })
  t.equal(answer.status, 200, answer.text)
  t.equal((await read()).axes.length, 3)
})
