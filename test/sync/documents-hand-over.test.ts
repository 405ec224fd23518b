/** Hand-over of a convention from a source to another: who writes what from then on. */
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import {
  countsOf,
  documentOf,
  errorsOf,
  type Fields,
  fullDocument,
  getDocument,
  put,
  stateOf,
  warningsOf,
} from '../support/documents.ts'
import { openDocument } from '../support/owners.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

const handOver = (source: string, target: string, key?: string) =>
  apiOf(registry, key).patch(`/sources/${source}/conventions/doc`, null, { source: target })

t.test(
  'a convention is handed over with all that its source made: the other source goes on, the first is refused',
  async (t) => {
    const { idOf, convention, put: putFirst } = await openDocument(registry, 'first', fullDocument())
    await api.change(`/actions/${idOf('action', 'reseau')}`, { title: 'Main' })
    const answer = await handOver('first', 'second')
    t.same([answer.status, answer.body.key, answer.body.conventionId], [200, 'doc', convention.id], answer.text)
    t.equal((await getDocument(registry, 'doc', 'first')).status, 404)
    const { body } = await getDocument(registry, 'doc', 'second')
    t.same([body.version, body.actions.length, body.serviceSites.length, body.organizations.length], [2, 2, 1, 4])
    const before = await stateOf(registry)
    const second = await put(registry, 'doc', fullDocument(), { source: 'second' })
    t.same(countsOf(second), [0, 0, 0, 15])
    t.ok(warningsOf(second).includes('/actions/0/title kept'), 'what people changed goes with it')
    for (const conflicts of [undefined, 'overwrite']) {
      const refused = await putFirst({ title: 'Autre' }, { conflicts })
      t.equal(outcomeOf(refused), '409 other-source', refused.text)
      t.match(refused.body.detail, /second/)
      t.same(errorsOf(refused), [' other-source', '/serviceSites/0 other-source'])
    }
    const gone = await api.delete('/sources/first/conventions/doc', null)
    t.equal(outcomeOf(gone), '409 other-source')
    t.match(gone.body.detail, /second/)
    t.same(await stateOf(registry), before)
    t.equal((await handOver('second', 'first')).status, 200)
    t.equal((await putFirst({ title: 'Autre' })).status, 200, 'and back')
    t.equal(outcomeOf(await put(registry, 'doc', fullDocument(), { source: 'second' })), '409 other-source')
  },
)

t.test('a source gets nothing under a key that it has already, and only administrators hand over', async (t) => {
  await openDocument(registry, 'from', fullDocument())
  await openDocument(registry, 'to', fullDocument())
  const taken = await handOver('from', 'to')
  t.equal(outcomeOf(taken), '409 already-exists')
  t.ok(taken.body.conflictsWith.some(({ type }: Fields) => type === 'convention'))
  t.equal(outcomeOf(await handOver('from', 'Not a name')), '422 invalid-body')
  t.equal(outcomeOf(await handOver('nobody', 'to')), '404 not-found')
  const before = await stateOf(registry)
  t.equal((await handOver('from', 'from')).status, 200)
  t.same(await stateOf(registry), before)
})

t.test('a site that other conventions of the first source list stays with it', async (t) => {
  const { idOf, convention } = await openDocument(registry, 'sharing', fullDocument())
  const { serviceSites } = fullDocument()
  const later = fullDocument({ startsOn: '2027', endsOn: '2030', signatories: [], actions: [], serviceSites })
  t.equal((await put(registry, 'later', later, { source: 'sharing' })).status, 201)
  t.equal((await handOver('sharing', 'heir')).status, 200)
  const before = await stateOf(registry)
  t.same(countsOf(await put(registry, 'later', later, { source: 'sharing' })), [0, 0, 0, 10])
  const refused = await put(registry, 'doc', fullDocument(), { source: 'heir' })
  t.same(errorsOf(refused), ['/serviceSites/0 other-source'])
  t.match(refused.body.detail, /sharing/)
  const { body } = await getDocument(registry, 'doc', 'heir')
  const bus = idOf('service-site', 'bus')
  t.same([body.serviceSites, body.actions[1].serviceSites], [[], [bus]])
  t.equal((await put(registry, 'doc', body, { source: 'heir' })).status, 200, 'its document names it by its id')
  t.same(await stateOf(registry), before)
  t.same((await api.get(`/service-sites/${bus}`)).body.conventionIds.includes(convention.id), true)
})

t.test('no organization loses the key that the other source has for it', async (t) => {
  const association = (name: string) => ({ key: 'ours', kind: 'association', name })
  const organizations = (fullDocument().organizations as Fields[]).concat(association('Une'))
  await openDocument(registry, 'giving', fullDocument({ organizations, serviceSites: [], actions: [] }))
  const [caf] = organizations
  const own = documentOf({ organizations: [caf, association('Autre')], startsOn: '2030', endsOn: '2031' })
  const other = await put(registry, 'own', own, { source: 'taking' })
  const [, { id }] = other.body.objects
  t.match(await handOver('giving', 'taking'), {
    status: 409,
    body: { type: '/problems/already-exists', conflictsWith: [{ type: 'organization', id }] },
  })
})
