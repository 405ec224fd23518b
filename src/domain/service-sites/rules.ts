/** Rules of service sites and of their parts, and who may write them. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { assertAllowed, assertWritable, isAtLeast, writableOfSite } from '../../auth/policy.ts'
import { bindingFact, type WriteRequest } from '../../engine/authorize.ts'
import type { Change } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/declaration/declaration.ts'
import type { Row } from '../../engine/row-mapper.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'

/** A line of funding says who funds: an organization of the registry, or a name. */
export function namesItsFunder({
  funderId,
  funderName,
}: Record<'funderId' | 'funderName', string | null>): BodyError[] {
  if (funderId || funderName) return []
  const message = 'a line of funding names its funder: give funderId or funderName'
  return [{ pointer: '/funderName', code: 'required', message }]
}

/** A place has both latitude and longitude, or neither. */
export function placedWhole({ latitude, longitude }: Record<'latitude' | 'longitude', number | null>): BodyError[] {
  if ((latitude === null) === (longitude === null)) return []
  const pointer = latitude === null ? '/latitude' : '/longitude'
  return [{ pointer, code: 'required', message: 'latitude and longitude are given together or not at all' }]
}

/** Throws a 403 unless the caller may do this to a service site. */
export function authorizeSite({ caller, before, facts, body }: WriteRequest): void {
  if (!before) assertAllowed(isAtLeast(caller, 'editor'))
  else {
    const ownerIds = (facts.owner_ids ?? []) as string[]
    const managerId = (before.managerId ?? null) as string | null
    assertWritable(writableOfSite(caller, { ownerIds, managerId, isBinding: facts.is_binding === true }), body)
  }
}

/** To whom a site belongs, and whether a convention that links it binds the caller's organization. */
export const siteFacts = (caller: Caller, now: Date): RawBuilder<unknown> => sql`
  array(select r.owner_id where r.owner_id is not null
    union select o.organization_id from source_key k join source o on o.name = k.source
    where k.id = r.id and k.type = 'service-site' and o.organization_id is not null) as owner_ids,
  ${bindingFact(caller, now, sql`select l.convention_id from convention_site l where l.site_id = r.id`)}`

/** A site belongs to the organization that makes it. */
export const ownerOf = ({ operation }: Change, { ownerId }: Facts): Row =>
  operation === 'create' ? { owner_id: ownerId } : {}
