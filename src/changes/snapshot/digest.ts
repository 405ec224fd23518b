/**
 * Digest of all that a reader may see, by which copies are compared. For each resource the sha256 of its id, a line
 * feed, its version, a line feed and its body in the canonical form of RFC 8785; for each type the sum of these, as
 * numbers of 256 bits modulo 2^256, in hexadecimal: the order in which a copy is read does not matter.
 */
import { hash } from 'node:crypto'
import type { Content } from './snapshot.ts'

const MODULUS = 2n ** 256n
const DIGITS = 64

export interface TypeDigest {
  count: number
  hash: string
}

/** The digest of the contents, by type; types of which there is nothing have a count of 0. */
export async function digestOf(
  contents: AsyncIterable<Content>,
  types: readonly string[],
): Promise<Record<string, TypeDigest>> {
  const sums = new Map(types.map((type) => [type, { count: 0, sum: 0n }]))
  for await (const { type, id, version, answer } of contents) {
    const sum = sums.get(type)
    if (!sum) continue
    sum.count += 1
    sum.sum = (sum.sum + BigInt(`0x${hash('sha256', `${id}\n${version}\n${canonical(JSON.parse(answer))}`)}`)) % MODULUS
  }
  return Object.fromEntries(
    [...sums].map(([type, { count, sum }]) => [type, { count, hash: sum.toString(16).padStart(DIGITS, '0') }]),
  )
}

/**
 * JSON in canonical form (RFC 8785): members sorted by UTF-16 code units, nothing between tokens. Of bodies, whose members
 * are named by words: names that are numbers would come first.
 */
const canonical = (body: unknown): string => JSON.stringify(sorted(body))

/** Written by one call, sorted members take half the time of members written one by one. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const members = value as Record<string, unknown>
  const ordered: Record<string, unknown> = {}
  // Without a comparison of ours names are sorted by code units, natively.
  for (const name of Object.keys(members).sort()) ordered[name] = sorted(members[name])
  return ordered
}
