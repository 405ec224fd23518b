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
