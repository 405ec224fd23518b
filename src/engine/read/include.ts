/**
 * `include=lead,partners`: what a body names by id is answered in full beside the ids. One query for each relation,
 * however many bodies there are; what the caller may not see is left out.
 */
import type { Caller } from '../../auth/caller.ts'
import type { Resource } from '../resource.ts'
import type { Reading } from './as-of.ts'
import { selectByIds } from './queries.ts'

/** The relations of a resource: which field holds the ids of which resource. */
export type Relations = Readonly<Record<string, { field: string; resource: Resource }>>

/** The bodies with what was asked for; a single relation that is unknown is null. */
export async function withIncluded<Body>(
  reading: Reading,
  caller: Caller,
  bodies: Body[],
  relations: Relations,
  asked: readonly string[] = [],
): Promise<Body[]> {
  const included = bodies.map((body) => ({ ...body }) as Record<string, unknown>)
  for (const name of asked) {
    const relation = relations[name]
    if (!relation) continue
    const ids = new Set(included.flatMap((body) => (body[relation.field] ?? []) as string | string[]))
    const seen = await reading.inSightNow(relation.resource, [...ids])
    const found = await selectByIds(reading.db, relation.resource, caller, seen)
    for (const body of included) {
      const value = body[relation.field] as string | string[] | null
      body[name] = Array.isArray(value)
        ? value.map((id) => found.get(id)).filter((one) => one !== undefined)
        : ((value && found.get(value)) ?? null)
    }
  }
  return included as Body[]
}
