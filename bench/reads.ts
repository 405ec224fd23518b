/** Point reads and lists of the service against the same rows by SQL through the same driver. */
import { sql } from 'kysely'
import { clientOf } from './client.ts'
import { compare, repeated, spreadsOf } from './harness.ts'
import type { Stage } from './stage.ts'

const READS = 1_000
const AT_ONCE = 16
const PAGE = 50

export async function reads(stage: Stage, rounds: number) {
  const { db } = stage
  const client = clientOf(stage, true)
  const { rows } = await sql<{ id: string; convention_id: string }>`select a.id, a.convention_id from action a
    join convention c on c.id = a.convention_id where c.state <> 'draft' order by md5(a.id::text) limit ${READS}`.execute(
    db,
  )
  const at = (index: number) => rows[index % rows.length] as { id: string; convention_id: string }
  const points = [
    repeated('SELECT of one action', READS, AT_ONCE, (i) =>
      sql`select * from action where id = ${at(i).id}`.execute(db),
    ),
    repeated('GET /v1/actions/{id}', READS, AT_ONCE, (i) => client.ask('GET', `/v1/actions/${at(i).id}`)),
  ]
  const lists = [
    repeated(`SELECT of ${PAGE} actions`, READS, AT_ONCE, (i) =>
      sql`select * from action where convention_id = ${at(i).convention_id}
        order by sort_key, id limit ${PAGE}`.execute(db),
    ),
    repeated('GET /v1/conventions/{id}/actions', READS, AT_ONCE, (i) =>
      client.ask('GET', `/v1/conventions/${at(i).convention_id}/actions?limit=${PAGE}`),
    ),
  ]
  try {
    return {
      'one action, 16 at once': await compare(points, rounds),
      'a page of actions, 16 at once': await compare(lists, rounds),
      'each, ms': spreadsOf([...points, ...lists]),
    }
  } finally {
    client.close()
  }
}
