/**
 * What a convention holds, as rows turned into bodies: everything under it, or what one source keeps there. The body
 * of each names the sources that hold it, with their keys.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { actions } from '../domain/actions/queries.ts'
import { amendments } from '../domain/amendments/queries.ts'
import { axes } from '../domain/axes/queries.ts'
import { serviceSites } from '../domain/service-sites/queries.ts'
import { signatories } from '../domain/signatories/queries.ts'
import type { Resource, ResourceType, Row } from '../engine/resource.ts'
import { problem } from '../http/errors/problems.ts'

export type Body = Record<string, unknown> & { id: string; version: number; sources: { source: string; key: string }[] }

/** The types of what is under a convention, in the order of a document, each in the order in which it is listed. */
const parts: [Resource, string][] = [
  [amendments, 't.number, t.id'],
  [signatories, 't.id'],
  [axes, 't.path'],
  [actions, 't.sort_key, t.id'],
]

export type Held = Map<ResourceType, Body[]>

/** All that is under a convention, its linked service sites included, whoever made it. */
export async function selectHeld(db: Database, conventionId: string): Promise<Held> {
  const held: Held = new Map()
  for (const [resource, order] of parts) {
    const { rows } = await sql<Row>`select t.* from ${sql.table(resource.table)} t
      where t.convention_id = ${conventionId} order by ${sql.raw(order)}`.execute(db)
    held.set(
      resource.type,
      rows.map((row) => resource.toBody(row) as Body),
    )
  }
  const { rows } = await sql<Row>`select t.* from service_site t
    where t.id in (select site_id from convention_site where convention_id = ${conventionId}) order by t.id`.execute(db)
  held.set(
    'service-site',
    rows.map((row) => serviceSites.toBody(row) as unknown as Body),
  )
  return held
}

/** The key under which a source holds something; undefined when it does not. */
export function keyIn(source: string, body: Pick<Body, 'sources'>): string | undefined {
  return body.sources.find((own) => own.source === source)?.key
}

/** The 404 of what a source does not hold, and of what it holds out of the caller's sight. */
export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
