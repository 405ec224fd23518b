/** Properties of documents: whatever stood before, a PUT leaves what it says, does what its plan says, and no more. */
import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { CAF, CDC, documentOf, type Fields, getDocument, LAIGLE, put, RAI, stateOf } from '../support/documents.ts'
import { brokenRules } from '../support/invariants.ts'
import { openRegistry } from '../support/registry.ts'

const RUNS = 8
const seed = randomInt(2 ** 31)
t.comment(`seed ${seed}`)

const registry = await openRegistry(t)
const lists = ['organizations', 'amendments', 'signatories', 'axes', 'actions', 'serviceSites'] as const

const organizations = [CAF, CDC, LAIGLE, RAI]
const titles = fc.constantFrom('Une', 'Deux', 'Trois')
const some = <T>(all: readonly T[]) => fc.subarray([...all])

/** Entries under some of these keys; which fields each has may depend on the keys that are listed. */
const entries = (keys: readonly string[], fields: (listed: string[]) => Record<string, fc.Arbitrary<unknown>>) =>
  some(keys).chain((listed) =>
    fc
      .tuple(...listed.map((key) => fc.record({ key: fc.constant(key), ...fields(listed) })))
      .map((all) => all as Fields[]),
  )

const numbers = { a: 1, b: 2, c: 3 } as const
const numbered = (all: Fields[]): Fields[] =>
  all.map((one) => ({ ...one, number: numbers[one.key as keyof typeof numbers] }))
/** An axis stands under one of the axes before it, or under none. */
const tree = (all: Fields[]) =>
  numbered(all).map(({ under, ...one }, i) => ({ ...one, parent: under ? (all[i - 1]?.key ?? null) : null }) as Fields)

const keysOf = (list: Fields[]) => list.map(({ key }) => key as string)
const names = organizations.map(({ key }) => key)

const document = fc
  .record({
    amendments: entries(['a', 'b'], () => ({ kinds: fc.constant(['other']), title: titles })).map(numbered),
    axes: entries(['a', 'b', 'c'], () => ({ title: titles, under: fc.boolean() })).map(tree),
    serviceSites: entries(['a', 'b'], () => ({ name: titles, manager: fc.constantFrom(null, ...names) })),
  })
  .chain(({ amendments, axes, serviceSites }) =>
    fc.record({
      ...{ amendments: fc.constant(amendments), axes: fc.constant(axes), serviceSites: fc.constant(serviceSites) },
      title: titles,
      state: fc.constantFrom('signed', 'draft'),
      endsOn: fc.constantFrom('2026', '2027', null),
      summary: fc.option(titles, { nil: null }),
      signatories: entries(names, () => ({
        amendment: fc.constantFrom(null, ...keysOf(amendments)),
        signedOn: fc.constantFrom(null, '2022'),
      })).map((all) => all.map((one) => ({ ...one, organization: one.key }) as Fields)),
      actions: entries(['a', 'b', 'c', 'd'], () => ({
        title: titles,
        axes: some(keysOf(axes)),
        lead: fc.constantFrom(null, ...names),
        partners: some(names),
        serviceSites: some(keysOf(serviceSites)),
        funding: fc.array(fc.record({ year: fc.constant(2023), funder: fc.constantFrom(...names) }), { maxLength: 2 }),
      })),
    }),
  )
  .map((fields) => documentOf({ ...fields, organizations }))

const options = { maxDeletes: 1_000 }
let run = 0
const nextSource = () => `properties-${++run}`

async function expected(source: string, body: Fields, more = {}) {
  const answer = await put(registry, 'doc', body, { source, ...options, ...more })
  if (answer.status > 201) throw new Error(answer.text)
  return answer.body
}

/** What a document says, whatever its ids and versions are and in whatever order of equals it comes. */
async function contentOf(source: string) {
  const { body } = await getDocument(registry, 'doc', source)
  const plain = ({ id: _, version: __, ...one }: Fields) => one
  const sorted = (list: Fields[]) => list.map(plain).toSorted((a, b) => `${a.key}`.localeCompare(`${b.key}`))
  return { ...plain(body), ...Object.fromEntries(lists.map((list) => [list, sorted(body[list])])) } as Fields
}

const check = (property: (first: Fields, second: Fields) => Promise<void>) =>
  fc.assert(fc.asyncProperty(document, document, property), { numRuns: RUNS, seed })

t.test('what stood before leaves nothing behind', async () => {
  await check(async (first, second) => {
    const [one, alone] = [nextSource(), nextSource()]
    await expected(one, first)
    await expected(one, second)
    await expected(alone, second)
    if (!isDeepStrictEqual(await contentOf(one), await contentOf(alone))) throw new Error('the first document shows')
  })
})

const doneOf = (all: Fields[]) => all.map(({ operation, type, key }) => `${operation} ${type} ${key}`).sort()

t.test('the plan of a dry run is what then happens, and what happens is in the journal', async (t) => {
  await check(async (first, second) => {
    const source = nextSource()
    await expected(source, first)
    const planned = await expected(source, second, { dryRun: true })
    const done = await expected(source, second)
    const listed = (done.objects as Fields[]).filter(({ key }) => key !== null)
    if (!isDeepStrictEqual(doneOf(planned.plan), doneOf(listed))) throw new Error('the plan is another')
    if (!isDeepStrictEqual(planned.report, done.report)) throw new Error('the counts are others')
    const changed = (done.objects as Fields[]).filter(({ operation }) => operation !== 'unchanged')
    const written = changed.length === 0 ? [] : await lastWritten()
    // The links of a draft stand in the journal beside its sites.
    const linked = changed.filter(({ id, type }) => type === 'service-site' && !written.includes(id as string))
    if (linked.length > 0 && second.state !== 'draft') throw new Error('a site was not written')
    if (written.length + linked.length !== changed.length) throw new Error('the journal has other rows')
    const { created, updated, deleted } = done.report
    if (created + updated + deleted !== changed.filter(({ key }) => key !== null).length) throw new Error('counts')
  })
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})

/** The ids that the last transaction wrote. */
async function lastWritten(): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from change
    where tx = (select max(tx) from commit) and operation in ('created', 'updated', 'deleted')`.execute(registry.db)
  return rows.map(({ id }) => id)
}

t.test('the plan is minimal: what both documents say alike is unchanged, and each change is one', async () => {
  await check(async (first, second) => {
    const source = nextSource()
    await expected(source, first)
    const { plan } = await expected(source, second, { dryRun: true })
    for (const { operation, changes } of plan as { operation: string; changes: Fields[] }[])
      if (
        operation === 'update' &&
        (changes.length === 0 || changes.some((one) => isDeepStrictEqual(one.old, one.new)))
      )
        throw new Error('an update changes nothing')
    for (const [list, type] of [
      ['axes', 'axis'],
      ['actions', 'action'],
      ['amendments', 'amendment'],
      ['signatories', 'signatory'],
    ] as const)
      for (const entry of second[list] as Fields[]) {
        const isAlike = (first[list] as Fields[]).some((one) => isDeepStrictEqual(one, entry))
        const change = (plan as Fields[]).find((one) => one.type === type && one.key === entry.key)
        if (isAlike && change?.operation !== 'unchanged') throw new Error(`${list} ${entry.key}: ${change?.operation}`)
      }
  })
})

t.test(
  'the same document again is all unchanged, writes nothing, and is answered early as it would be late',
  async () => {
    await check(async (first, second) => {
      const source = nextSource()
      await expected(source, first)
      await expected(source, second)
      const before = await stateOf(registry)
      const early = await expected(source, second)
      await sql`delete from document_result where source = ${source}`.execute(registry.db)
      const late = await expected(source, second)
      const { created, updated, deleted } = late.report
      if (created + updated + deleted > 0) throw new Error('something is changed')
      if (!isDeepStrictEqual(early, late)) throw new Error('the early answer is another')
      if (!isDeepStrictEqual(await stateOf(registry), before)) throw new Error('something is written')
    })
  },
)
