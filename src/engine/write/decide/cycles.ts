/**
 * Cycles: links of renewal, merger and carrying on must not lead back to where they start. Checked only where such a
 * link is set on a stored resource: nothing references a new one yet. Who sees a convention sees all that it references,
 * so no cycle leads through what its writer cannot see.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../../db/database.ts'
import type { BodyError } from '../../../http/errors/field-errors.ts'
import { comesBack } from '../../declaration/rules.ts'
import type { ResourceType } from '../../resource-types.ts'
import { lockChain } from '../locks.ts'

type Fields = Record<string, unknown>

/** A thing as it stands and as it is to be written. */
export interface Rewritten {
  id: string
  before: Fields
  after: Fields
}

interface Link {
  field: string
  column: string
  /** Of a row `t` of its table. */
  conventionId: RawBuilder<unknown>
}

const ofConvention = { conventionId: sql`t.id` }

const links: Partial<Record<ResourceType, readonly Link[]>> = {
  convention: [
    { field: 'predecessorId', column: 'predecessor_id', ...ofConvention },
    { field: 'mergedIntoId', column: 'merged_into_id', ...ofConvention },
  ],
  action: [{ field: 'carriedFromId', column: 'carried_from_id', conventionId: sql`t.convention_id` }],
}

/** The errors of those whose chain comes back to them, by their ids; one that names itself at once is not among them. */
export async function cycleErrors(
  db: Database,
  type: 'convention' | 'action',
  written: readonly Rewritten[],
): Promise<Map<string, BodyError[]>> {
  const errors = new Map<string, BodyError[]>()
  for (const link of links[type] ?? []) {
    const { field } = link
    const changed = written.filter(({ before, after }) => before[field] !== after[field])
    for (const id of await selectCircular(db, type, link, changed))
      errors.set(id, [...(errors.get(id) ?? []), comesBack(`/${field}`)])
  }
  return errors
}

/**
 * Two writers could close a circle together, each with a part that the other does not see yet: so the conventions along
 * the chains are locked first, and looked at by a statement that begins afterwards.
 */
async function selectCircular(
  db: Database,
  table: string,
  { field, column, conventionId }: Link,
  changed: readonly Rewritten[],
): Promise<string[]> {
  const set = changed.filter(({ id, after }) => typeof after[field] === 'string' && after[field] !== id)
  if (set.length === 0) return []
  const chains = sql`with recursive given (id, next) as materialized (
      select * from unnest(${changed.map(({ id }) => id)}::uuid[], ${changed.map(({ after }) => after[field])}::uuid[])),
    chain (start, id) as (
      select id, next from given where id = any(${set.map(({ id }) => id)}::uuid[])
      union
      select chain.start, case when given.id is null then ${sql.ref(`t.${column}`)} else given.next end
      from chain join ${sql.table(table)} t on t.id = chain.id left join given on given.id = t.id)`
  await lockChain(db, sql`${chains} select ${conventionId} from chain join ${sql.table(table)} t on t.id = chain.id`)
  const { rows } = await sql<{ start: string }>`${chains} select start from chain where id = start`.execute(db)
  return rows.map(({ start }) => start)
}
