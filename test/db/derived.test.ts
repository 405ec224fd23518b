/** "On a day" of the contract, rule by rule, as the database keeps it: period, status, the next day of a change. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { firstDay, lastDay } from '../../src/engine/partial-date.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { add, change, column, journalOf, openTestDatabase, row, together, value } from '../support/rows.ts'

const db = await openTestDatabase(t)
const caf = await add(db, 'organization')

const settle = (ids: string[], day: string) => value(db, sql`select settle(${ids}::uuid[], ${day})`)

/** A convention with its amendments, as it is on a day. */
async function on(day: string, values: Row, amendments: Row[] = []): Promise<Row> {
  const id = await together(db, async (trx) => {
    const convention_id = await add(trx, 'convention', { caf_id: caf, ...values })
    for (const [i, amendment] of amendments.entries())
      await add(trx, 'amendment', { convention_id, number: i + 1, ...amendment })
    await sql`select settle(array[${convention_id}::uuid], ${day})`.execute(trx)
    return convention_id
  })
  return (await row(db, 'convention', id)) as Row
}

const signed = { state: 'signed', starts_on: '2022', ends_on: '2026' }

const statuses: [rule: string, values: Row, days: [day: string, status: string][]][] = [
  ['draft if its state is', { ...signed, state: 'draft' }, [['2024-06-01', 'draft']]],
  [
    'upcoming, active, expired by its period, both days inclusive',
    signed,
    [
      ['2021-12-31', 'upcoming'],
      ['2022-01-01', 'active'],
      ['2026-12-31', 'active'],
      ['2027-01-01', 'expired'],
    ],
  ],
  [
    'leap days and months end as the calendar says',
    { ...signed, starts_on: '2020-02-29', ends_on: '2024-02' },
    [
      ['2020-02-28', 'upcoming'],
      ['2020-02-29', 'active'],
      ['2024-02-29', 'active'],
      ['2024-03-01', 'expired'],
    ],
  ],
  [
    'terminated after the last day of terminatedOn, until then as by its period',
    { ...signed, state: 'terminated', terminated_on: '2024' },
    [
      ['2021-12-31', 'upcoming'],
      ['2024-12-31', 'active'],
      ['2025-01-01', 'terminated'],
      ['2027-01-01', 'terminated'],
    ],
  ],
  [
    'terminated from ever when nobody knows since when',
    { ...signed, state: 'terminated' },
    [
      ['2021-12-31', 'terminated'],
      ['2024-06-01', 'terminated'],
    ],
  ],
  [
    'expired first when it was to be terminated after its end',
    { ...signed, state: 'terminated', terminated_on: '2027-03' },
    [
      ['2027-03-31', 'expired'],
      ['2027-04-01', 'terminated'],
    ],
  ],
  ['a day of termination counts only in that state', { ...signed, terminated_on: '2023' }, [['2024-06-01', 'active']]],
  [
    'an unknown start counts as the first day of the signature',
    { state: 'signed', signed_on: '2022-03', ends_on: '2026' },
    [
      ['2022-02-28', 'upcoming'],
      ['2022-03-01', 'active'],
    ],
  ],
  [
    'a known start counts, however late the signature',
    { ...signed, signed_on: '2023-02-15' },
    [['2022-01-01', 'active']],
  ],
  [
    'an unknown start without a signature is past, an unknown end is not reached',
    { state: 'signed' },
    [
      ['1900-01-01', 'active'],
      ['2199-12-31', 'active'],
    ],
  ],
]

for (const [rule, values, days] of statuses) {
  t.test(`status: ${rule}`, async (t) => {
    for (const [day, status] of days) t.equal((await on(day, values)).status, status, day)
  })
}

t.test('the period gives what is known, in full days', async (t) => {
  const period = async (values: Row) => (await on('2024-06-01', values)).period
  t.same(await period(signed), { from: '2022-01-01', to: '2026-12-31' })
  t.same(await period({ starts_on: '2020-02', ends_on: '2024-02' }), { from: '2020-02-01', to: '2024-02-29' })
  t.same(await period({ signed_on: '2022-03-17' }), { from: null, to: null }, 'a signature is no start')
  t.same(await period({ state: 'draft', ends_on: '2026' }), { from: null, to: '2026-12-31' })
  const terminated = async (terminated_on: string | null, values: Row = {}) =>
    ((await period({ ...signed, state: 'terminated', terminated_on, ...values })) as { to: string }).to
  t.equal(await terminated('2024'), '2024-12-31', 'the earlier of the end and the termination')
  t.equal(await terminated('2030'), '2026-12-31')
  t.equal(await terminated(null), '2026-12-31')
  t.equal(await terminated('2024', { ends_on: null }), '2024-12-31', 'an unknown end comes later')
  t.equal(await terminated('2020'), '2022-01-01', 'never before the start')
  t.equal(await terminated('2024', { state: 'signed' }), '2026-12-31', 'of a terminated one only')
})

const extensions: [rule: string, amendments: Row[], to: string][] = [
  ['that of an amendment', [{ ends_on: '2027' }], '2027-12-31'],
  ['that of the convention when no amendment has one', [{ effective_on: '2024' }], '2026-12-31'],
  ['an amendment may shorten', [{ ends_on: '2024-06' }], '2024-06-30'],
  [
    'the latest by effectiveOn, whatever the number and the signature',
    [
      { ends_on: '2029', effective_on: '2025', signed_on: '2023' },
      { ends_on: '2028', effective_on: '2024', signed_on: '2026' },
    ],
    '2029-12-31',
  ],
  [
    'by the signature where effectiveOn is unknown',
    [
      { ends_on: '2029', signed_on: '2025-02' },
      { ends_on: '2028', effective_on: '2025-01-31' },
    ],
    '2029-12-31',
  ],
  ['unknown dates come first', [{ ends_on: '2027', signed_on: '1999' }, { ends_on: '2028' }], '2027-12-31'],
  ['then the number', [{ ends_on: '2027' }, { ends_on: '2028' }], '2028-12-31'],
  [
    'the number among the same days, however they are written',
    [
      { ends_on: '2027', effective_on: '2024-01-01', number: 3 },
      { ends_on: '2028', effective_on: '2024', number: 2 },
    ],
    '2027-12-31',
  ],
  [
    'a later one without an end does not count',
    [{ ends_on: '2027', effective_on: '2023' }, { effective_on: '2025' }],
    '2027-12-31',
  ],
]

for (const [rule, amendments, to] of extensions) {
  t.test(`the end of the period: ${rule}`, async (t) => {
    const convention = await on('2026-12-31', signed, amendments)
    t.same(convention.period, { from: '2022-01-01', to })
    t.equal(convention.to_day, to)
    t.equal(convention.status, to < '2026-12-31' ? 'expired' : 'active')
  })
}

const partialDate = fc.oneof(
  fc.integer({ min: 2020, max: 2026 }).map(String),
  fc.constantFrom('2022-02', '2024-02', '2023-12', '2024-02-29', '2024-12-31', '2025-01-01', '2023-06-15'),
)
const dates = fc.record({
  state: fc.constantFrom('draft', 'signed', 'terminated'),
  starts_on: fc.option(partialDate),
  ends_on: fc.option(partialDate),
  signed_on: fc.option(partialDate),
  terminated_on: fc.option(partialDate),
})

/** The contract's sentence once more, in TypeScript. */
function statusOf(day: string, { state, ...given }: Record<string, string | null>): string {
  if (state === 'draft') return 'draft'
  const terminated = lastDay(given.terminated_on)
  if (state === 'terminated' && (terminated === null || day > terminated)) return 'terminated'
  const from = firstDay(given.starts_on) ?? firstDay(given.signed_on)
  const to = lastDay(given.ends_on)
  if (from !== null && day < from) return 'upcoming'
  return to !== null && day > to ? 'expired' : 'active'
}

t.test('whatever the dates, the status is right and stays so until the day that is kept for the clock', async () => {
  const rightOrder = dates.filter(({ starts_on, ends_on }) => {
    const [from, to] = [firstDay(starts_on), lastDay(ends_on)]
    return from === null || to === null || from <= to
  })
  const kept = fc.asyncProperty(rightOrder, async (values) => {
    let day = '2019-06-01'
    const { id } = await on(day, values)
    for (let changes = 0; changes < 5; changes++) {
      const { status, status_due: due } = (await row(db, 'convention', id as string)) as Row
      assert.equal(status, statusOf(day, values))
      const until = due === null ? '2199-12-31' : (due as string)
      const between = sql`select distinct to_char(d, 'YYYY-MM-DD') from unnest(array[${day}::date, ${until}::date - 1,
        ${day}::date + (${until}::date - ${day}::date) / 2]) d where d >= ${day}::date`
      for (const one of await column(db, between))
        assert.equal(statusOf(one as string, values), status, `${day} ${one}`)
      if (due === null) return
      assert.ok(until > day)
      day = until
      await settle([id as string], day)
    }
    assert.fail('a status changes three times at most')
  })
  await fc.assert(kept, { numRuns: 40 })
})

t.test('a status that stays makes no version on the day that was kept for it', async (t) => {
  const { id } = await on('2024-06-01', { ...signed, state: 'terminated' })
  t.match(await row(db, 'convention', id as string), { version: 1, status_due: '2027-01-01' })
  await settle([id as string], '2027-01-01')
  t.match(await row(db, 'convention', id as string), { version: 1, status_due: null })
  t.same(await journalOf(db, id as string), ['created 1'])
})

t.test('the clock writes those that are due, one version each, and nothing when it comes again', async (t) => {
  const due = (await on('2026-12-30', signed)).id as string
  const later = (await on('2026-12-30', { ...signed, ends_on: '2027-01' })).id as string
  const clock = (day: string) =>
    value(db, sql`select settle(array(select id from convention where status_due <= ${day}), ${day})`)
  const commits = sql`select count(*) from commit`
  await clock('2026-12-31')
  t.same([await journalOf(db, due), await journalOf(db, later)], [['created 1'], ['created 1']])
  await clock('2027-01-01')
  const before = await value(db, commits)
  await clock('2027-01-01')
  t.equal(await value(db, commits), before)
  t.same([await journalOf(db, due), await journalOf(db, later)], [['created 1', 'updated 2'], ['created 1']])
  await clock('2027-03-01')
  t.same(await journalOf(db, later), ['created 1', 'updated 2'])
  t.match(await row(db, 'convention', later), { status: 'expired', status_due: null })
})

t.test('a change of what it comes from is settled in the same version', async (t) => {
  const id = (await on('2024-06-01', signed)).id as string
  await together(db, async (trx) => {
    await change(trx, 'convention', id, { ends_on: '2023' })
    await sql`select settle(array[${id}::uuid], '2024-06-01')`.execute(trx)
  })
  t.same(await journalOf(db, id), ['created 1', 'updated 2'])
  t.match(await row(db, 'convention', id), { status: 'expired', period: { to: '2023-12-31' }, status_due: null })
})
