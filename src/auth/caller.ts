/** Who calls: nobody in particular, or the holder of an API key. */
export type Caller = { kind: 'anonymous' } | { kind: 'key'; id: string; name: string }

export const anonymous: Caller = { kind: 'anonymous' }

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; nobody in particular until the credential has been checked. */
    caller: Caller
  }
}
