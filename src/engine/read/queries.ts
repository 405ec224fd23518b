/**
 * Reads that all resources share: one, and a page. Each carries the condition of
 * what the caller may see. The table is called `t` in every condition that is handed in.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { Resource } from '../resource.ts'
import type { Row } from '../row-mapper.ts'
import { columnsOf, type Relations } from './include.ts'
import { type Condition, conjunction, type OrderColumn, type Page, selectKeyset } from './keyset.ts'
import { type StoredAnswer, seenAnswers, selectAnswersOf } from './stored-answers.ts'

export const byId: readonly OrderColumn[] = [{ column: 't.id', type: 'uuid' }]

/** The body of one resource; undefined when it does not exist or the caller may not see it. */
export async function selectOne<Body>(db: Database, resource: Resource<Body>, caller: Caller, id: string) {
  const [row] = await selectRows(db, resource, caller, sql<boolean>`t.id = ${id}::uuid`)
  return row && resource.toBody(row)
}

async function selectRows(db: Database, resource: Resource, caller: Caller, condition: Condition) {
  const where = conjunction([condition, visible(caller, resource.visibility)])
  const { rows } = await sql<Row>`select t.* from ${sql.table(resource.table)} t where ${where}`.execute(db)
  return rows
}

/** One page of stored answers, with the columns of relations. */
export function selectPage(
  db: Database,
  resource: Resource,
  caller: Caller,
  {
    where,
    order,
    relations,
  }: { where: (Condition | undefined)[]; order: readonly OrderColumn[]; relations: Relations },
  start: PageStart,
): Promise<Page<StoredAnswer>> {
  const columns = order.map(({ column }) => column.replace('t.', '')).filter((column) => column !== 'id')
  const more = [...new Set([...columns, ...columnsOf(relations)])]
  const list = {
    select: selectAnswersOf(resource, more),
    where: [...where, seenAnswers(caller, resource)],
    order,
    counted: { from: sql`${sql.table(resource.table)} t`, where: [...where, visible(caller, resource.visibility)] },
  }
  return selectKeyset(db, list, start)
}
