/**
 * Brings a database to what this version of the service needs: the tables, by the migrations, and what the journal
 * writes its answers with, by the schemas of the answers.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { limits } from './config.ts'
import { closeDatabase, type Database, openDatabase } from './db/database.ts'
import { checkTables, migrateTables, REMEDY } from './db/migrations.ts'
import { answerFunctions } from './resource/answer-text.ts'
import { resources } from './resources.ts'

const LOCK = sql`hashtext('answers of the journal')`

/** The names of the migrations that were run; see `migrateTables`. What was journaled before is written anew. */
export async function migrate(url: string): Promise<string[]> {
  const names = await migrateTables(url)
  const db = openDatabase(url, { connections: 1, patienceMs: limits.migrationMs })
  try {
    await keepAnswers(db)
  } finally {
    await closeDatabase(db)
  }
  return names
}

/** Throws an Error with a clear line unless the role of this URL may serve, and the database is of this version. */
export async function checkDatabase(url: string): Promise<void> {
  await checkTables(url)
  const db = openDatabase(url, { connections: 1 })
  try {
    if (await areKept(db, answers().mark)) return
    throw new Error(`The answers in the journal are of another version: ${REMEDY}`)
  } finally {
    await closeDatabase(db)
  }
}

/** All rows or none: nobody reads a journal whose answers are of two versions. */
async function keepAnswers(db: Database): Promise<void> {
  const { statements, mark } = answers()
  await db.transaction().execute(async (trx) => {
    // Those who start together would be in each other's way.
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
    if (await areKept(trx, mark)) return
    for (const statement of statements) await sql.raw(statement).execute(trx)
    await sql`lock table change in share row exclusive mode`.execute(trx)
    await sql`update change set answer = answer_of(type, body) where answer is distinct from answer_of(type, body)`.execute(
      trx,
    )
    await sql`comment on function answer_of is ${sql.lit(mark)}`.execute(trx)
  })
}

/** What defines the answers of this version, and by what it is known again. */
function answers() {
  const statements = answerFunctions(Object.values(resources))
  const digest = createHash('sha256').update(statements.join('\n')).digest('hex')
  return { statements, mark: `The body as GET answers it, by the schemas of version ${digest.slice(0, 16)}.` }
}

async function areKept(db: Database, mark: string): Promise<boolean> {
  const { rows } = await sql<{ kept: boolean }>`
    select obj_description(to_regprocedure('answer_of(text, jsonb)'), 'pg_proc') = ${mark} as kept`.execute(db)
  return rows[0]?.kept === true
}
