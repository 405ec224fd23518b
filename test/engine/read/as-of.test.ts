/** Time travel: every read answers with `asOf` what it answered then, to whom may see it now and might have then. */
import t, { type Test } from 'tap'
import { apiOf } from '../../support/api.ts'
import { AUBE, CAF, CDC, documentOf, fullDocument, LAIGLE, put, RAI } from '../../support/documents.ts'
import { openRegistry } from '../../support/registry.ts'
import { asOf, instantOf, look, pathsOf, type Seen } from '../../support/timeline.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)
const before = { predecessor: 'before' }
await put(registry, 'before', documentOf({ startsOn: '2017', endsOn: '2021' }))
const { body } = await put(registry, 'aigle', fullDocument(before))
const path = `/conventions/${body.convention.id}`
const items = async (list: string) => (await api.get(`${path}/${list}?limit=200`)).body.data
const [one, below, two] = await items('axes')
const [action] = await items('actions')
const [site] = await items('service-sites')
const [amendment] = await items('amendments')
const [caf, , rai] = await items('signatories')

const linkNewSite = async (name: string) => {
  const { id } = await api.create('/service-sites', { name })
  await api.put(`${path}/service-sites/${id}`)
}

const story: [string, () => Promise<unknown>][] = [
  ['a document was put', async () => undefined],
  ['an amendment takes effect later', () => api.change(`/amendments/${amendment.id}`, { effectiveOn: '2024' })],
  ['the end moves', () => api.create(`${path}/amendments`, { kinds: ['extend-period'], endsOn: '2028' })],
  ['a signatory leaves', () => api.change(`/signatories/${rai.id}`, { endsOn: '2025-03' })],
  ['the signature is known, the start is not', () => api.change(path, { startsOn: null, signedOn: '2023-06-15' })],
  ['an axis moves behind the others', () => api.change(`/axes/${one.id}`, { number: 7 })],
  ['an axis goes below another one', () => api.change(`/axes/${one.id}`, { parentId: two.id, number: 1 })],
  ['an axis is renamed', () => api.change(`/axes/${below.id}`, { title: 'Un autre titre' })],
  ['an action gets another code', () => api.change(`/actions/${action.id}`, { code: '10', partnerIds: [] })],
  ['an organization is renamed', () => api.change(`/organizations/${caf.organizationId}`, { name: 'Caf' })],
  ['a site moves', () => api.change(`/service-sites/${site.id}`, { communeCode: '61342', name: 'Autre lieu' })],
  ['a site is linked', () => linkNewSite('Lieu de plus')],
  [
    'a document lists more organizations',
    () => put(registry, 'aigle', fullDocument({ organizations: [CAF, CDC, LAIGLE, RAI, AUBE], ...before })),
  ],
  ['a document lists less', () => put(registry, 'aigle', documentOf({ organizations: [CAF, LAIGLE] }))],
  ['it is hidden', () => api.change(path, { state: 'draft' })],
  ['an axis is added while it is hidden', () => api.create(`${path}/axes`, { title: 'caché' })],
  ['a site is linked while it is hidden', () => linkNewSite('Lieu caché')],
  ['it is published again', () => api.change(path, { state: 'signed' })],
  ['it is terminated', () => api.change(path, { state: 'terminated', terminatedOn: '2024-05' })],
]

const timeline: Seen[] = []
for (const [step, work] of story) {
  await work()
  const answers = await look(registry, await pathsOf(registry, body.convention.id))
  timeline.push({ step, at: await instantOf(registry), answers })
}

/** Each answer of then is given again; what is hidden is not found. */
async function compare(t: Test, seen: Seen[], isHidden: (place: string) => boolean) {
  for (const { step, at, answers } of seen) {
    const asked = [...answers.keys()].filter((place) => place.startsWith('key ')).map((place) => place.slice(4))
    const again = await look(registry, asked, at)
    const wrong = [...answers].filter(([place, told]) => again.get(place) !== (isHidden(place) ? '404' : told))
    t.same(
      wrong.map(([place, told]) => ({ place, told, again: again.get(place) })),
      [],
      step,
    )
  }
}

t.test('every read answers with asOf what it answered then', (t) => compare(t, timeline, () => false))

/** Enough of them to see whether it is found at all. */
const some = timeline.filter((_, i) => i % 6 === 3)

t.test('what is a draft today is not found at any instant, but by those who see drafts', async (t) => {
  await api.change(path, { state: 'draft' })
  const before = `/v1/conventions/${(await api.get('/conventions?limit=1')).body.data[0].id}`
  await compare(t, some, (place) => place.startsWith('everybody') && !isAlwaysPublic(place) && !place.endsWith(before))
  await api.change(path, { state: 'signed' })
})

const isAlwaysPublic = (place: string) => / \/v1\/(organizations|service-sites)\//.test(place)

t.test('what is deleted is found before its end, with all that was under it, and not after it', async (t) => {
  t.equal((await api.delete(path)).status, 204)
  await compare(t, some, () => false)
  const at = await instantOf(registry)
  for (const part of ['', '/document', '/actions', '/service-sites'])
    t.equal((await api.get(asOf(path + part, at))).status, 404)
})
