/**
 * Ids in lists and plain references, both ways and at the same time: a wrong name is 23503, what is still named is
 * 23001, and whichever of two transactions comes second waits and is then refused.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import type { Database } from '../../src/db/database.ts'
import {
  add,
  change,
  link,
  openTestDatabase,
  refusal,
  remove,
  row,
  type Table,
  together,
  unlink,
  value,
} from '../support/rows.ts'

const NO_SUCH = '23503'
const IN_USE = '23001'

const db = await openTestDatabase(t, 4)
const caf = await add(db, 'organization')
const newConvention = () => add(db, 'convention', { caf_id: caf })
const convention = await newConvention()
const other = await newConvention()
const funding = (funderId: string) => [{ year: 2024, funderId, funderName: null }]

interface Reference {
  constraint: string
  /** The same constraint, or another one, when what is named is deleted. */
  inUse: string
  /** A new thing that can be named. */
  target: () => Promise<string>
  forget: (trx: Database, id: string) => Promise<unknown>
  /** Where it is named, and the columns that name it; null names nothing. */
  table: Table
  fixed: Record<string, unknown>
  names: (id: string | null) => Record<string, unknown>
}

const organization = {
  target: () => add(db, 'organization'),
  forget: (trx: Database, id: string) => remove(trx, 'organization', id),
}
const onAction = { table: 'action', fixed: { convention_id: convention } } as const
const inList = (column: string) => (id: string | null) => ({ [column]: id ? [id] : [] })
const alone = (column: string) => (id: string | null) => ({ [column]: id })
const asFunder = (id: string | null) => ({ funding: id ? funding(id) : [] })
let number = 0

const lists: Reference[] = [
  {
    ...organization,
    ...onAction,
    constraint: 'action_partners',
    inUse: 'organization_in_use',
    names: inList('partner_ids'),
  },
  { ...organization, ...onAction, constraint: 'action_funders', inUse: 'organization_in_use', names: asFunder },
  {
    ...organization,
    table: 'service_site',
    fixed: {},
    constraint: 'service_site_funders',
    inUse: 'organization_in_use',
    names: asFunder,
  },
  {
    ...onAction,
    target: () => add(db, 'axis', { convention_id: convention, number: ++number }),
    forget: (trx, id) => remove(trx, 'axis', id),
    constraint: 'action_axes',
    inUse: 'axis_in_use',
    names: inList('axis_ids'),
  },
  {
    ...onAction,
    target: async () => {
      const site = await add(db, 'service_site')
      await link(db, convention, site)
      return site
    },
    forget: (trx, id) => unlink(trx, convention, id),
    constraint: 'action_service_sites',
    inUse: 'service_site_in_use',
    names: inList('service_site_ids'),
  },
]

const plain: Reference[] = [
  { ...organization, ...onAction, constraint: 'action_lead', inUse: 'action_lead', names: alone('lead_id') },
  {
    ...organization,
    table: 'service_site',
    fixed: {},
    constraint: 'service_site_manager',
    inUse: 'service_site_manager',
    names: alone('manager_id'),
  },
  {
    table: 'convention',
    fixed: { caf_id: caf },
    target: newConvention,
    forget: (trx, id) => remove(trx, 'convention', id),
    constraint: 'convention_predecessor',
    inUse: 'convention_predecessor',
    names: alone('predecessor_id'),
  },
  {
    table: 'convention',
    fixed: { caf_id: caf },
    target: newConvention,
    forget: (trx, id) => remove(trx, 'convention', id),
    constraint: 'convention_merged_into',
    inUse: 'convention_merged_into',
    names: alone('merged_into_id'),
  },
  {
    ...onAction,
    target: () => add(db, 'action', { convention_id: other }),
    forget: (trx, id) => remove(trx, 'action', id),
    constraint: 'action_carried_from',
    inUse: 'action_carried_from',
    names: alone('carried_from_id'),
  },
  ...['amendment', 'exit_amendment'].map(
    (name): Reference => ({
      table: 'signatory',
      fixed: { convention_id: convention, organization_id: caf, bound: 'empty' },
      target: () => add(db, 'amendment', { convention_id: convention, number: ++number }),
      forget: (trx, id) => remove(trx, 'amendment', id),
      constraint: `signatory_${name}`,
      inUse: `signatory_${name}`,
      names: alone(`${name}_id`),
    }),
  ),
]

for (const { constraint, inUse, target, forget, table, fixed, names } of [...lists, ...plain]) {
  t.test(`${constraint}: what does not exist cannot be named, what is named cannot go`, async (t) => {
    const missing = await refusal(add(db, table, { ...fixed, ...names(randomUUID()) }))
    t.match(missing, { code: NO_SUCH, constraint }, 'inserted')
    const id = await target()
    const user = await add(db, table, { ...fixed, ...names(id) })
    t.match(await refusal(change(db, table, user, names(randomUUID()))), { code: NO_SUCH, constraint }, 'updated')
    t.match(await refusal(forget(db, id)), { code: IN_USE, constraint: inUse })
    await change(db, table, user, names(null))
    t.equal(await refusal(forget(db, id)), undefined, 'it may go once nobody names it')
  })
}

for (const { constraint, inUse, target, forget, table, fixed, names } of lists) {
  t.test(`${constraint}: to name and to delete at once`, async (t) => {
    const deletedFirst = await target()
    const naming = together(db, async (trx) => {
      await forget(trx, deletedFirst)
      const second = refusal(add(db, table, { ...fixed, ...names(deletedFirst) }))
      // Who names it second waits.
      await untilWaiting()
      return { second }
    })
    t.match(await (await naming).second, { code: NO_SUCH, constraint })

    const namedFirst = await target()
    const user = randomUUID()
    const deleting = together(db, async (trx) => {
      await add(trx, table, { ...fixed, ...names(namedFirst), id: user })
      const second = refusal(forget(db, namedFirst))
      // Who deletes it second waits.
      await untilWaiting()
      return { second }
    })
    t.match(await (await deleting).second, { code: IN_USE, constraint: inUse })
    t.ok(await row(db, table, user))
  })
}

t.test('what waits in vain goes on: when the first rolls back, the second takes effect', async (t) => {
  const partner = await add(db, 'organization')
  let second: Promise<unknown> | undefined
  const failed = together(db, async (trx) => {
    await remove(trx, 'organization', partner)
    second = refusal(add(db, 'action', { convention_id: convention, partner_ids: [partner] }))
    await untilWaiting()
    throw new Error('rolled back')
  })
  await t.rejects(failed, /rolled back/)
  t.equal(await second, undefined)
})

t.test('axes and sites are named within their convention only', async (t) => {
  const axis = await add(db, 'axis', { convention_id: other })
  const site = await add(db, 'service_site')
  await link(db, other, site)
  const named = (values: Record<string, unknown>) =>
    refusal(add(db, 'action', { convention_id: convention, ...values }))
  t.match(await named({ axis_ids: [axis] }), { code: NO_SUCH, constraint: 'action_axes' })
  t.match(await named({ service_site_ids: [site] }), { code: NO_SUCH, constraint: 'action_service_sites' })
  const amendment = await add(db, 'amendment', { convention_id: other })
  const signing = { convention_id: convention, organization_id: caf, bound: 'empty', amendment_id: amendment }
  t.match(await refusal(add(db, 'signatory', signing)), { code: NO_SUCH, constraint: 'signatory_amendment' })
})

t.test('a site may be unlinked from one convention while another one names it', async (t) => {
  const site = await add(db, 'service_site')
  await link(db, convention, site)
  await link(db, other, site)
  await add(db, 'action', { convention_id: other, service_site_ids: [site] })
  t.equal(await refusal(unlink(db, convention, site)), undefined)
  t.match(await refusal(remove(db, 'service_site', site)), { code: IN_USE, constraint: 'convention_site_site' })
})

t.test('an axis goes with its sub-axes or not at all; a deleted convention takes its tree', async (t) => {
  const id = await newConvention()
  const parent = await add(db, 'axis', { convention_id: id })
  const child = await add(db, 'axis', { convention_id: id, parent_id: parent, parent_path: [1] })
  t.match(await refusal(remove(db, 'axis', parent)), { code: IN_USE, constraint: 'axis_parent' })
  t.equal(await refusal(sql`delete from axis where id in (${parent}, ${child})`.execute(db)), undefined)
  const orphan = { convention_id: id, parent_id: randomUUID(), parent_path: [1] }
  t.match(await refusal(add(db, 'axis', orphan)), { code: NO_SUCH, constraint: 'axis_parent' })
})

t.test('an organization that coordinates or signs cannot go', async (t) => {
  const coordinator = await add(db, 'organization')
  const id = await add(db, 'convention', { caf_id: coordinator })
  t.match(await refusal(remove(db, 'organization', coordinator)), { code: IN_USE, constraint: 'convention_caf' })
  const signatory = await add(db, 'organization')
  await add(db, 'signatory', { convention_id: id, organization_id: signatory })
  t.match(await refusal(remove(db, 'organization', signatory)), { code: IN_USE, constraint: 'signatory_organization' })
})

/** Until some statement waits for a lock. */
async function untilWaiting(): Promise<void> {
  const waiting = sql`select exists (select from pg_locks where not granted
    and pid in (select pid from pg_stat_activity where datname = current_database()))`
  while (!(await value(db, waiting))) await sleep(10)
}
