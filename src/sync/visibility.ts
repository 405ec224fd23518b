/** Hiding a convention that something public names is refused: nothing public may name a draft. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { problem } from '../http/problems.ts'
import type { Entry } from './entries.ts'

/** Up to so many of the things in the way are named. */
const NAMED_MAX = 50

/** Throws a 409 that names what is in the way when a public convention would become a draft. */
export async function refuseHiding(db: Database, { id, body, current }: Entry): Promise<void> {
  if (body.state !== 'draft' || !current || current.state === 'draft') return
  const { rows } = await sql<{ type: string; id: string; all: string }>`
    select type, id, count(*) over () as all from (
      select 'convention' as type, c.id from convention c where c.predecessor_id = ${id} and c.state <> 'draft'
      union select 'convention', c.id from convention c where c.merged_into_id = ${id} and c.state <> 'draft'
      union select 'action', a.id from action a join convention c on c.id = a.convention_id and c.state <> 'draft'
        where a.carried_from_id in (select o.id from action o where o.convention_id = ${id})
    ) named where id <> ${id} order by type desc, id limit ${NAMED_MAX}`.execute(db)
  const [first] = rows
  if (!first) return
  const detail = `A convention that ${first.all} public resources name cannot become a draft.`
  throw problem('in-use', detail, {
    members: { inUseBy: rows.map(({ type, id: user }) => ({ type, id: user })), inUseByCount: Number(first.all) },
  })
}
