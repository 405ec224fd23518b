/** Partial dates and printed codes: the database and the service mean the same days, and 2 comes before 10. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { dayBefore, firstDay, lastDay } from '../../src/engine/partial-date.ts'
import { isPartialDate } from '../../src/http/schema/formats.ts'
import { column, openTestDatabase, refusal, value } from '../support/rows.ts'

const db = await openTestDatabase(t)

interface Meaning {
  isValid: boolean
  first: string | null
  last: string | null
  before: string | null
}

/** What the database makes of texts; the days of those only that are dates. */
async function inDatabase(texts: string[]): Promise<Meaning[]> {
  const { rows } = await sql<Meaning>`
    select valid_partial_date(d) as "isValid", case when valid_partial_date(d) then first_day(d) end as first,
      case when valid_partial_date(d) then last_day(d) end as last,
      case when valid_partial_date(d) then first_day(d) - 1 end as before
    from unnest(${texts}::text[]) with ordinality as given (d, place) order by place`.execute(db)
  return rows
}

function inService(text: string): Meaning {
  const isValid = isPartialDate(text)
  const first = isValid ? firstDay(text) : null
  return { isValid, first, last: isValid ? lastDay(text) : null, before: first && dayBefore(first) }
}

const digits = (length: number, max: number) => fc.nat(max).map((part) => String(part).padStart(length, '0'))
const nearlyDate = fc
  .tuple(digits(4, 2400), digits(2, 14), digits(2, 33), fc.constantFrom(4, 7, 10))
  .map(([year, month, day, length]) => `${year}-${month}-${day}`.slice(0, length))
const anyText = fc.oneof(
  { weight: 6, arbitrary: nearlyDate },
  fc.tuple(nearlyDate, fc.constantFrom('\n', ' ', '-', '-1', 'Z', 'T00:00', '\u0661', 'x')).map(([a, b]) => a + b),
  fc.stringMatching(/^[\d\-٠-٩ +]{0,12}$/),
)

t.test('every month of the years around a leap day or a border means the same days in both', async (t) => {
  const two = (part: number) => String(part).padStart(2, '0')
  const texts = [1899, 1900, 1999, 2000, 2023, 2024, 2100, 2199, 2200].flatMap((year) => [
    `${year}`,
    ...Array.from({ length: 14 }, (_, month) => `${year}-${two(month)}`).flatMap((month) => [
      month,
      ...Array.from({ length: 33 }, (_, day) => `${month}-${two(day)}`),
    ]),
  ])
  const found = await inDatabase(texts)
  t.same(
    texts.filter((text, i) => JSON.stringify(found[i]) !== JSON.stringify(inService(text))),
    [],
  )
  t.ok(found.filter(({ isValid }) => isValid).length > 2_500)
})

t.test('any text means the same in both', async () => {
  const same = fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 100 }), async (texts) => {
    assert.deepEqual(await inDatabase(texts), texts.map(inService))
  })
  await fc.assert(same, { numRuns: 25 })
})

t.test('a start means its first day, an end its last; there are leap days', async (t) => {
  const days: [date: string, first: string, last: string][] = [
    ['2022', '2022-01-01', '2022-12-31'],
    ['2022-04', '2022-04-01', '2022-04-30'],
    ['2023-02', '2023-02-01', '2023-02-28'],
    ['2024-02', '2024-02-01', '2024-02-29'],
    ['2000-02', '2000-02-01', '2000-02-29'],
    ['2100-02', '2100-02-01', '2100-02-28'],
    ['2024-12', '2024-12-01', '2024-12-31'],
    ['2024-02-29', '2024-02-29', '2024-02-29'],
  ]
  for (const [date, first, last] of days) {
    t.same(await inDatabase([date]), [{ ...inService(date), first, last }], date)
  }
  t.same(await value(db, sql`select (first_day(null), last_day(null), valid_partial_date(null)) is null`), true)
})

t.test('a column of partial dates refuses by its name, never by an error of dates', async (t) => {
  for (const wrong of ['2023-02-29', '2022-13', '0000', '1899', '+12022', '2022-1', '', 'soon']) {
    const refused = await refusal(value(db, sql`select ${wrong}::partial_date`))
    t.match(refused, { code: '23514', constraint: 'partial_date_valid' }, wrong)
  }
})

t.test('printed codes sort as people count; without a code comes last', async (t) => {
  const inOrder = [
    '',
    '1',
    '1.2',
    '1.2.1',
    '1.10',
    '1a',
    '2',
    '02b',
    '9',
    '10',
    '0010.1',
    'A1',
    'a2',
    'A10',
    'Axe 1',
    'axe 2',
  ]
  inOrder.push('axe 12', 'B', '~1', 'É1', '→', '\u{1F3E1}')
  const shuffled = [null, ...inOrder.toReversed()]
  const sorted = sql`select code from unnest(${shuffled}::text[]) code order by natural_key(code) collate "C"`
  t.same(await column(db, sorted), [...inOrder, null])
})

t.test('numbers sort by their value wherever they stand', async () => {
  const number = fc.nat(2 ** 31 - 1)
  const byValue = fc.asyncProperty(fc.array(fc.tuple(number, number), { maxLength: 60 }), async (pairs) => {
    const sorted = pairs.toSorted(([a, b], [c, d]) => a - c || b - d).map(([a, b]) => `Axe ${a}.${b}`)
    const codes = pairs.map(([a, b]) => `Axe ${a}.${b}`)
    const query = sql`select code from unnest(${codes}::text[]) code order by natural_key(code) collate "C"`
    assert.deepEqual(await column(db, query), sorted)
  })
  await fc.assert(byValue, { numRuns: 25 })
})
