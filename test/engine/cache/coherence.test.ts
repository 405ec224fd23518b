/**
 * Coherence: histories of reads from two caches, as two processes have them, while the registry is written and their
 * connections are killed. A read is stale when it shows less than what was acknowledged before it began. That the
 * check finds stale reads is shown by caches that each leave out one step of the protocol.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { closeDatabase, type Database, openDatabase } from '../../../src/db/database.ts'
import { resources } from '../../../src/domain/resources.ts'
import { type Answer, AnswerCache, type Freshness } from '../../../src/engine/cache/answer-cache.ts'
import { changedBetween, look } from '../../../src/engine/cache/freshness.ts'
import { selectAnswersOf } from '../../../src/engine/read/stored-answers.ts'
import { Representation } from '../../../src/http/output/response.ts'
import { createTestDatabase } from '../../support/registry.ts'
import { add, change, together } from '../../support/rows.ts'

const AXES = 3
const WRITES = 150
const READERS_EACH = 4
const KILL_EACH = 25
const ROUNDS_MAX = 20
const MEGABYTE = 1024 * 1024

const url = await createTestDatabase(t)
const open = (connections: number): Database => {
  const opened = openDatabase(url, { connections })
  t.teardown(() => closeDatabase(opened))
  return opened
}
const db = open(8)
const convention = await add(db, 'convention', { caf_id: await add(db, 'organization') })
const axes: string[] = []
for (let number = 1; number <= AXES; number++) axes.push(await add(db, 'axis', { convention_id: convention, number }))

/** The versions that were acknowledged: of each axis, and of all together. */
const acknowledged = new Map([...axes.map((id) => [id, 1] as const), [convention, AXES]])

/** The sum of the versions of an axis, or of all axes of the convention, as an answer. */
async function read(id: string): Promise<Answer> {
  const condition = id === convention ? sql<boolean>`t.convention_id = ${id}` : sql<boolean>`t.id = ${id}`
  const rows = await selectAnswersOf(db, resources.axis).where(condition).execute()
  const versions = rows.reduce((sum, { version }) => sum + version, 0)
  return {
    representation: new Representation(Buffer.from(String(versions)), `"${versions}"`),
    tags: [id],
    audience: 'everyone',
  }
}

/** What a part of the protocol that is left out does: to what is kept, and to how the cache looks. */
interface Sabotage {
  fill?(cache: AnswerCache, id: string): Promise<Representation>
  freshness?(honest: Freshness): Freshness
}

interface Process {
  get(id: string): Promise<number>
  /** Kills the connection by which the cache looks. */
  kill(): Promise<void>
  hits: number
}

function startProcess({
  fill = (cache, id) => cache.fill(id, () => read(id)),
  freshness = (honest) => honest,
}: Sabotage) {
  const looking = open(1)
  const honest: Freshness = {
    look: () => look(looking),
    changedBetween: (before, now) => changedBetween(looking, before, now),
  }
  const cache = new AnswerCache(freshness(honest), MEGABYTE)
  const started: Process = {
    hits: 0,
    async get(id) {
      const kept = await new Promise<Representation | null>((done) => cache.find(id, true, done, () => done(null)))
      if (kept) started.hits += 1
      return Number((kept ?? (await fill(cache, id))).bytes.toString())
    },
    async kill() {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`
        .execute(looking)
        .catch(() => ({ rows: [] }))
      for (const { pid } of rows) await sql`select pg_terminate_backend(${pid})`.execute(db)
    },
  }
  return started
}

/** Reads and writes at once; how many reads were stale, and how many came from memory. */
async function history(sabotage: Sabotage): Promise<{ stale: number; hits: number }> {
  const processes = [startProcess(sabotage), startProcess(sabotage)]
  let stale = 0
  let isOver = false
  const readers = processes.flatMap((process) =>
    Array.from({ length: READERS_EACH }, async (_, i) => {
      for (let n = i; !isOver; n++) {
        const id = [...axes, convention][n % (AXES + 1)] as string
        const least = acknowledged.get(id) as number
        if ((await process.get(id)) < least) stale += 1
      }
    }),
  )
  for (let n = 1; n <= WRITES; n++) {
    const id = axes[n % AXES] as string
    await together(db, async (trx) => change(trx, 'axis', id, { title: `title ${n} ${Math.random()}` }))
    for (const changed of [id, convention]) acknowledged.set(changed, (acknowledged.get(changed) as number) + 1)
    if (n % KILL_EACH === 0) await processes[n % 2]?.kill()
    if (n % 3 === 0) await sleep(3)
  }
  isOver = true
  await Promise.all(readers)
  return { stale, hits: processes.reduce((sum, { hits }) => sum + hits, 0) }
}

t.test('no read shows less than what was acknowledged before it began', async (t) => {
  const { stale, hits } = await history({})
  t.equal(stale, 0)
  t.not(hits, 0, 'though answers came from memory')
})

const sabotages: Record<string, Sabotage> = {
  'answers are kept without their tags': {
    fill: (cache, id) => cache.fill(id, async () => ({ ...(await read(id)), tags: [] })),
  },
  'answers are registered after they were read': {
    async fill(cache, id) {
      const early = await read(id)
      await sleep(3)
      return cache.fill(id, async () => early)
    },
  },
  'requests join a look that had begun before they arrived': {
    freshness(honest) {
      let begun = honest.look()
      begun.catch(() => undefined)
      return {
        ...honest,
        look() {
          const joined = begun
          begun = honest.look()
          begun.catch(() => undefined)
          return joined
        },
      }
    },
  },
  'answers are sent without a look': {
    freshness: (honest) => {
      let first: ReturnType<Freshness['look']> | undefined
      return { ...honest, look: () => (first ??= honest.look()) }
    },
  },
}

for (const [name, sabotage] of Object.entries(sabotages))
  t.test(`the check finds stale reads where ${name}`, async (t) => {
    let found = 0
    for (let round = 0; round < ROUNDS_MAX && found === 0; round++) found = (await history(sabotage)).stale
    t.not(found, 0)
  })
