/** Chain of the journal, computed a second time from its recipe: sha256 over JSON as Postgres prints it. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'

interface Link {
  position: string
  at: string
  actor: string | null
  request_id: string | null
  source: string | null
  chain: Buffer
  /** By seq; the body as Postgres prints it. */
  changes: { type: string; id: string; version: number; operation: string; body: string }[]
}

/** The positions whose link is not what the recipe gives; none in a journal that nobody rewrote. */
export async function recomputed(db: Database): Promise<string[]> {
  const { rows } = await sql<Link>`
    select c.position, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, c.actor, c.request_id,
      c.source, c.chain, coalesce((select json_agg(json_build_object('type', j.type, 'id', j.id, 'version', j.version,
        'operation', j.operation, 'body', j.body::text) order by j.seq) from change j where j.tx = c.tx), '[]') as changes
    from commit c order by c.position`.execute(db)
  let previous = Buffer.alloc(0)
  return rows.flatMap((link) => {
    const expected = linkAfter(previous, link)
    previous = Buffer.from(link.chain)
    return expected.equals(link.chain) ? [] : [link.position]
  })
}

function linkAfter(previous: Buffer, { position, at, actor, request_id, source, changes }: Link): Buffer {
  const lines = changes.map(
    ({ type, id, version, operation, body }) => `["${type}", "${id}", ${version}, "${operation}", ${body}]`,
  )
  const told = [at, actor, request_id, source].map((text) => JSON.stringify(text))
  const digest = sha256(lines.join('\n'))
  return sha256(Buffer.concat([previous, Buffer.from(`[${[position, ...told].join(', ')}]`), digest]))
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
