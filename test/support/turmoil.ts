/**
 * Turmoil: many writers at once, each on a connection of its own. They create, change, publish, hide, move and delete
 * conventions with all under them, link sites, roll back. Their actions follow from a seed; their meetings do not.
 */
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { refreshDerivedOfConventions, refreshDerivedOfSites } from '../../src/engine/write/rows.ts'
import { add, change, column, remove, together } from './rows.ts'

const today = new Date('2026-03-15T12:00:00Z')
const states = ['draft', 'signed', 'terminated']
export const departments = ['14', '27', '61']

/** What the writers have in common. */
export interface World {
  cafs: string[]
  sites: string[]
  conventions: string[]
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A few organizations, sites and conventions to begin with. */
export async function world(db: Database): Promise<World> {
  const many = (count: number, table: 'organization' | 'service_site') =>
    Promise.all(Array.from({ length: count }, () => add(db, table)))
  const made: World = { cafs: await many(3, 'organization'), sites: await many(4, 'service_site'), conventions: [] }
  const random = randomFrom(1)
  for (let i = 0; i < 6; i++) await operations.create({ db, random, world: made })
  return made
}

interface Turn {
  db: Database
  random: () => number
  world: World
}

export const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T

/** Runs `work` on a convention that others may have deleted meanwhile; whoever writes under one locks it first. */
async function locked({ db, random, world }: Turn, work: (trx: Database, id: string) => Promise<unknown>) {
  const id = pick(random, world.conventions)
  await together(db, async (trx) => {
    const found = await column(trx, sql`select 1 from convention where id = ${id} for no key update`)
    if (found.length > 0) await work(trx, id)
    else world.conventions = world.conventions.filter((known) => known !== id)
  })
}

const actionsOf = async (db: Database, id: string) =>
  (await column(db, sql`select id from action where convention_id = ${id} order by id`)) as string[]

const sitesOf = async (db: Database, id: string) =>
  (await column(db, sql`select site_id from convention_site where convention_id = ${id}`)) as string[]

async function rewrite(turn: Turn, values: () => Row) {
  await locked(turn, async (trx, id) => {
    await change(trx, 'convention', id, values())
    await refreshDerivedOfConventions(trx, [id], today)
    await refreshDerivedOfSites(trx, await sitesOf(trx, id))
  })
}

const perimeter = (random: () => number): Row => {
  const code = pick(random, departments)
  return { department_codes: [code], territories: [{ kind: 'departement', code, name: null }] }
}

class RolledBack extends Error {}

const operations = {
  async create({ db, random, world }: Turn) {
    const caf_id = pick(random, world.cafs)
    const site = pick(random, world.sites)
    const made = await together(db, async (trx) => {
      const values = { caf_id, state: pick(random, states), ...perimeter(random) }
      const convention_id = await add(trx, 'convention', values)
      const axis = await add(trx, 'axis', { convention_id })
      await sql`insert into convention_site values (${convention_id}, ${site})`.execute(trx)
      await add(trx, 'amendment', { convention_id })
      await add(trx, 'signatory', { convention_id, organization_id: caf_id })
      for (let i = 0; i < 4; i++)
        await add(trx, 'action', { convention_id, axis_ids: [axis], service_site_ids: [site] })
      await refreshDerivedOfConventions(trx, [convention_id], today)
      await refreshDerivedOfSites(trx, [site])
      return convention_id
    })
    world.conventions.push(made)
  },
  /** Without the convention's lock: the row's own lock is enough for the journal. */
  async edit({ db, random, world }: Turn) {
    const action = pick(random, [...(await actionsOf(db, pick(random, world.conventions))), undefined])
    if (action) await change(db, 'action', action, { title: `Action ${random()}` })
  },
  async editMany(turn: Turn) {
    await locked(turn, async (trx, id) => {
      for (const action of await actionsOf(trx, id)) await change(trx, 'action', action, { progress: 50 })
      for (const action of await actionsOf(trx, id)) await change(trx, 'action', action, { title: `${turn.random()}` })
    })
  },
  async grow(turn: Turn) {
    await locked(turn, (trx, convention_id) => add(trx, 'action', { convention_id, code: `${turn.random()}` }))
  },
  async shrink(turn: Turn) {
    await locked(turn, async (trx, id) => {
      const action = pick(turn.random, [...(await actionsOf(trx, id)), undefined])
      if (action) await remove(trx, 'action', action)
    })
  },
  publishOrHide: (turn: Turn) => rewrite(turn, () => ({ state: pick(turn.random, states) })),
  changeCaf: (turn: Turn) => rewrite(turn, () => ({ caf_id: pick(turn.random, turn.world.cafs) })),
  changePerimeter: (turn: Turn) => rewrite(turn, () => perimeter(turn.random)),
  unchanged: (turn: Turn) => rewrite(turn, () => ({ title: 'Convention' })),
  async drop(turn: Turn) {
    if (turn.random() < 0.5) return
    await locked(turn, async (trx, id) => {
      const sites = await sitesOf(trx, id)
      await remove(trx, 'convention', id)
      await refreshDerivedOfSites(trx, sites)
    })
  },
  async link(turn: Turn) {
    const site = pick(turn.random, turn.world.sites)
    await locked(turn, async (trx, id) => {
      await sql`insert into convention_site values (${id}, ${site}) on conflict do nothing`.execute(trx)
      await refreshDerivedOfSites(trx, [site])
    })
  },
  async rename({ db, random, world }: Turn) {
    await change(db, 'organization', pick(random, world.cafs), { name: `Caf ${random()}` })
    await change(db, 'service_site', pick(random, world.sites), { name: `Lieu ${random()}` })
  },
  async rollBack(turn: Turn) {
    const undone = locked(turn, async (trx, id) => {
      for (const action of await actionsOf(trx, id)) await change(trx, 'action', action, { title: 'undone' })
      await change(trx, 'convention', id, { state: pick(turn.random, states), title: 'undone' })
      throw new RolledBack()
    })
    await undone.catch((error) => {
      if (!(error instanceof RolledBack)) throw error
    })
  },
  async appearAndVanish({ db }: Turn) {
    await together(db, async (trx) => remove(trx, 'organization', await add(trx, 'organization')))
  },
} satisfies Record<string, (turn: Turn) => Promise<unknown>>

/** Does `count` operations, one after the other. */
export async function write(turn: Turn, count: number): Promise<void> {
  const kinds = Object.values(operations)
  for (let i = 0; i < count; i++) await pick(turn.random, kinds)(turn)
}
