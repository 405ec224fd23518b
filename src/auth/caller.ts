/** Who calls: nobody in particular, or the holder of an API key. */
export type Caller = { kind: 'anonymous' } | { kind: 'key'; id: string; name: string }

export const anonymous: Caller = { kind: 'anonymous' }

/** Whoever runs commands on the machine of the registry: may do everything, as every key may. */
export const operator = { kind: 'key', id: 'operator', name: 'the operator' } as const satisfies Caller

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; nobody in particular until the credential has been checked. */
    caller: Caller
  }
}
