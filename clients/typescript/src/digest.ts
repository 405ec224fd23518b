/** Digest of a copy, by which it is compared with the registry. */
import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Schemas } from './registry.ts'

export interface Row {
  id: string
  version: number
  /** The body, or its text in the canonical form of RFC 8785. */
  data: unknown
}

/** The digest of all rows of a type, in any order: the sum of their hashes. */
export async function digestOf(rows: Iterable<Row> | AsyncIterable<Row>): Promise<Schemas['TypeDigest']> {
  let sum = 0n
  let count = 0
  for await (const { id, version, data } of rows) {
    const text = typeof data === 'string' ? data : canonicalize(data)
    sum += BigInt(`0x${hash('sha256', `${id}\n${version}\n${text}`)}`)
    count += 1
  }
  return { count, hash: (sum % 2n ** 256n).toString(16).padStart(64, '0') }
}
