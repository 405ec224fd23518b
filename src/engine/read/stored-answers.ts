/**
 * Stored answers: the text that GET answers for a row, as it stands in the journal. Reads send it as it is; nothing
 * here makes an object of a row or writes JSON.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { canSee, isAdmin, seenConvention, visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { Resource } from '../resource.ts'

export interface StoredAnswer {
  id: string
  version: number
  /** The form of the answer; see `formTag`. */
  form: number
  /** A JSON object. */
  answer: string
  /** Of a draft, or of what is under one: then only `caf_id` and administrators see it. */
  is_public: boolean
  caf_id: string | null
  /** The columns of order and of relations. */
  [column: string]: unknown
}

/** The columns of a stored answer, of a row `t` of the view `<table>_read`. */
const columns = sql`t.id, t.version, t.form, t.answer`

/** What `from` reads, and the two columns that say who sees it. */
const visibility = {
  always: { columns: sql`true as is_public, null::uuid as caf_id`, join: sql`` },
  own: { columns: sql`t.state <> 'draft' as is_public, t.caf_id`, join: sql`` },
  convention: {
    columns: sql`c.state <> 'draft' as is_public, c.caf_id`,
    join: sql`join convention c on c.id = t.convention_id`,
  },
} as const

/** `select ... from` the view of a resource, called `t`, for stored answers and more columns of its rows. */
export function selectAnswersOf(resource: Resource, more: readonly string[] = []) {
  const { columns: seen, join } = visibility[resource.visibility]
  const others = more.length === 0 ? sql`` : sql`, ${sql.join(more.map((column) => sql.ref(`t.${column}`)))}`
  return sql`select ${columns}, ${seen}${others} from ${sql.table(`${resource.table}_read`)} t ${join}`
}

/** The condition under which the caller may see a row of `selectAnswersOf`; undefined when there is none. */
export function seenAnswers(caller: Caller, { visibility }: Resource): RawBuilder<boolean> | undefined {
  if (visibility === 'convention' && !isAdmin(caller)) return seenConvention(caller)
  return visible(caller, visibility)
}

/** The answers of those of the ids that exist and that the caller may see, by id, with more columns of their rows. */
export async function selectAnswers(
  db: Database,
  resource: Resource,
  caller: Caller,
  ids: readonly string[],
  more: readonly string[] = [],
): Promise<Map<string, StoredAnswer>> {
  if (ids.length === 0) return new Map()
  const rows = await selectByIds(db, resource, ids, more)
  return new Map(rows.filter((row) => isSeen(caller, row)).map((row) => [row.id, row]))
}

/** Through a subselect: of a plain `any($1)` the plan is made anew for each number of ids, which takes longer than it. */
async function selectByIds(db: Database, resource: Resource, ids: readonly string[], more: readonly string[]) {
  const { rows } = await sql<StoredAnswer>`${selectAnswersOf(resource, more)}
    where t.id = any(array(select unnest(${ids}::uuid[])))`.execute(db)
  return rows
}

const isSeen = (caller: Caller, { is_public: isPublic, caf_id: cafId }: StoredAnswer) =>
  canSee(caller, { isPublic, cafId })

interface Waiting {
  id: string
  resolve(row: StoredAnswer | undefined): void
  reject(error: unknown): void
}

/** Reads the answer of one id; undefined when it does not exist or the caller may not see it. */
export type AnswerLoader = (caller: Caller, id: string) => Promise<StoredAnswer | undefined>

/** A loader of single answers: what is asked for in one turn of the event loop is one statement. */
export function answerLoader(db: Database, resource: Resource): AnswerLoader {
  let batch: Waiting[] = []

  function flush(): void {
    const waiting = batch
    batch = []
    const ids = waiting.map(({ id }) => id)
    selectByIds(db, resource, ids, []).then(
      (rows) => {
        const found = new Map(rows.map((row) => [row.id, row]))
        for (const { id, resolve } of waiting) resolve(found.get(id))
      },
      (error) => {
        for (const { reject } of waiting) reject(error)
      },
    )
  }

  return async (caller, id) => {
    const row = await new Promise<StoredAnswer | undefined>((resolve, reject) => {
      if (batch.push({ id, resolve, reject }) === 1) setImmediate(flush)
    })
    return row && isSeen(caller, row) ? row : undefined
  }
}
