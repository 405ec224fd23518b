/** What the database derives from several rows: bound days of signatories, successors, the conventions of a site. */
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/db/database.ts'
import { ownDays } from '../../src/domain/signatories/rules.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import {
  add,
  change,
  column,
  journalOf,
  link,
  openTestDatabase,
  refusal,
  remove,
  row,
  together,
  unlink,
  value,
} from '../support/rows.ts'

const TODAY = '2024-06-01'
const db = await openTestDatabase(t)
const caf = await add(db, 'organization')
const newConvention = (values: Row = {}) => add(db, 'convention', { caf_id: caf, starts_on: '2022', ...values })
const settle = (ids: string[], trx: Database = db) => value(trx, sql`select settle(${ids}::uuid[], ${TODAY})`)
const settleSites = (ids: string[], trx: Database = db) => value(trx, sql`select settle_sites(${ids}::uuid[])`)

/** The days on which a new signatory is bound by itself, as Postgres prints a range: the end is the day after. */
async function bound(values: Row, joined?: Row, left?: Row): Promise<unknown> {
  const convention_id = await newConvention()
  const amendment = (number: number, dates?: Row) =>
    dates ? add(db, 'amendment', { convention_id, number, ...dates }) : null
  const [amendment_id, exit_amendment_id] = [await amendment(1, joined), await amendment(2, left)]
  const signing = { convention_id, organization_id: caf, amendment_id, exit_amendment_id }
  const id = await add(db, 'signatory', { ...signing, ...values })
  await settle([convention_id])
  return (await row(db, 'signatory', id))?.bound
}

t.test('a signatory is bound from its own start to the earliest of its ends', async (t) => {
  t.equal(await bound({}), '(,)', 'nothing of its own: the days of the convention')
  t.equal(await bound({ signed_on: '2023', deliberated_on: '2023' }), '(,)', 'its own signature never counts')
  t.equal(await bound({ starts_on: '2023-02' }), '[2023-02-01,)')
  t.equal(await bound({ ends_on: '2024-02' }), '(,2024-03-01)', 'to the last day of a leap February')
  t.equal(await bound({}, { effective_on: '2023', signed_on: '2022-06' }), '[2023-01-01,)')
  t.equal(await bound({}, { signed_on: '2022-06' }), '[2022-06-01,)', 'by the signature of its amendment')
  t.equal(await bound({}, {}), '(,)', 'an amendment without a date')
  t.equal(await bound({ starts_on: '2022-03' }, { effective_on: '2023' }), '[2022-03-01,)', 'its own start first')
  t.equal(await bound({}, undefined, { effective_on: '2024', signed_on: '2023' }), '(,2024-01-01)', 'the day before')
  t.equal(await bound({}, undefined, { signed_on: '2023-06' }), '(,2023-06-01)')
  t.equal(await bound({ ends_on: '2023' }, undefined, { effective_on: '2025' }), '(,2024-01-01)', 'the earlier end')
  t.equal(await bound({ ends_on: '2026' }, undefined, { effective_on: '2025' }), '(,2025-01-01)')
  t.equal(await bound({ starts_on: '2025' }, undefined, { effective_on: '2024' }), 'empty', 'left before it began')
  t.equal(await bound({ starts_on: '2024' }, undefined, { effective_on: '2024' }), 'empty')
})

t.test('whatever the dates, the bound days are those that the service computes', async (t) => {
  const date = fc.option(fc.constantFrom('2022', '2022-06', '2023-01-01', '2023', '2024-02', '2024-02-29', '2025'))
  const signing = fc.record({
    starts_on: date,
    ends_on: date,
    joined: fc.option(fc.nat(3)),
    left: fc.option(fc.nat(3)),
  })
  const amendments = fc.array(fc.record({ effective_on: date, signed_on: date }), { minLength: 4, maxLength: 4 })
  const same = fc.asyncProperty(amendments, fc.array(signing, { maxLength: 12 }), async (dates, signings) => {
    const valid = signings.filter((one) => !one.starts_on || !one.ends_on || one.starts_on <= one.ends_on)
    const convention_id = await newConvention()
    const ids = await Promise.all(dates.map((one, i) => add(db, 'amendment', { convention_id, number: i + 1, ...one })))
    const named = (place: number | null) => (place === null ? null : ids[place])
    const expected: Row[] = []
    for (const { joined, left, ...own } of valid) {
      const by = { amendment_id: named(joined), exit_amendment_id: named(left) }
      const values = { ...own, ...by, convention_id, organization_id: await add(db, 'organization') }
      const dated = (place: number | null) => {
        const one = place === null ? undefined : dates[place]
        return one && { effectiveOn: one.effective_on, signedOn: one.signed_on }
      }
      const days = ownDays({ startsOn: own.starts_on, endsOn: own.ends_on }, dated(joined), dated(left))
      const isEmpty = days.from !== null && days.to !== null && days.from > days.to
      const id = await add(db, 'signatory', values)
      expected.push({ id, ...(isEmpty ? { isEmpty, from: null, to: null } : { isEmpty, ...days }) })
    }
    await settle([convention_id])
    const { rows } = await sql<Row>`select id, isempty(bound) as "isEmpty", lower(bound) as from, upper(bound) - 1 as to
      from signatory where convention_id = ${convention_id}`.execute(db)
    t.same(new Map(rows.map((one) => [one.id, one])), new Map(expected.map((one) => [one.id, one])))
  })
  await fc.assert(same, { numRuns: 10 })
})

t.test('one organization is not bound twice on a day by one convention', async (t) => {
  const convention_id = await newConvention()
  const sign = (values: Row, trx = db) =>
    together(trx, async (own) => {
      const id = await add(own, 'signatory', { convention_id, organization_id: caf, ...values })
      await settle([convention_id], own)
      return id
    })
  const first = await sign({ ends_on: '2023-06' })
  t.match(await refusal(sign({ starts_on: '2023-06-30' })), { code: '23P01', constraint: 'signatory_bound_once' })
  await sign({ starts_on: '2023-07-01' })
  t.match(await refusal(sign({})), { constraint: 'signatory_bound_once' })
  await sign({ starts_on: '2022', ends_on: '2022', organization_id: await add(db, 'organization') })
  await sign({ convention_id: await newConvention() })
  const later = together(db, async (trx) => {
    await change(trx, 'signatory', first, { ends_on: '2024' })
    await settle([convention_id], trx)
  })
  t.match(await refusal(later), { constraint: 'signatory_bound_once' }, 'nor by a later change')
})

t.test('an amendment that gets a date binds those who joined by it; only hidden days change', async (t) => {
  const convention_id = await newConvention()
  const amendment_id = await add(db, 'amendment', { convention_id })
  const id = await add(db, 'signatory', { convention_id, organization_id: caf, amendment_id })
  await settle([convention_id])
  await change(db, 'amendment', amendment_id, { effective_on: '2023' })
  await settle([convention_id])
  t.match(await row(db, 'signatory', id), { bound: '[2023-01-01,)', version: 1 })
})

t.test('successors are those that renew it, in order, without drafts', async (t) => {
  const first = await newConvention()
  const [two, one, draft] = [
    await newConvention({ predecessor_id: first }),
    await newConvention({ predecessor_id: first, state: 'terminated' }),
    await newConvention({ predecessor_id: first, state: 'draft' }),
  ]
  const successors = async () => (await row(db, 'convention', first))?.successor_ids
  await settle([first])
  t.same(await successors(), [one, two].sort())
  await change(db, 'convention', draft, { state: 'signed' })
  await remove(db, 'convention', one)
  await settle([first])
  t.same(await successors(), [two, draft].sort())
  t.same(await journalOf(db, first), ['created 1', 'updated 2', 'updated 3'])
  await settle([first])
  t.same(await journalOf(db, first), ['created 1', 'updated 2', 'updated 3'])
})

t.test('two that renew the same one at once are both among its successors', async (t) => {
  const first = await newConvention()
  const renew = (wait: number) =>
    together(db, async (trx) => {
      const id = await add(trx, 'convention', { caf_id: caf, predecessor_id: first })
      await settle([id, first], trx)
      await sleep(wait)
      return id
    })
  const ids = await Promise.all([renew(100), renew(0), renew(50)])
  t.same((await row(db, 'convention', first))?.successor_ids, ids.sort())
})

t.test('a site names the public conventions that it is linked to, in order', async (t) => {
  const site = await add(db, 'service_site')
  const ids = [
    await newConvention(),
    await newConvention({ state: 'terminated' }),
    await newConvention({ state: 'draft' }),
  ]
  const [first = '', second = '', draft = ''] = ids
  for (const id of ids) await link(db, id, site)
  const named = async () => {
    await settleSites([site])
    return (await row(db, 'service_site', site))?.convention_ids
  }
  t.same(await named(), [first, second].sort())
  await change(db, 'convention', draft, { state: 'signed' })
  await unlink(db, first, site)
  t.same(await named(), [second, draft].sort())
  await remove(db, 'convention', second)
  t.same(await named(), [draft])
  t.same(await named(), [draft])
  t.equal((await row(db, 'service_site', site))?.version, 4, 'a version for each change, none without')
})

t.test('a site whose conventions are published at once names both', async (t) => {
  const site = await add(db, 'service_site')
  const ids = [await newConvention({ state: 'draft' }), await newConvention({ state: 'draft' })]
  for (const id of ids) await link(db, id, site)
  const publish = (id: string, wait: number) =>
    together(db, async (trx) => {
      await change(trx, 'convention', id, { state: 'signed' })
      await settle([id], trx)
      await settleSites([site], trx)
      await sleep(wait)
    })
  await Promise.all(ids.map((id, i) => publish(id, 100 - 50 * i)))
  t.same((await row(db, 'service_site', site))?.convention_ids, ids.sort())
})

t.test('the real story: two bound at first, four from 2020, nobody after the end', async (t) => {
  const convention_id = await newConvention({ starts_on: '2018', ends_on: '2021' })
  const amendment_id = await add(db, 'amendment', { convention_id, effective_on: '2020-01' })
  for (const joined of [null, null, amendment_id, amendment_id])
    await add(db, 'signatory', { convention_id, organization_id: await add(db, 'organization'), amendment_id: joined })
  await settle([convention_id])
  const days = ['2017-12-31', '2018-01-01', '2019-12-31', '2020-01-01', '2021-12-31', '2022-01-01']
  const counts = sql`select (select count(*)::int from signatory s join convention c on c.id = s.convention_id
      where c.id = ${convention_id} and s.bound * daterange(c.from_day, c.to_day, '[]') @> day)
    from unnest(${days}::date[]) with ordinality as asked (day, place) order by place`
  t.same(await column(db, counts), [0, 2, 2, 4, 4, 0])
})
