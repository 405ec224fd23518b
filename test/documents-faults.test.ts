/** Everything that is wrong with a document is told at once, each at its place, and nothing is written. */
import t from 'tap'
import { documentBounds } from '../src/sync/schema.ts'
import { ADMIN_KEY } from './support/config.ts'
import { CAF, documentOf, documentPath, type Fields, faultsOf, put, stateOf } from './support/documents.ts'
import { openRegistry } from './support/registry.ts'

const registry = await openRegistry(t)

/** Each fault stands beside what is wrong. */
const FAULTY: [Fields, string[]][] = [
  [{ title: '' }, ['/title empty']],
  [{ state: 'published' }, ['/state unknown-code']],
  [
    { startsOn: '2022-13', signedOn: '2022-02-30' },
    ['/signedOn invalid-partial-date', '/startsOn invalid-partial-date'],
  ],
  [{ caf: 5 }, ['/caf type']],
  [{ predecessor: 'nobody' }, ['/predecessor unknown-reference']],
  [{ ownerId: 7 }, ['/ownerId unknown-field']],
  [{ themes: ['parentalite', 'parentalite', 'sport'] }, ['/themes/1 duplicate', '/themes/2 unknown-code']],
  [
    {
      territories: [
        'epci:200068468',
        'epci:200068468',
        'epci:123456789',
        { kind: 'commune', code: '200068468' },
        { kind: 'epci' },
      ],
    },
    [
      '/territories/1 duplicate',
      '/territories/2 unknown-territory',
      '/territories/3 format',
      '/territories/4/code required',
    ],
  ],
  [{ needs: [{ theme: null }] }, ['/needs/0/description required']],
  [{ documents: [{ kind: 'other', title: 'A', url: 'ftp://example.org' }] }, ['/documents/0/url invalid-web-url']],
  [{ governance: [null] }, ['/governance/0 type']],
  [
    {
      organizations: [
        CAF,
        { key: 'a', kind: 'commune', name: 'A', siren: '200068469' },
        { key: 'b', kind: 'ville', name: 'B', territory: 'commune:6121' },
        { key: 'c', kind: 'association', siren: '200068468', siret: '21610214500011' },
        { key: 'd', kind: 'association', name: 'D', email: 'x', departmentCodes: ['61'] },
      ],
    },
    [
      '/organizations/1/siren checksum',
      '/organizations/2/kind unknown-code',
      '/organizations/2/territory invalid-form',
      '/organizations/3/name required',
      '/organizations/3/siret mismatch',
      '/organizations/4/departmentCodes unknown-field',
      '/organizations/4/email invalid-email',
    ],
  ],
  [
    {
      amendments: [
        { key: 'a', kinds: [] },
        { key: 'b', number: 1, kinds: ['other'] },
        { key: 'c', number: 1000, kinds: ['other'] },
      ],
    },
    ['/amendments/0/kinds too-few', '/amendments/1/number duplicate', '/amendments/2/number too-large'],
  ],
  [
    {
      signatories: [
        { key: 'a', organization: 'caf', startsOn: '2022', endsOn: '2021' },
        { key: 'b', organization: 'b', endsOn: '2023' },
        { key: 'c', organization: 'b', startsOn: '2023-12-31', amendment: 'zzz' },
        { key: 'd', organization: 'nobody' },
        { key: 'e', organization: 'b', startsOn: '2023' },
        { organization: 'caf', startsOn: '2030' },
      ],
    },
    [
      '/signatories/0/endsOn before-start',
      '/signatories/2/amendment unknown-reference',
      '/signatories/3/organization unknown-reference',
      '/signatories/4/organization bound-twice',
      '/signatories/5/key required',
    ],
  ],
  [
    {
      axes: [
        { key: '1', title: 'A', parent: '2' },
        { key: '2', title: 'B', parent: '1' },
        { key: '2', title: 'a'.repeat(301) },
      ],
    },
    ['/axes/0/parent cycle', '/axes/1/parent cycle', '/axes/2/key duplicate', '/axes/2/title too-long'],
  ],
  [
    {
      actions: [
        {
          key: 'a',
          title: 'A',
          axes: ['1', '9', '1'],
          progress: 101,
          recurring: 'yes',
          lead: 'nobody',
          funding: [
            { year: 2023 },
            { year: 1989, funderName: 'X' },
            { year: 2023, funder: 'nobody' },
            { year: 2023, funder: 'caf', plannedCents: 1.5 },
          ],
          indicators: [
            { key: 'i', name: 'I', kind: 'output' },
            { key: 'i', name: 'J', kind: 'impact', baseline: 0.1234567890123456 },
          ],
          reviews: [{ year: 2023, text: 'a\u0000' }],
        },
        { key: 'b', title: 'B', startsOn: '2024-03', endsOn: '2024-02', serviceSites: ['nowhere'] },
        'c',
      ],
    },
    [
      '/actions/0/axes/1 unknown-reference',
      '/actions/0/axes/2 duplicate',
      '/actions/0/funding/0/funderName required',
      '/actions/0/funding/1/year too-small',
      '/actions/0/funding/2/funder unknown-reference',
      '/actions/0/funding/3/plannedCents type',
      '/actions/0/indicators/1/baseline too-precise',
      '/actions/0/indicators/1/key duplicate',
      '/actions/0/lead unknown-reference',
      '/actions/0/progress too-large',
      '/actions/0/recurring type',
      '/actions/0/reviews/0/text invalid-prose',
      '/actions/1/endsOn before-start',
      '/actions/1/serviceSites/0 unknown-reference',
      '/actions/2 type',
    ],
  ],
  [
    {
      serviceSites: [
        { key: 's', name: 'S', latitude: 48.7, postcode: '6130', openingHours: 'Mo-XX', phone: '1' },
        { key: 't', name: 'T', stops: [{ longitude: 0.62812345678 }], conventionIds: [] },
      ],
    },
    [
      '/serviceSites/0/longitude required',
      '/serviceSites/0/openingHours invalid-opening-hours',
      '/serviceSites/0/phone invalid-phone',
      '/serviceSites/0/postcode invalid-form',
      '/serviceSites/1/conventionIds unknown-field',
      '/serviceSites/1/stops/0/longitude too-precise',
    ],
  ],
]

t.test(
  'a document of many faults gets all of them, each with its pointer and code, and nothing is written',
  async (t) => {
    const before = await stateOf(registry)
    const document = documentOf(Object.assign({}, ...FAULTY.map(([fields]) => fields)))
    const answer = await put(registry, 'faulty', document)
    t.equal(answer.status, 422, answer.text)
    t.equal(answer.headers['content-type'], 'application/problem+json')
    const expected = FAULTY.flatMap(([, faults]) => faults)
    t.ok(expected.length > 50)
    const told = faultsOf(answer)
    t.same(
      told.filter((one) => !expected.includes(one)),
      [],
      'nothing more',
    )
    t.same(
      expected.filter((one) => !told.includes(one)),
      [],
      'nothing less',
    )
    t.same(new Set(told).size, told.length, 'each once')
    for (const { message } of answer.body.errors) t.match(message, /^[\p{L}"].{5,}/u)
    t.same(await stateOf(registry), before)
  },
)

t.test('each fault alone is told by itself', async (t) => {
  for (const [fields, faults] of FAULTY) {
    const answer = await put(registry, 'alone', documentOf(fields))
    const alone = faults.filter((fault) => !/^\/signatories\/[24]|^\/actions\/0\/(axes|lead)/.test(fault))
    for (const fault of alone) t.ok(faultsOf(answer).includes(fault), `${fault} of ${faultsOf(answer)}`)
  }
})

t.test('what a faulty object is named by is not told again', async (t) => {
  const answer = await put(registry, 'cascade', {
    title: 'CTG',
    caf: 'caf',
    state: 'signed',
    organizations: [
      { key: 'caf', kind: 'caf' },
      { key: 'a', name: 'A' },
      { key: 'b', name: 'B', kind: 'commune', territory: { kind: 'commune', code: 'x' } },
    ],
    axes: [{ key: '1' }],
    amendments: [{ key: 'x' }],
    serviceSites: [{ key: 's' }],
    signatories: [{ key: 'a', organization: 'a', amendment: 'x' }],
    actions: [{ key: 'z', title: 'Z', axes: ['1'], lead: 'b', serviceSites: ['s'] }],
  })
  t.same(faultsOf(answer), [
    '/amendments/0/kinds required',
    '/axes/0/title required',
    '/organizations/0/name required',
    '/organizations/1/kind required',
    '/organizations/2/territory/code invalid-form',
    '/serviceSites/0/name required',
  ])
})

t.test('a document that is no object, or lacks everything, is a 422', async (t) => {
  for (const body of [[], 'text', 5, null]) {
    const answer = await put(registry, 'odd', JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
    t.same([answer.status, faultsOf(answer)], [422, [' type']], JSON.stringify(body))
  }
  t.same(faultsOf(await put(registry, 'odd', {})), ['/caf required', '/title required'])
})

t.test('null is told where the field may not be null, and is the same as left out where it may', async (t) => {
  const nothing = {
    state: null,
    title: null,
    caf: null,
    territories: null,
    themes: null,
    organizations: null,
    actions: null,
  }
  t.same(faultsOf(await put(registry, 'null', documentOf(nothing))).length, 7)
  const unknown = {
    summary: null,
    startsOn: null,
    predecessor: null,
    reference: null,
    mergedInto: null,
    signedOn: null,
  }
  t.equal((await put(registry, 'null', documentOf(unknown))).status, 201)
})

t.test('lists hold as many as the contract says, and not one more', async (t) => {
  const many = (count: number, of: (i: number) => unknown) => Array.from({ length: count }, (_, i) => of(i))
  const kinds = ['other']
  const organizations = many(documentBounds.signatories + 1, (i) => ({
    key: `${i}`,
    kind: 'association',
    name: `A ${i}`,
  }))
  const lists: [string, (count: number) => Fields][] = [
    ['actions', (count) => ({ actions: many(count, (i) => ({ key: `${i}`, title: 'Action' })) })],
    ['axes', (count) => ({ axes: many(count, (i) => ({ key: `${i}`, title: 'Axe' })) })],
    ['amendments', (count) => ({ amendments: many(count, (i) => ({ key: `${i}`, kinds })) })],
    ['serviceSites', (count) => ({ serviceSites: many(count, (i) => ({ key: `${i}`, name: 'Lieu' })) })],
    [
      'signatories',
      (count) => ({
        organizations: [CAF, ...organizations],
        signatories: many(count, (i) => ({ key: `${i}`, organization: `${i}` })),
      }),
    ],
  ]
  for (const [name, of] of lists) {
    const bound = documentBounds[name as keyof typeof documentBounds]
    const full = await put(registry, `full-${name}`, documentOf(of(bound)))
    t.equal(full.status, 201, `${bound} ${name}: ${full.text.slice(0, 300)}`)
    const over = await put(registry, `full-${name}`, documentOf(of(bound + 1)))
    t.same([over.status, faultsOf(over)], [422, [`/${name} too-many`]])
  }
})

t.test('a document of 8 MB is taken, one byte more is a 413', async (t) => {
  const most = 8 * 1024 * 1024
  const description = 'a'.repeat(20_000)
  const actions = Array.from({ length: 415 }, (_, i) => ({ key: `${i}`, title: 'Action', description }))
  const text = JSON.stringify(documentOf({ actions }))
  const padded = (bytes: number) => text + ' '.repeat(bytes - text.length)
  const send = (body: string) => registry.request('PUT', documentPath('large'), { key: ADMIN_KEY, body })
  t.equal((await send(padded(most))).status, 201)
  t.equal((await send(padded(most + 1))).status, 413)
})

t.test('a thousand faults take no long time, and the first hundred are told', async (t) => {
  const actions = Array.from({ length: 2_000 }, (_, i) => ({
    key: `${i}`,
    title: 5,
    lead: `nobody ${i}`,
    axes: ['x'],
    oddity: i,
  }))
  const start = performance.now()
  const answer = await put(registry, 'thousand', documentOf({ actions }))
  t.same([answer.status, answer.body.errors.length], [422, 100])
  t.ok(performance.now() - start < 3_000)
})
