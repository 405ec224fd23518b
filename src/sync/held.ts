/**
 * What a convention holds, as rows turned into bodies: everything under it, or what one source keeps there. The body
 * of each names the sources that hold it, with their keys.
 */
import { sql } from 'kysely'
import { actions } from '../actions/queries.ts'
import { amendments } from '../amendments/queries.ts'
import { axes } from '../axes/queries.ts'
import { conventions } from '../conventions/queries.ts'
import type { Convention } from '../conventions/schema.ts'
import type { Database } from '../db/database.ts'
import type { Resource, ResourceType, Row } from '../resource/resource.ts'
import { serviceSites } from '../service-sites/queries.ts'
import { signatories } from '../signatories/queries.ts'

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

/** What others made under a convention: a source neither changes nor deletes it. */
export function othersOf(held: Held, source: string): Held {
  return new Map([...held].map(([type, bodies]) => [type, bodies.filter((body) => keyIn(source, body) === undefined)]))
}

/** The key under which a source holds something; undefined when it does not. */
export function keyIn(source: string, body: Pick<Body, 'sources'>): string | undefined {
  return body.sources.find((own) => own.source === source)?.key
}

/**
 * The convention that a source holds under a key, locked with the source: its documents are written one after the
 * other. Undefined when it holds none; the source exists from now on.
 */
export async function lockConvention(db: Database, source: string, key: string): Promise<Convention | undefined> {
  await sql`insert into source (name) values (${source}) on conflict do nothing`.execute(db)
  await sql`select from source where name = ${source} for no key update`.execute(db)
  const { rows } = await sql<Row>`select c.* from convention c join source_key k on k.id = c.id
    where k.source = ${source} and k.type = 'convention' and k.key = ${key} for no key update of c`.execute(db)
  return rows[0] && conventions.toBody(rows[0])
}
