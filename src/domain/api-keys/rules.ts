/** The rules of a key by itself, beyond its schema. */
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { ApiKeyInput } from './schema.ts'

/** The faults of a key to make: whose it is, and that it has not expired before it exists. */
export function keyRules({ organizationId, role, expiresAt }: Partial<ApiKeyInput>, now: Date): BodyFault[] {
  const faults: BodyFault[] = []
  if (role && role !== 'admin' && !organizationId) {
    const message = 'a key that is not of an administrator belongs to an organization: give organizationId'
    faults.push({ pointer: '/organizationId', code: 'required', message })
  }
  if (expiresAt && Date.parse(expiresAt) <= now.getTime())
    faults.push({ pointer: '/expiresAt', code: 'past', message: 'expiresAt is past' })
  return faults
}
