/**
 * One run of the proof: sixteen writers, eight readers, two services that are killed and connections that are cut, until
 * the time is over. Then all is read to the end, from the beginning too, and what each reader received is judged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pick, randomFrom, type World, world } from '../support/turmoil.ts'
import { type Comparison, compareCopies, isUnfiltered, photograph, type Taken } from './copies.ts'
import { judge, type Verdict } from './judge.ts'
import { readJournal } from './oracle.ts'
import { follow, type Plan, type Run } from './reader.ts'
import { readMeanwhile } from './reads.ts'
import type { Sabotage } from './sabotage.ts'
import { openStage, rowsOf, type Stage } from './stage.ts'
import { type Acknowledged, runWriters, SOURCES } from './writers.ts'

/** After the writers have ended, readers have so long to come to the end. */
const END_MS = 120_000
const PHOTOGRAPH_EACH_MS = 700

export interface Findings {
  counts: Record<string, number>
  readers: { name: string; delivered: number; resumed: number; verdict: Verdict }[]
  copies: Record<string, Comparison>
  /** Reads that showed less than what had been acknowledged before. */
  stale: number
  /** Everything else that is wrong, in words. */
  errors: string[]
}

const plansOf = ({ cafs: [caf = ''] }: World): Plan[] => [
  { name: 'public, pages of 1,000', filter: {}, isKeyed: false, limit: 1_000 },
  { name: 'keyed, pages of 7', filter: {}, isKeyed: true, limit: 7 },
  { name: 'public, stream', filter: {}, isKeyed: false },
  { name: 'keyed, stream', filter: {}, isKeyed: true },
  { name: 'public, département, pages of 50', filter: { departmentCode: '61' }, isKeyed: false, limit: 50 },
  { name: 'public, Caf, pages of 1', filter: { cafId: caf, types: 'convention,axis' }, isKeyed: false, limit: 1 },
  { name: 'public, source, stream', filter: { source: SOURCES[0] as string }, isKeyed: false },
  {
    name: 'keyed, Caf and types, stream',
    filter: { cafId: caf, types: 'convention,action,service-site' },
    isKeyed: true,
  },
  { name: 'public, late, pages of 100', filter: {}, isKeyed: false, limit: 100, isLate: true },
]

export interface Options {
  /** How long the writers write. */
  ms: number
  /** Decides what is written, and when what dies. */
  seed: number
  sabotage: Sabotage | undefined
  /** Somebody wants the proof to end at once. */
  shutdown: Promise<string>
}

/** Rejects at a shutdown signal; nothing of it is left running. */
export async function prove({ ms, seed, sabotage, shutdown }: Options): Promise<Findings> {
  const stage = await openStage()
  const stopped = shutdown.then((signal) => Promise.reject(new Error(`stopped by ${signal}`)))
  try {
    return await Promise.race([onStage(stage, ms, seed, sabotage), stopped])
  } finally {
    await stage.stop()
  }
}

async function onStage(stage: Stage, ms: number, seed: number, sabotage?: Sabotage): Promise<Findings> {
  const { db } = stage
  const made = await world(db)
  const plans = plansOf(made)
  await sabotage?.apply?.(db)
  const until = Date.now() + ms
  const isOver = () => Date.now() >= until
  let end: number | undefined
  const luck = (place: number) => randomFrom(seed + 1_000 + place)
  const run = (i: number): Run => ({ stage, random: luck(i), end: () => end, deadline: () => until + END_MS })
  const feedOf = (plan: Plan) => (plan.isKeyed && plan.limit && isUnfiltered(plan) ? sabotage?.feed?.(db) : undefined)
  const ended = Promise.withResolvers<void>()
  const following = Promise.all(
    plans.map(async (plan, i) => {
      if (plan.isLate) await ended.promise
      return follow(plan, run(i), feedOf(plan))
    }),
  )
  const photographing = takePhotographs(stage, plans, luck(100), isOver)
  const acknowledged: Acknowledged = new Map()
  const ask = sabotage?.ask?.(stage.ask) ?? stage.ask
  const [written, trouble, { reads, stale }] = await Promise.all([
    runWriters(stage, made, seed, acknowledged, isOver),
    stage.trouble(luck(101), isOver),
    readMeanwhile(ask, acknowledged, luck(103), isOver),
  ])
  end = await headOf(stage)
  ended.resolve()
  const readers = await following
  const journal = await readJournal(stage, plans)
  const copies = await compareCopies(stage, readers, await photographing, journal, luck(102))
  const { succeeded, defects, ...turns } = written
  const idle = Object.entries(succeeded).filter(([, times]) => times === 0)
  const counts = { ...turns, ...trouble, ...(await mishaps(stage)), reads, positions: end, changes: journal.changes }
  const absent = Object.entries(counts).filter(([what, count]) => !mayBeAbsent.includes(what) && count === 0)
  return {
    counts,
    readers: readers.map((reader, i) => ({
      name: reader.plan.name,
      delivered: reader.delivered.length,
      resumed: reader.resumed,
      verdict: judge(reader, journal.scripts[i] ?? new Map(), journal),
    })),
    copies,
    stale,
    errors: [
      ...journal.errors,
      ...defects,
      ...absent.map(([what]) => `there were no ${what}: this proves little`),
      ...idle.map(([name]) => `the writer ${name} never succeeded`),
      ...readers.flatMap(({ plan, errors }) => errors.map((error) => `${plan.name}: ${error}`)),
    ],
  }
}

/** Without them the proof is as good: writers take their locks in one order, and no write has to fail. */
const mayBeAbsent = ['failed', 'deadlocks']

/** How often Postgres broke a deadlock, and rolled back. */
async function mishaps({ db }: Stage) {
  const [counted] = await rowsOf(
    db,
    sql<{ deadlocks: number; rollbacks: number }>`
    select deadlocks::float8 as deadlocks, xact_rollback::float8 as rollbacks from pg_stat_database
    where datname = current_database()`,
  )
  return counted
}

async function headOf({ db }: Stage): Promise<number> {
  const rows = await rowsOf(db, sql<{ head: number }>`select max(position)::float8 as head from commit`)
  return rows[0]?.head ?? 0
}

async function takePhotographs(stage: Stage, plans: readonly Plan[], random: () => number, isOver: () => boolean) {
  const taken: Taken[] = []
  for (; !isOver(); await sleep(PHOTOGRAPH_EACH_MS * random())) {
    const plan = pick(random, plans)
    // One that broke off says so, and is not used.
    await photograph(stage, plan).then(
      (photo) => taken.push({ ...photo, place: plans.indexOf(plan) }),
      () => undefined,
    )
  }
  return taken
}
