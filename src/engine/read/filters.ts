/** The conditions that lists of several resources share. The table is called `t`. */
import { sql } from 'kysely'
import type { Static, TProperties } from 'typebox'
import type { ResourceType } from '../resource.ts'
import type { Condition } from './queries.ts'

/** The values of the filters of a list: any of them may be left out. */
export type FilterOf<P extends TProperties> = { [K in keyof P]?: Static<P[K]> | undefined }

/** Equal to a column. */
export function equal(column: string, value: unknown): Condition | undefined {
  return value === undefined ? undefined : sql<boolean>`${sql.ref(`t.${column}`)} = ${value}`
}

/** Held by a source, under a key when one is given. */
export function heldBy(type: ResourceType, source: string | undefined, key: string | undefined): Condition | undefined {
  if (source === undefined) return undefined
  const underKey = key === undefined ? sql`` : sql` and k.key = ${key}`
  return sql<boolean>`t.id in (select k.id from source_key k where k.type = ${type} and k.source = ${source}${underKey})`
}
