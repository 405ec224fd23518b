/**
 * What a convention holds, as rows turned into bodies: everything under it, or what one source keeps there. The body
 * of each names the sources that hold it, with their keys.
 */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { demand, mayCoordinate } from '../auth/policy.ts'
import { sees } from '../auth/visibility.ts'
import type { Database } from '../db/database.ts'
import { actions } from '../domain/actions/queries.ts'
import { amendments } from '../domain/amendments/queries.ts'
import { axes } from '../domain/axes/queries.ts'
import { conventions } from '../domain/conventions/queries.ts'
import type { Convention } from '../domain/conventions/schema.ts'
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

/** What others made under a convention: a source neither changes nor deletes it. */
export function othersOf(held: Held, source: string): Held {
  return new Map([...held].map(([type, bodies]) => [type, bodies.filter((body) => keyIn(source, body) === undefined)]))
}

/** The key under which a source holds something; undefined when it does not. */
export function keyIn(source: string, body: Pick<Body, 'sources'>): string | undefined {
  return body.sources.find((own) => own.source === source)?.key
}

/**
 * The convention that a source holds under a key, locked; undefined when it holds none. A 404 when the caller does not
 * see it, a 403 when the caller may not write it.
 */
export async function lockConvention(
  db: Database,
  caller: Caller,
  source: string,
  key: string,
): Promise<Convention | undefined> {
  const { rows } = await sql<Row>`select c.* from convention c join source_key k on k.id = c.id
    where k.source = ${source} and k.type = 'convention' and k.key = ${key} for no key update of c`.execute(db)
  const [row] = rows
  if (!row) return undefined
  const convention = conventions.toBody(row)
  if (!sees(caller, { isPublic: convention.state !== 'draft', cafId: convention.cafId })) throw unknownKey(source, key)
  demand(mayCoordinate(caller, convention.cafId))
  return convention
}

/** The 404 of what a source does not hold, and of what it holds out of the caller's sight. */
export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
