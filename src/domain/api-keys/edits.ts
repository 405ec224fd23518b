/**
 * Changes of API keys (create, rotate, revoke), the same through HTTP and from the command line. The caller opens the
 * transaction.
 */
import { type Caller, type KeyRole, keyRoles } from '../../auth/caller.ts'
import { assertAllowed, isAtLeast, mayManageKey } from '../../auth/policy.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { type BodyError, mergeErrors } from '../../http/errors/field-errors.ts'
import { invalidBody, problem } from '../../http/errors/problems.ts'
import { checkBody, withoutInvalidParts } from '../../http/input/validation.ts'
import { insertKey, type MadeKey, rotateKey } from './queries.ts'
import { keyRules } from './rules.ts'
import { type ApiKey, ApiKeyInput, ApiKeyRotation } from './schema.ts'

/** Makes the key that a body asks for; a 403 when the caller may not, a 422 that tells all that is wrong. */
export async function makeKey(db: Database, caller: Caller, body: unknown, now: Date): Promise<MadeKey> {
  assertMayCreate(caller, body)
  const { value, errors } = checkBody(ApiKeyInput, body)
  const input = withoutInvalidParts(value, errors) as ApiKeyInput | undefined
  if (!input) throw invalidBody(errors)
  const all = mergeErrors(value, errors, [...keyRules(input, now), ...(await unknownOrganization(db, input))])
  if (all.length > 0) throw invalidBody(all)
  return insertKey(db, input)
}

/** What cannot be read from a body is reported later, as an error of the body. */
function assertMayCreate(caller: Caller, body: unknown): void {
  assertAllowed(isAtLeast(caller, 'editor'))
  if (isAdmin(caller)) return
  const { organizationId, role } = (body ?? {}) as Record<string, unknown>
  const own = organizationOf(caller)
  const owner = typeof organizationId === 'string' ? organizationId.toLowerCase() : own
  assertAllowed(mayManageKey(caller, { organizationId: owner, role: keyRoles.find((one) => one === role) ?? lowest }))
}

const [lowest] = keyRoles as readonly [KeyRole, ...KeyRole[]]

async function unknownOrganization(db: Database, { organizationId }: ApiKeyInput): Promise<BodyError[]> {
  if (!organizationId) return []
  const organization = await db
    .selectFrom('organization')
    .select('id')
    .where('id', '=', organizationId)
    .forKeyShare()
    .executeTakeFirst()
  if (organization) return []
  const message = `${JSON.stringify(organizationId)} is no organization.`
  return [{ pointer: '/organizationId', code: 'unknown-reference', message }]
}

/** Gives a key a new secret, as a body asks for it; a 409 when the key is no longer valid. */
export async function renewKey(db: Database, key: ApiKey, body: unknown, now: Date): Promise<MadeKey> {
  const { value, errors } = checkBody(ApiKeyRotation, body)
  if (errors.length > 0) throw invalidBody(errors)
  const { overlapSeconds = limits.keyOverlapSeconds } = value as ApiKeyRotation
  const isOver = key.expiresAt !== null && Date.parse(key.expiresAt) <= now.getTime()
  if (key.revokedAt !== null || isOver)
    throw problem('conflict', 'The key is revoked or has expired: make another one.')
  return rotateKey(db, key.id, overlapSeconds, now)
}
