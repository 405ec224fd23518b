/** What a write costs: statements, BEGIN and COMMIT among them, whoever writes and whatever the resource. */
import t from 'tap'
import { apiOf, type Created, newWorld } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, documentPath, fullDocument } from '../../support/documents.ts'
import { openRegistry } from '../../support/registry.ts'
import { countStatements } from '../../support/statements.ts'

/** The most of a PATCH of a title. */
const TITLE_MAX = 8
const BEGIN_AND_COMMIT = 2

const registry = await openRegistry(t)
const { app, count } = await countStatements(t, registry)

const { api, caf, path } = await newWorld(registry)

/** The statements of a request of the administrator, who is known without asking. */
async function cost(method: 'PATCH' | 'PUT', url: string, payload: object): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...(method === 'PATCH' && { 'if-match': '*' }) }
  const statements = await count(async () => {
    const target = url.startsWith('/v1') ? `${url}?link=none` : `/v1${url}`
    const { statusCode, body } = await app.inject({ method, url: target, headers, payload })
    if (statusCode >= 300) throw new Error(body)
  })
  return statements + BEGIN_AND_COMMIT
}

t.test('a PATCH of a title takes at most eight statements on every resource', async (t) => {
  const amendment = await api.create(`${path}/amendments`, { kinds: ['other'], effectiveOn: '2023' })
  const signatory = await api.create(`${path}/signatories`, { organizationId: caf.id })
  const axis = await api.create(`${path}/axes`, { title: 'Axe' })
  const action = await api.create(`${path}/actions`, { title: 'Action', axisIds: [axis.id], leadId: caf.id })
  const site = await api.create('/service-sites', { name: 'Lieu', managerId: caf.id })
  const each: [string, object, object][] = [
    [path, { title: 'Autre' }, { summary: 'Autre' }],
    [`/organizations/${caf.id}`, { name: 'Caf' }, { website: 'https://caf.example' }],
    [`/amendments/${amendment.id}`, { title: 'Avenant' }, { summary: 'Autre' }],
    [`/signatories/${signatory.id}`, { signedOn: '2022' }, { deliberatedOn: '2022' }],
    [`/axes/${axis.id}`, { title: 'Autre' }, { label: 'Enjeu' }],
    [`/actions/${action.id}`, { title: 'Autre' }, { progress: 10 }],
    [`/service-sites/${site.id}`, { name: 'Autre' }, { capacity: 10 }],
  ]
  for (const [url, ...bodies] of each)
    for (const body of bodies) {
      const count = await cost('PATCH', url, body)
      t.ok(count <= TITLE_MAX, `${url} ${JSON.stringify(body)}: ${count}`)
      t.ok((await cost('PATCH', url, body)) < count, 'and less when nothing changes')
    }
})

t.test('no more of what a source made, when a hand first changes it', async (t) => {
  await cost('PUT', documentPath('sourced'), fullDocument())
  for (const list of ['conventions', 'amendments', 'axes', 'actions', 'service-sites']) {
    const [one] = (await api.get(`/${list}?source=caf-61`)).body.data
    const field = list === 'service-sites' ? 'name' : 'title'
    const count = await cost('PATCH', `/${list}/${one.id}`, { [field]: 'Par une main' })
    t.ok(count <= TITLE_MAX, `${list}: ${count}`)
  }
})

t.test('a document that comes again takes one statement while nothing has changed, however large it is', async (t) => {
  const url = documentPath('again')
  const document = fullDocument()
  await cost('PUT', url, document)
  // Beside BEGIN and COMMIT, the origin of the transaction is set.
  t.equal(await cost('PUT', url, document), 4)
  t.equal((await cost('PUT', `${url}`, { ...document, title: 'Autre' })) > 4, true)
  const { conventionId } = (await api.get('/sources/caf-61/conventions')).body.data.find(
    ({ key }: Created) => key === 'again',
  )
  const [action] = (await api.get(`/conventions/${conventionId}/actions`)).body.data
  await api.change(`/actions/${action.id}`, { progress: 10 })
  t.ok((await cost('PUT', url, { ...document, title: 'Autre' })) > 4, 'others have changed what it made')
  t.equal(await cost('PUT', url, { ...document, title: 'Autre' }), 4)
})

t.test('a document that changes nothing writes nothing, and asks no more the larger it is', async (t) => {
  const small = documentPath('small')
  const large = documentPath('large')
  const brief = documentOf({ territories: ['commune:61214'] })
  await cost('PUT', small, brief)
  // Each is sent otherwise than before, and means the same.
  const again = await cost('PUT', small, { ...brief, summary: null })
  const actions = Array.from({ length: 300 }, (_, i) => ({ key: `${i}`, title: `Action ${i}`, lead: 'caf' }))
  const full = fullDocument() as { actions: Created[] }
  const document = { ...full, actions: [...full.actions, ...actions] }
  await cost('PUT', large, document)
  t.ok((await cost('PUT', large, { ...document, summary: null })) <= again + 2, `${again} statements`)
  t.equal((await apiOf(registry).get('/sources/caf-61/conventions/small')).status, 200)
})
