/**
 * Policy of writes, pure: who may change what, as functions of the caller and of stored facts. visibility.ts says who may
 * see what. A role includes the roles before it; an administrator may do everything. Ownership:
 * - a convention, with all that is under it, to the organization that coordinates it (its Caf);
 * - a service site to the organization that made it, else to the Caf of the first public convention that it was
 *   linked to (`engine/write/apply.ts`), and to those whose sources hold it;
 * - an organization that has keys to itself; any other has no owner: every editor completes it, and changes it where it is
 *   in their département or no public convention of another Caf names it;
 * - a source to the organization of the key that first used it, or to whom an administrator handed it over.
 */
import { type Problem, problem } from '../http/errors/problems.ts'
import type { Right } from '../http/server/route-contract.ts'
import { type Caller, type KeyRole, keyRoles } from './caller.ts'
import { isAdmin, organizationOf } from './visibility.ts'

/** What a caller may change of a thing: all of it, some of its fields, or nothing. */
export type WritableFields = 'all' | 'nothing' | readonly string[]

/** What a contributor changes of an action that its organization leads. */
const actionFields = ['progress', 'milestones', 'indicators', 'funding', 'reviews'] as const
/** What a contributor changes of a service site that its organization manages. */
const siteFields = ['funding'] as const

const rank = (role: KeyRole) => keyRoles.indexOf(role)

/** Whether the caller's role is this one or a higher one. */
export const isAtLeast = (caller: Caller, role: KeyRole): boolean =>
  caller.kind === 'key' && rank(caller.role) >= rank(role)

/** Whether the caller holds a key of this organization. */
const isOf = (caller: Caller, organizationId: string | null): boolean =>
  organizationId !== null && organizationOf(caller) === organizationId

/** Whether the caller may write a convention of this Caf, and all that is under it. */
export const mayCoordinate = (caller: Caller, cafId: string | null): boolean =>
  isAdmin(caller) || (isAtLeast(caller, 'editor') && isOf(caller, cafId))

/** An action; `isBinding`: its convention binds the caller's organization today. */
export interface ActionFacts {
  cafId: string
  leadId: string | null
  isBinding: boolean
}

export function writableOfAction(caller: Caller, { cafId, leadId, isBinding }: ActionFacts): WritableFields {
  if (mayCoordinate(caller, cafId)) return 'all'
  return isAtLeast(caller, 'contributor') && isOf(caller, leadId) && isBinding ? actionFields : 'nothing'
}

/** A service site; `isBinding`: a convention that it is linked to binds the caller's organization today. */
export interface SiteFacts {
  ownerIds: readonly string[]
  managerId: string | null
  isBinding: boolean
}

export function writableOfSite(caller: Caller, { ownerIds, managerId, isBinding }: SiteFacts): WritableFields {
  const isFree = ownerIds.length === 0 || ownerIds.some((id) => isOf(caller, id))
  if (isAdmin(caller) || (isAtLeast(caller, 'editor') && isFree)) return 'all'
  return isAtLeast(caller, 'contributor') && isOf(caller, managerId) && isBinding ? siteFields : 'nothing'
}

export interface OrganizationFacts {
  id: string
  /** Whether keys that are not revoked are its own. */
  holdsKeys: boolean
  /** Whether it is in a département of the caller's organization. */
  isNear: boolean
  /** Whether public conventions of another Caf name it. */
  isNamedByOthers: boolean
}

/** Whether the caller may complete an organization: fill in what is unknown. */
export const mayCompleteOrganization = (
  caller: Caller,
  { id, holdsKeys }: Pick<OrganizationFacts, 'id' | 'holdsKeys'>,
): boolean => isAdmin(caller) || (isAtLeast(caller, 'editor') && (isOf(caller, id) || !holdsKeys))

/** Throws a 403 that says why, unless the caller may change an organization, or delete it. */
export function assertWritesOrganization(caller: Caller, facts: OrganizationFacts): void {
  assertAllowed(mayCompleteOrganization(caller, facts))
  if (isAdmin(caller) || isOf(caller, facts.id) || facts.isNear || !facts.isNamedByOthers) return
  throw forbidden(
    'Public conventions of another Caf name this organization, which is in another département than that of this key: an editor there changes it, or an administrator.',
  )
}

/** Whether the caller may write documents of a source; null is one that was never used. */
export const mayUseSource = (caller: Caller, source: { organizationId: string | null } | null): boolean =>
  isAdmin(caller) || (isAtLeast(caller, 'editor') && (source === null || isOf(caller, source.organizationId)))

/** Whether the caller may make, rotate and revoke a key of this organization with this role. */
export const mayManageKey = (caller: Caller, key: { organizationId: string | null; role: KeyRole }): boolean =>
  isAdmin(caller) || (isAtLeast(caller, 'editor') && isOf(caller, key.organizationId) && isAtLeast(caller, key.role))

/** Throws a 403 unless it is allowed. */
export function assertAllowed(isAllowed: boolean): void {
  if (!isAllowed) throw forbidden('This key may see this, but not change it.')
}

/** Throws a 403 unless a caller of this reach may send this patch; undefined stands for a deletion. */
export function assertWritable(reach: WritableFields, patch: unknown): void {
  assertAllowed(reach !== 'nothing' && (reach === 'all' || patch !== undefined))
  if (reach === 'all' || reach === 'nothing') return
  const fields = typeof patch === 'object' && patch !== null && !Array.isArray(patch) ? Object.keys(patch) : []
  if (fields.some((field) => !reach.includes(field)))
    throw forbidden(`This key may change nothing here but ${reach.join(', ')}.`)
}

/** The 403 of a key that may see something and may not do this to it. */
export const forbidden = (detail: string): Problem => problem('forbidden', detail)

const ADMIN = ' An administrator may always.'
const CAF = 'an editor of the Caf that coordinates the convention'

/** What each operation takes, in the words of the contract: a route names its right, the document says it. */
export const rights = {
  createConvention: {
    role: 'editor',
    words: `Takes a key of an editor, whose organization the convention has as \`cafId\`.${ADMIN}`,
  },
  convention: {
    role: 'editor',
    words: `Takes a key of ${CAF}; to give it another \`cafId\` takes the right on both sides.${ADMIN}`,
  },
  underConvention: { role: 'editor', words: `Takes a key of ${CAF}.${ADMIN}` },
  action: {
    role: 'contributor',
    words: `Takes a key of ${CAF}; or of a contributor of the organization that leads the action, in a convention that binds it today: it changes ${listed(actionFields)}.${ADMIN}`,
  },
  createSite: {
    role: 'editor',
    words: `Takes a key of an editor, to whose organization the site belongs from then on.${ADMIN}`,
  },
  site: {
    role: 'contributor',
    words: `Takes a key of an editor of the organization to which the site belongs (that made it or whose source holds it, else the Caf of the first public convention that it was linked to), or of any editor while it has no owner; or of a contributor of the organization that manages it, while a convention that it is linked to binds that one: it changes ${listed(siteFields)}.${ADMIN}`,
  },
  deleteSite: {
    role: 'editor',
    words: `Takes a key of an editor of the organization to which the site belongs, or of any editor while it has no owner.${ADMIN}`,
  },
  createOrganization: { role: 'editor', words: `Takes a key of an editor.${ADMIN}` },
  organization: {
    role: 'editor',
    words: `Takes a key of an editor whose organization is in the same département, or of any editor while no public convention of another Caf names it; an organization that holds keys belongs to itself: it takes one of its own.${ADMIN}`,
  },
  document: {
    role: 'editor',
    words: `Takes a key of an editor of the organization to which the source belongs (that of the key that first used it), for conventions that it coordinates before and after.${ADMIN}`,
  },
  source: { role: 'admin', words: 'Takes a key of an administrator.' },
  me: { role: 'reader', words: 'Takes a key.' },
  readKeys: {
    role: 'reader',
    words: 'Takes a key: an administrator sees all keys, an editor those of its organization, others their own.',
  },
  readAudit: {
    role: 'reader',
    words:
      'Takes a key: an administrator sees all, others what the keys of their organization did or were refused, what became of these keys, and what was written under the conventions that it coordinates.',
  },
  key: {
    role: 'editor',
    words: `Takes a key of an editor, for keys of its own organization with a role up to its own.${ADMIN}`,
  },
} as const satisfies Record<string, Right & { role: KeyRole }>

function listed(fields: readonly string[]): string {
  const names = fields.map((field) => `\`${field}\``)
  return names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
