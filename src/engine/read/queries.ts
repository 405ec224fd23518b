/**
 * Queries that all resources share: one resource, and a page, each under the condition of what the caller may see. The
 * table is called `t` in every condition that is passed in.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { type Condition, conjunction } from '../../db/expressions.ts'
import type { PageStart } from '../../http/output/pagination.ts'
import type { Resource } from '../declaration/resource.ts'
import { idColumnsOf, type Relations } from './include.ts'
import { type OrderColumn, type Page, selectKeyset } from './keyset.ts'
import { type StoredAnswer, seenAnswers, selectAnswersOf } from './stored-answers.ts'

export const byId = [{ column: 't.id', type: 'uuid' }] as const

/** The rows of a resource, called `t`. */
const selectFrom = (db: Database, { table }: Pick<Resource, 'table'>) => db.selectFrom(db.dynamic.table(table).as('t'))

/** The body of one resource; undefined when it does not exist or the caller may not see it. */
export async function selectOne<Body>(db: Database, resource: Resource<Body>, caller: Caller, id: string) {
  const row = await selectFrom(db, resource)
    .selectAll('t')
    .where('t.id', '=', id)
    .where(conjunction([visible(caller, resource.visibility)]))
    .executeTakeFirst()
  return row && resource.toBody(row)
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
  const columns = order.flatMap(({ column, key }) => (key || column === 't.id' ? [] : [column.replace('t.', '')]))
  const more = [...new Set([...columns, ...idColumnsOf(relations)])]
  const keys = order.flatMap(({ column, key }) => (key ? [sql`${key}`.as(column.replace('t.', ''))] : []))
  return selectKeyset(
    selectAnswersOf(db, resource, more)
      .select(keys)
      .$castTo<StoredAnswer>()
      .where(conjunction([...where, seenAnswers(caller, resource)])),
    order as readonly OrderColumn<'t.id'>[],
    start,
    selectFrom(db, resource).where(conjunction([...where, visible(caller, resource.visibility)])),
  )
}
