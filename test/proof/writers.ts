/**
 * The sixteen writers: half of them ask the service, as programs do, half write rows, as the service does, so that they
 * can also roll back, meet in deadlocks and stay open for seconds. What each does follows from the seed. What becomes
 * of a write is not judged: only what the registry tells of it is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import { fullDocument } from '../support/documents.ts'
import { change, together } from '../support/rows.ts'
import { departments, pick, randomFrom, type World, write } from '../support/turmoil.ts'
import { rowsOf, type Stage } from './stage.ts'

const PAUSE_MS = 220
const HELD_MS = { least: 500, most: 2_500 }
const MEETING_MS = 60

/** Context of a writer: the registry, its own random numbers, and what all writers share. */
interface Writer {
  stage: Stage
  db: Database
  random: () => number
  world: World
  /** Organizations in which some meet, in the one order or the other. */
  meeting: string[]
  number: number
  acknowledged: Acknowledged
}

/** The latest version that a service has acknowledged, by path. */
export type Acknowledged = Map<string, number>

export const SOURCES = ['proof-0', 'proof-1', 'proof-2']

/** An answer that no request should ever get. */
class Defect extends Error {}

type Turn = (writer: Writer) => Promise<unknown>

const paths = {
  convention: 'conventions',
  organization: 'organizations',
  service_site: 'service-sites',
  axis: 'axes',
  action: 'actions',
  amendment: 'amendments',
} as const

async function send({ stage, random }: Writer, method: string, path: string, body?: unknown) {
  const isOne = method === 'PATCH' || method === 'DELETE'
  const headers = {
    ...(isOne && { 'if-match': '*' }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const answer = await stage.ask(`/v1${path}`, { method, random, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (answer.status === 500) throw new Defect(`${method} ${path} was answered by 500: ${text}`)
  if (!answer.ok) throw new Error(`${answer.status}`)
  return text
}

async function pathOf({ db, random }: Writer, table: keyof typeof paths): Promise<string> {
  const rows = await rowsOf(
    db,
    sql<{ id: string }>`select id from ${sql.table(table)} order by hashtext(${random()} || id::text) limit 1`,
  )
  return `/${paths[table]}/${rows[0]?.id}`
}

const textOf = (random: () => number) => `Text ${Math.floor(random() * 1e6)} é\u2028`

async function patch(writer: Writer) {
  const { random, acknowledged } = writer
  const title = { title: textOf(random) }
  const name = { name: textOf(random) }
  const bodies = {
    convention: title,
    axis: title,
    amendment: title,
    action: title,
    organization: name,
    service_site: name,
  }
  const table = pick(random, Object.keys(bodies) as (keyof typeof bodies)[])
  const path = await pathOf(writer, table)
  const { version } = JSON.parse(await send(writer, 'PATCH', path, bodies[table]))
  acknowledged.set(path, Math.max(version, acknowledged.get(path) ?? 0))
}

async function putDocument(writer: Writer) {
  const { random, number } = writer
  const path = `/sources/${SOURCES[number % SOURCES.length]}/conventions/k${Math.floor(random() * 3)}`
  if (random() < 0.15) return send(writer, 'DELETE', path)
  const { actions, serviceSites, ...rest } = fullDocument({
    title: textOf(random),
    state: pick(random, ['draft', 'signed']),
  })
  const few = (list: unknown) => (list as object[]).filter(() => random() < 0.7)
  const sites = few(serviceSites)
  const fewer = sites.length > 0 ? few(actions) : (actions as object[]).slice(0, 1)
  return send(writer, 'PUT', `${path}?link=none`, { ...rest, actions: fewer, serviceSites: sites })
}

async function publishOrHide(writer: Writer) {
  const { random, world } = writer
  const change = pick(random, [
    { state: 'draft' },
    { state: 'signed' },
    { state: 'signed' },
    { cafId: pick(random, world.cafs) },
    { territories: [{ kind: 'departement', code: pick(random, departments) }] },
  ])
  await send(writer, 'PATCH', await pathOf(writer, 'convention'), change)
}

async function makeAndDelete(writer: Writer) {
  const { random } = writer
  const site = async () => (await pathOf(writer, 'service_site')).replace('/service-sites/', '')
  const turns = [
    async () => send(writer, 'POST', `${await pathOf(writer, 'convention')}/actions`, { title: textOf(random) }),
    async () => send(writer, 'POST', `${await pathOf(writer, 'convention')}/axes`, { title: textOf(random) }),
    async () => send(writer, 'POST', `${await pathOf(writer, 'convention')}/amendments`, { kinds: ['other'] }),
    async () => send(writer, 'DELETE', await pathOf(writer, 'action')),
    async () => send(writer, 'DELETE', await pathOf(writer, 'axis')),
    async () => random() < 0.2 && send(writer, 'DELETE', await pathOf(writer, 'convention')),
    async () => send(writer, 'PUT', `${await pathOf(writer, 'convention')}/service-sites/${await site()}`),
    async () => send(writer, 'DELETE', `${await pathOf(writer, 'convention')}/service-sites/${await site()}`),
  ]
  await pick(random, turns)()
}

const writeRows: Turn = (writer) => write(writer, 1)

/** Writes two rows in an order in which another one writes them the other way round. */
async function meet({ db, random, meeting, number }: Writer) {
  const [first = '', second = ''] = number % 2 === 0 ? meeting : meeting.toReversed()
  await together(db, async (trx) => {
    await change(trx, 'organization', first, { name: textOf(random) })
    await sleep(random() * MEETING_MS)
    await change(trx, 'organization', second, { name: textOf(random) })
  })
}

/** Writes, stays open for seconds, and last of all writes what all the others write too. */
async function hold({ db, random, world }: Writer) {
  const action = await rowsOf(
    db,
    sql<{ id: string }>`select id from action order by hashtext(${random()} || id::text) limit 1`,
  )
  await together(db, async (trx) => {
    for (const { id } of action) await change(trx, 'action', id, { title: textOf(random) })
    await sleep(HELD_MS.least + random() * (HELD_MS.most - HELD_MS.least))
    await change(trx, 'organization', world.cafs[0] as string, { name: textOf(random) })
  })
}

/** Writes a row under a convention and commits a moment later, while others publish and hide the convention. */
async function linger({ db, random }: Writer) {
  const action = await rowsOf(
    db,
    sql<{ id: string }>`select id from action order by hashtext(${random()} || id::text) limit 1`,
  )
  await together(db, async (trx) => {
    for (const { id } of action) await change(trx, 'action', id, { title: textOf(random) })
    await sleep(random() * 200)
  })
}

const turns: Turn[] = [
  ...Array<Turn>(3).fill(patch),
  ...Array<Turn>(3).fill(putDocument),
  publishOrHide,
  makeAndDelete,
  ...Array<Turn>(4).fill(writeRows),
  meet,
  meet,
  linger,
  hold,
]

/** Writes until it is over. How often the writers did something, how often it failed, and answers that are defects. */
export async function runWriters(
  stage: Stage,
  made: World,
  seed: number,
  acknowledged: Acknowledged,
  isOver: () => boolean,
) {
  const { db } = stage
  const meeting = made.cafs.slice(1)
  const done = { turns: 0, failed: 0, succeeded: {} as Record<string, number>, defects: [] as string[] }
  async function run(turn: Turn, number: number) {
    const writer = { stage, db, world: made, meeting, number, acknowledged, random: randomFrom(seed + number) }
    while (!isOver()) {
      done.turns += 1
      const isDone = await turn(writer).then(
        () => true,
        (error: Error) => {
          if (error instanceof Defect) done.defects.push(error.message)
          return false
        },
      )
      done.failed += isDone ? 0 : 1
      done.succeeded[turn.name] = (done.succeeded[turn.name] ?? 0) + (isDone ? 1 : 0)
      await sleep(writer.random() * PAUSE_MS)
    }
  }
  await Promise.all(turns.map(run))
  return done
}
