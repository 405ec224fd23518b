/**
 * Caller: anonymous, or the holder of an API key. A key has a role; it belongs to an organization, or to
 * those who run the registry.
 */
/** What the holder of an API key may do, each what the ones before it may, and more. */
export const keyRoles = ['reader', 'contributor', 'editor', 'admin'] as const
export type KeyRole = (typeof keyRoles)[number]

export type Caller =
  | { kind: 'anonymous' }
  | {
      kind: 'key'
      id: string
      name: string
      /** Null: those who run the registry. */
      organizationId: string | null
      role: KeyRole
    }

export const anonymous: Caller = { kind: 'anonymous' }

/** Who comes with BOOTSTRAP_ADMIN_KEY, which holds for as long as the process does. */
export const bootstrapAdmin = {
  kind: 'key',
  id: 'bootstrap',
  name: 'BOOTSTRAP_ADMIN_KEY',
  organizationId: null,
  role: 'admin',
} as const satisfies Caller

/** The operator who runs commands on the machine of the registry: an administrator. */
export const operator = {
  kind: 'key',
  id: 'operator',
  name: 'the operator',
  organizationId: null,
  role: 'admin',
} as const satisfies Caller

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; anonymous until the credential has been checked. */
    caller: Caller
  }
}
