/**
 * Duplicates: a document under a new key that describes a convention which is there already. It says that it is another
 * one, or takes it over from those who made it by hand.
 */
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { seenConvention } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { nameKey } from '../../domain/territories/names.ts'
import type { Change, Fields, Stored } from '../../engine/change-set.ts'
import { keyOf, type TerritoryRead } from '../../engine/declaration/territories.ts'
import { firstDay, lastDay } from '../../engine/partial-date.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { type Problem, problem } from '../../http/errors/problems.ts'
import { type Item, ofType } from '../document/items.ts'

/** The convention that a document under a new key means: one that is there, by its id, or `none`; undefined asks. */
export type DocumentLink = string | undefined

/** Of a document that means none of those that are there. */
export const NO_LINK = 'none'

/** Throws a 409 that names the conventions of the same Caf, perimeter and time as one that would be created. */
export async function refuseDuplicate(db: Database, caller: Caller, changes: readonly Change[]): Promise<void> {
  const [own] = ofType(changes, 'convention')
  const { startsOn, territories, cafId, predecessorId, mergedIntoId } = own?.after ?? {}
  const start = firstDay(startsOn as string | null)
  const perimeter = ((territories ?? []) as TerritoryRead[]).map(keyOf)
  if (!start || perimeter.length === 0) return
  const { rows } = await sql<{ id: string }>`select c.id from convention c
    where c.caf_id = ${cafId} and c.territory_keys @> ${perimeter} and c.territory_keys <@ ${perimeter}
      and c.from_day <= coalesce(${endOf(changes)}::date, 'infinity') and coalesce(c.to_day, 'infinity') >= ${start}::date
      and c.id <> all(${[predecessorId, mergedIntoId].filter(Boolean)}::uuid[]) and ${seenConvention(caller)}
    order by c.id limit 50`.execute(db)
  if (rows.length === 0) return
  const ids = rows.map(({ id }) => id)
  const detail = `There is a convention of the same Caf, perimeter and time already: ${ids.join(', ')}. link=${ids[0]} takes it over, where no source has it; link=${NO_LINK} says that this is another one.`
  throw problem('duplicate-convention', detail, {
    members: { conflictsWith: ids.map((id) => ({ type: 'convention', id })) },
  })
}

/** The last day of a convention, as its period will have it; null when it is not known. */
function endOf(changes: readonly Change[]): string | null {
  const [convention] = ofType(changes, 'convention')
  const { state, endsOn, terminatedOn } = (convention?.after ?? {}) as Term
  const [latest] = ofType(changes, 'amendment')
    .map(({ after }) => after as unknown as Amended)
    .filter((amendment) => amendment?.endsOn)
    .sort((a, b) => sinceOf(b).localeCompare(sinceOf(a)) || b.number - a.number)
  const end = lastDay(latest?.endsOn ?? endsOn)
  const terminated = state === 'terminated' ? lastDay(terminatedOn) : null
  return [end, terminated].filter((day) => day !== null).sort()[0] ?? null
}

interface Term {
  state?: string
  endsOn?: string | null
  terminatedOn?: string | null
}

interface Amended {
  number: number
  endsOn: string | null
  effectiveOn: string | null
  signedOn: string | null
}

/** From when on an amendment counts; one of which that is not known before all others. */
const sinceOf = ({ effectiveOn, signedOn }: Amended) => firstDay(effectiveOn) ?? firstDay(signedOn) ?? ''

/** The 400 of a link to what is no convention, or none in sight. */
export function notLinked(id: string): Problem {
  const message = `link is ${NO_LINK}, or the id of a convention: there is none with the id ${id}.`
  return problem('invalid-parameter', message, { errors: [{ parameter: 'link', code: 'unknown-reference', message }] })
}

/** Throws a 409 that names the source which has the convention: only one without an owner is taken over. */
export function assertUnowned({ sources: [owner] }: Stored): void {
  if (owner) throw problem('other-source', `Another source owns this convention: ${owner.source}.`)
}

/**
 * What is under a convention that is taken over, by the items that describe it: amendments by their numbers, signatories by
 * their organizations, all else by its title.
 * @param organizationOf the id that a key of an organization means
 */
export function takenOver(
  items: readonly Item[],
  parts: ReadonlyMap<ResourceType, readonly Stored[]>,
  organizationOf: (key: string) => string,
): Map<Item, Stored> {
  const free = new Map<string, Stored[]>()
  for (const [type, bodies] of parts)
    for (const body of bodies.filter(({ sources }) => sources.length === 0)) {
      const name = `${type} ${likeness(type, body)}`
      free.set(name, [...(free.get(name) ?? []), body])
    }
  return new Map(
    items.flatMap((item) => {
      const { type, input, place } = item
      const organizationId = organizationOf(input.organization as string)
      const body = free.get(`${type} ${likeness(type, { number: place, ...input, organizationId })}`)?.shift()
      return body ? [[item, body] as const] : []
    }),
  )
}

function likeness(type: ResourceType, { number, organizationId, title, name }: Fields): unknown {
  if (type === 'amendment') return number
  return type === 'signatory' ? organizationId : nameKey(`${title ?? name}`)
}
