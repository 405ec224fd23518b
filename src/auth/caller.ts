/** Who calls: nobody in particular, or the holder of an API key. */
export type Caller = { kind: 'anonymous' } | { kind: 'key'; id: string; name: string }

export const anonymous: Caller = { kind: 'anonymous' }
