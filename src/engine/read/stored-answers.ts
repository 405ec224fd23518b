/**
 * Stored answers: the text that GET answers for a row, as it stands in the journal. Reads send it as it is; nothing
 * here makes an object of a row or writes JSON.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { canSee, isAdmin, isPublic, part, seenConvention, visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { type Condition, rows } from '../../db/expressions.ts'
import type { Resource } from '../declaration/resource.ts'
import type { ResourceTable } from '../resource-types.ts'

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
  /** What a lookup says of the match, which stands in the answer too. */
  match?: string
  /** The columns of order and of relations. */
  [column: string]: unknown
}

const row = rows<{ t: 'convention' }>()

/** The columns that say who sees a row, by the visibility of its resource. */
const seers = {
  always: [row.lit(true).as('is_public'), sql<null>`null::uuid`.as('caf_id')],
  own: [isPublic.t.as('is_public'), row.ref('t.caf_id').as('caf_id')],
  convention: [isPublic.c.as('is_public'), part.ref('c.caf_id').as('caf_id')],
} as const

/** The stored answers of a resource, of rows `t` of its view, with more columns of these. */
export const selectAnswersOf = (db: Database, { table, visibility }: Resource, more: readonly string[] = []) =>
  db
    .selectFrom(db.dynamic.table<`${ResourceTable}_read`>(`${table}_read`).as('t'))
    .$if(visibility === 'convention', (query) =>
      query.innerJoin('convention as c', (join) => join.on('c.id', '=', part.ref('t.convention_id'))),
    )
    .select(['t.id', 't.version', 't.form', 't.answer', ...seers[visibility]])
    .select(more.map((column) => sql.ref(`t.${column}`).as(column)))
    .$castTo<StoredAnswer>()

/** The condition under which the caller may see a row of `selectAnswersOf`; undefined when there is none. */
export function seenAnswers(caller: Caller, { visibility }: Resource): Condition | undefined {
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
  const answers = await selectByIds(db, resource, ids, more)
  return new Map(answers.filter((answer) => isSeen(caller, answer)).map((answer) => [answer.id, answer]))
}

/** Through a subselect: of a plain `any($1)` the plan is made anew for each number of ids, which takes longer than it. */
const selectByIds = (db: Database, resource: Resource, ids: readonly string[], more: readonly string[]) =>
  selectAnswersOf(db, resource, more)
    .where('t.id', '=', sql<string>`any(array(select unnest(${ids}::uuid[])))`)
    .execute()

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
