/** Documents that somebody garbled: whatever stands where, the answer is one of the contract, and GET is canonical. */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type Fields, fullDocument, getDocument, put, stateOf } from '../support/documents.ts'
import { brokenRules } from '../support/invariants.ts'
import { openRegistry } from '../support/registry.ts'

const RUNS = 200
const registry = await openRegistry(t)

const documentsOf = (shape: string): Fields[] =>
  JSON.parse(fs.readFileSync(path.join(import.meta.dirname, `shapes/${shape}.json`), 'utf8')).map(withoutKey)
const withoutKey = ({ key: _, ...document }: Fields) => document

type Path = (string | number)[]

/** The place of every value inside a value. */
function places(value: unknown, at: Path = []): Path[] {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [at, ...inside.flatMap(([name, one]) => places(one, [...at, name]))]
}

/** The value with another one at a place; undefined takes it away. */
function withValue(value: unknown, [first, ...rest]: Path, other: unknown): unknown {
  if (first === undefined) return other
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  copy[first] = withValue(copy[first], rest, other)
  return copy
}

const bases = [fullDocument(), ...documentsOf('sevremoine'), ...documentsOf('inventions')]
const STRINGS = [
  '',
  ' ',
  'x',
  'caf',
  '1',
  '1.1',
  'bus',
  'draft',
  'signed',
  'other',
  'caf-orne',
  'commune:61214',
  'parentalite',
]
const ODD = [
  'a\u0000',
  '\ud800',
  '\u202e',
  '2022-02-30',
  'a'.repeat(301),
  [null],
  { key: 'x' },
  [[]],
  ['1', '1'],
  -1,
  2 ** 53,
]
const VALUES = [
  ...STRINGS,
  ...ODD,
  null,
  undefined,
  undefined,
  [],
  {},
  '2020',
  '2025-03',
  0,
  3,
  1.5,
  true,
  false,
  ['1'],
  ['caf'],
]

const change = fc.record({ base: fc.constantFrom(...bases), at: fc.nat(), other: fc.constantFrom(...VALUES) })
const garbled = fc.record({
  first: change,
  more: fc.array(fc.record({ at: fc.nat(), other: fc.constantFrom(...VALUES) }), { maxLength: 1 }),
})

t.test('a garbled document is taken or refused, never a 5xx, and what is taken round-trips', async (t) => {
  let taken = 0
  const property = fc.asyncProperty(garbled, async ({ first, more }) => {
    let document: unknown = first.base
    for (const { at, other } of [first, ...more]) {
      const all = places(document)
      document = withValue(document, all[1 + (at % (all.length - 1))] as Path, other)
    }
    const answer = await put(registry, 'garbled', document)
    if (![200, 201, 409, 422].includes(answer.status)) throw new Error(answer.text)
    if (answer.status === 422 && (answer.body.errors as Fields[]).some(({ pointer }) => typeof pointer !== 'string'))
      throw new Error(answer.text)
    if (answer.status >= 300) return
    taken += 1
    const before = await stateOf(registry)
    const { body, headers } = await getDocument(registry, 'garbled')
    const again = await put(registry, 'garbled', body)
    if (again.status !== 200 || again.headers.etag !== headers.etag) throw new Error(again.text)
    if (JSON.stringify(await stateOf(registry)) !== JSON.stringify(before))
      throw new Error('a PUT of GET changed something')
  })
  await fc.assert(property, { numRuns: RUNS })
  t.ok(taken > 0, `${taken} of ${RUNS} were taken`)
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
