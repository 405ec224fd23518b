/** Rules of API keys beyond their schema. */
import type { BodyError } from '../../http/errors/field-errors.ts'
import type { ApiKeyInput } from './schema.ts'

/** The errors of a key to make: whose it is, and that it has not expired before it exists. */
export function keyRules({ organizationId, role, expiresAt }: Partial<ApiKeyInput>, now: Date): BodyError[] {
  const errors: BodyError[] = []
  if (role && role !== 'admin' && !organizationId) {
    const message = 'a key that is not of an administrator belongs to an organization: give organizationId'
    errors.push({ pointer: '/organizationId', code: 'required', message })
  }
  if (expiresAt && Date.parse(expiresAt) <= now.getTime())
    errors.push({ pointer: '/expiresAt', code: 'past', message: 'expiresAt is past' })
  return errors
}
