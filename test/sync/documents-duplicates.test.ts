/** Duplicates: a new key that describes what is there already is refused, and takes it over where no source has it. */
import t from 'tap'
import { apiOf, outcomeOf } from '../support/api.ts'
import {
  CAF,
  countsOf,
  documentOf,
  type Fields,
  fullDocument,
  getDocument,
  put,
  stateOf,
} from '../support/documents.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

t.test('a convention of the same Caf, perimeter and time is a 409 that names it, whatever its source', async (t) => {
  const one = await put(registry, 'one', documentOf())
  const { id } = one.body.convention
  const before = await stateOf(registry)
  for (const options of [{}, { source: 'other' }, { dryRun: true }]) {
    const refused = await put(registry, 'two', documentOf({ startsOn: '2026', endsOn: '2030' }), {
      link: null,
      ...options,
    })
    t.equal(outcomeOf(refused), '409 duplicate-convention', refused.text)
    t.same(refused.body.conflictsWith, [{ type: 'convention', id }])
  }
  t.same(await stateOf(registry), before)
  t.equal(
    (await put(registry, 'one', documentOf({ title: 'Autre' }), { link: null })).status,
    200,
    'a known key is no question',
  )
  t.equal((await put(registry, 'one', documentOf(), { link: id })).status, 200, 'nor is its link looked at')
  const foreign = await put(registry, 'two', documentOf(), { link: id })
  t.match(foreign, { status: 409, body: { type: '/problems/other-source', detail: /caf-61/ } })
})

t.test('another perimeter, time or Caf is another convention, and so is the one that it renews', async (t) => {
  const others: Fields[] = [
    { territories: [] },
    { territories: ['epci:200068468', 'commune:61214'] },
    { startsOn: '2027', endsOn: '2030' },
    { startsOn: null, endsOn: null },
    { caf: 'caf-14', organizations: [{ ...CAF, key: 'caf-14', territory: 'departement:14', name: 'Caf du Calvados' }] },
    { predecessor: 'one', startsOn: '2026', endsOn: '2026' },
  ]
  for (const [i, other] of others.entries()) {
    const answer = await put(registry, `other-${i}`, documentOf(other), { link: null })
    t.equal(answer.status, 201, answer.text)
    await api.delete(`/sources/caf-61/conventions/other-${i}`, null)
  }
})

t.test('link=none makes another one; a link to nothing is a 400', async (t) => {
  t.equal((await put(registry, 'three', documentOf(), { link: 'none' })).status, 201)
  const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'
  for (const link of [nobody, 'one'])
    t.equal(outcomeOf(await put(registry, 'four', documentOf(), { link })), '400 invalid-parameter')
})

t.test('link takes over what people made, with what the document describes of it', async (t) => {
  const made = await byHand()
  const before = (await stateOf(registry)).versions.length
  const taken = await put(registry, 'ours', fullDocument({ territories: ['commune:61214'] }), {
    source: 'taker',
    link: made.convention,
  })
  t.equal(taken.status, 200, taken.text)
  const { body } = await getDocument(registry, 'ours', 'taker')
  t.equal(body.id, made.convention)
  const idOf = (list: string, key: string) => body[list].find((one: Fields) => one.key === key)?.id
  t.same(
    [
      idOf('amendments', 'avenant-1'),
      idOf('signatories', 'caf'),
      idOf('axes', '1'),
      idOf('actions', 'reseau'),
      idOf('serviceSites', 'bus'),
    ],
    [made.amendment, made.signatory, made.axis, made.action, made.site],
  )
  t.equal((await stateOf(registry)).versions.length - before, countsOf(taken)[0], 'nothing is made twice')
  const again = await put(registry, 'ours', fullDocument({ territories: ['commune:61214'] }), { source: 'taker' })
  t.same(countsOf(again), [0, 0, 0, 15])
  t.equal(
    (await api.get(`/actions/${made.other}`)).status,
    200,
    'what the document does not describe stays with those who made it',
  )
})

t.test('only who may write a convention takes it over', async (t) => {
  const { id: organizationId } = await api.create('/organizations', { kind: 'caf', name: 'Caf du Rhône' })
  const { convention } = await byHand('commune:61008')
  const { secret } = await createKey(registry.db, 'rhone', { role: 'editor', organizationId })
  const refused = await put(registry, 'theirs', documentOf(), { source: 'rhone', link: convention, key: secret })
  t.equal(outcomeOf(refused), '403 forbidden')
})

/** A convention that people made, with one of each type under it that the document of tests describes, and one more. */
async function byHand(territory = 'commune:61214') {
  const { id: cafId } = (await put(registry, 'one', documentOf())).body.objects.find(({ key }: Fields) => key === 'caf')
  const { id } = await api.create('/conventions', {
    title: 'À la main',
    cafId,
    state: 'signed',
    startsOn: '2022',
    endsOn: '2026',
    territories: [territory],
  })
  const path = `/conventions/${id}`
  const amendment = await api.create(`${path}/amendments`, { kinds: ['other'], number: 1 })
  const signatory = await api.create(`${path}/signatories`, { organizationId: cafId })
  const axis = await api.create(`${path}/axes`, { title: 'Soutenir la parentalité', number: 1 })
  const action = await api.create(`${path}/actions`, { title: 'Réseau de parentalité' })
  const other = await api.create(`${path}/actions`, { title: 'Une autre' })
  const site = await api.create('/service-sites', { name: 'Bus des familles' })
  await api.put(`${path}/service-sites/${site.id}`)
  return {
    convention: id,
    amendment: amendment.id,
    signatory: signatory.id,
    axis: axis.id,
    action: action.id,
    other: other.id,
    site: site.id,
  }
}
