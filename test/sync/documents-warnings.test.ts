/** What is unusual in a document is told and stored all the same. */
import t from 'tap'
import {
  AUBE,
  CAF,
  CDC,
  create,
  documentOf,
  type Fields,
  LAIGLE,
  put,
  THEMES,
  warningsOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
let number = 0

/** The warnings of a document with these changes; it is stored. */
async function warned(changes: Fields): Promise<string[]> {
  number += 1
  const answer = await put(registry, `w${number}`, documentOf(changes))
  if (answer.status !== 201) throw new Error(answer.text)
  return warningsOf(answer)
}

t.test('a usual convention has no warning', async (t) => {
  const signatories = ['caf', 'cdc', 'l-aigle'].map((key) => ({ key, organization: key }))
  t.same(await warned({ organizations: [CAF, CDC, LAIGLE], signatories }), [])
})

t.test('a period longer than six years, told where its end comes from', async (t) => {
  t.same(await warned({ startsOn: '2020', endsOn: '2025' }), [])
  t.same(await warned({ startsOn: '2020', endsOn: '2026-01' }), ['/endsOn long-period'])
  t.same(await warned({ startsOn: '2020-02-29', endsOn: '2026-02-27' }), [])
  const amendments = [{ key: '1', kinds: ['extend-period'], endsOn: '2026', effectiveOn: '2025' }]
  t.same(await warned({ startsOn: '2020', endsOn: '2025', amendments }), ['/amendments long-period'])
})

t.test('a signature more than a year after the start', async (t) => {
  t.same(await warned({ startsOn: '2022', signedOn: '2023-01-01' }), [])
  t.same(await warned({ startsOn: '2022', signedOn: '2023-02-06' }), ['/signedOn late-signature'])
})

t.test('fewer themes than petite enfance, jeunesse, parentalité and one more', async (t) => {
  t.same(await warned({ themes: [] }), ['/themes few-themes'])
  t.same(await warned({ themes: THEMES.filter((theme) => theme !== 'enfance') }), ['/themes few-themes'])
  t.same(await warned({ themes: THEMES.filter((theme) => theme !== 'jeunesse') }), ['/themes few-themes'])
})

t.test('a signatory outside the perimeter: another commune or EPCI, never what is wider', async (t) => {
  const organizations = [
    CAF,
    CDC,
    LAIGLE,
    { key: 'orne', kind: 'departement', name: 'Orne', territory: 'departement:61' },
    { key: 'caen', kind: 'commune', name: 'Caen', territory: 'commune:14118' },
    { key: 'cias', kind: 'cias', name: 'CIAS des Pays de L’Aigle', territory: 'epci:200068468' },
    { key: 'gone', kind: 'epci', name: 'Ancien EPCI', territory: { kind: 'epci', code: '246100374', name: 'Ancien' } },
    { key: 'sans', kind: 'association', name: 'Sans territoire' },
  ]
  const signing = (...keys: string[]) => ({
    organizations,
    signatories: keys.map((key) => ({ key, organization: key })),
  })
  const all = organizations.map(({ key }) => key)
  const outside = ['/signatories/4/organization outside-perimeter', '/signatories/6/organization outside-perimeter']
  t.same(await warned(signing(...all)), outside)
  t.same(await warned({ ...signing('cdc', 'l-aigle'), territories: ['commune:61214'] }), [])
  t.same(await warned({ ...signing('cdc', 'l-aigle', 'cias'), territories: ['departement:61'] }), [])
  t.same(await warned({ ...signing('caen'), territories: [] }), [])
  const gone = { kind: 'epci', code: '246100374', name: 'Ancien' }
  t.same(await warned({ ...signing('l-aigle', 'gone'), territories: [gone] }), [])
})

t.test('an address that looks like that of a person, not one of a function', async (t) => {
  const addresses: [string, boolean][] = [
    ['jeanne.martin@orne.example', true],
    ['j.martin@orne.example', true],
    ['jeanne-marie.martin@orne.example', true],
    ['accueil@orne.example', false],
    ['petite-enfance@orne.example', false],
    ['multi-accueil.aube@orne.example', false],
    ['ctg.laigle@orne.example', false],
    ['contact61@orne.example', false],
  ]
  const serviceSites = addresses.map(([email], i) => ({ key: `${i}`, name: 'Lieu', email }))
  const personal = addresses.flatMap(([, isPersonal], i) =>
    isPersonal ? [`/serviceSites/${i}/email personal-email`] : [],
  )
  t.same(await warned({ serviceSites }), personal)
  const organizations = [
    CAF,
    { key: 'x', kind: 'association', name: 'Relais Nord', email: 'jeanne.martin@nord.example' },
  ]
  t.same(await warned({ organizations }), ['/organizations/1/email personal-email'])
})

t.test('an organization that the registry knows otherwise', async (t) => {
  await create(registry, '/v1/organizations', { ...AUBE, key: undefined, phone: '02 33 24 00 00' })
  const listed = { ...AUBE, name: 'Ville d’Aube', phone: '02 33 24 99 99' }
  t.same(await warned({ organizations: [CAF, listed] }), [
    '/organizations/1/name organization-differs',
    '/organizations/1/phone organization-differs',
  ])
})

t.test('a renewal that begins before what it renews has ended', async (t) => {
  await put(registry, 'renewed', documentOf({ startsOn: '2018', endsOn: '2021' }))
  t.same(await warned({ predecessor: 'renewed' }), [])
  t.same(await warned({ predecessor: 'renewed', startsOn: '2021-12-31', endsOn: '2025' }), [
    '/predecessor overlaps-predecessor',
  ])
})

t.test('a perimeter outside the département of the Caf, and an early end that the state does not say', async (t) => {
  t.same(await warned({ territories: ['commune:14118', 'commune:61214'] }), ['/territories/0 outside-department'])
  t.same(await warned({ terminatedOn: '2026-03-14' }), ['/terminatedOn ended-but-signed'])
  t.same(await warned({ terminatedOn: '2026-03-15' }), [])
  t.same(await warned({ terminatedOn: '2026-03-14', state: 'terminated' }), [])
})

t.test('an end that is no news today is told tomorrow, of the same document', async (t) => {
  const document = documentOf({ terminatedOn: '2026-03-15' })
  for (const warnings of [[], []]) t.same(warningsOf(await put(registry, 'tomorrow', document)), warnings)
  registry.clock.set('2026-03-16T12:00:00Z')
  t.same(warningsOf(await put(registry, 'tomorrow', document)), ['/terminatedOn ended-but-signed'])
  registry.clock.set('2026-03-15T12:00:00Z')
})

t.test('a site that two documents of a source describe differently, each time that one undoes the other', async (t) => {
  const site = { key: 'shared', name: 'Lieu' }
  const put1 = (changes: Fields = {}) => put(registry, 's1', documentOf({ serviceSites: [{ ...site, ...changes }] }))
  const put2 = () => put(registry, 's2', documentOf({ serviceSites: [site] }))
  t.same(warningsOf(await put1()), [])
  t.same(warningsOf(await put2()), [])
  t.same(warningsOf(await put1({ name: 'Autre' })), ['/serviceSites/0 site-differs'])
  t.same(warningsOf(await put1({ name: 'Autre' })), [])
  t.same(warningsOf(await put2()), ['/serviceSites/0 site-differs'])
})

t.test('an organization that a draft makes, which everybody sees', async (t) => {
  const organizations = [CAF, { key: 'new', kind: 'association', name: 'Nouvelle' }]
  t.same(await warned({ state: 'draft', organizations }), ['/organizations/1 public-organization'])
})

t.test('a commune by an arrondissement or a former code: its commune is stored, with a warning', async (t) => {
  const document = documentOf({
    territories: ['commune:69381', { kind: 'commune', code: '69382' }, 'commune:61214'],
    serviceSites: [
      { key: 's', name: 'Lieu', communeCode: '75101', stops: [{ communeCode: '75102' }, { communeCode: '61214' }] },
    ],
  })
  const answer = await put(registry, 'arrondissements', document)
  t.same(
    warningsOf(answer).filter((one) => one.endsWith('former-commune')),
    [
      '/serviceSites/0/communeCode former-commune',
      '/serviceSites/0/stops/0/communeCode former-commune',
      '/territories/0 former-commune',
      '/territories/1 former-commune',
    ],
  )
  t.same(
    answer.body.convention.territories.map(({ code }: Fields) => code),
    ['69123', '61214'],
  )
  const named = { kind: 'commune', code: '69381', name: 'Lyon 1er' }
  const kept = await put(registry, 'named', documentOf({ territories: [named] }))
  t.same(kept.body.convention.territories, [named], 'what comes with its name stays')
})

t.test('warnings come with an unchanged PUT and a dry run too, each with a message', async (t) => {
  const document = documentOf({ themes: [] })
  for (const dryRun of [true, false, false]) {
    const { body } = await put(registry, 'again', document, { dryRun })
    t.match(body.warnings, [{ pointer: '/themes', code: 'few-themes', message: /petite-enfance/ }])
  }
})

t.test('the first thousand warnings are told', async (t) => {
  const serviceSites = Array.from({ length: 1_000 }, (_, i) => ({
    key: `${i}`,
    name: 'Lieu',
    email: 'anne.dupont@a.example',
  }))
  t.equal((await warned({ themes: [], serviceSites })).length, 1_000)
})
