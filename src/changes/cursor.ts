/**
 * Cursor: the place of a reader in the journal, opaque to clients: a position, the place within the next transaction, the first
 * bytes of the chain of what was read last, and a mark of the filters. It is bound to its filters and not to its reader, and stays
 * valid as long as the journal keeps its rows.
 */
import { hash } from 'node:crypto'
import { type Problem, problem } from '../http/errors/problems.ts'

/** After everything up to `position`, and after the rows of the next position up to `seq`; 0 before all of them. */
export interface Place {
  position: number
  seq: number
}

export interface Cursor extends Place {
  /** The chain of the last transaction of which something was read, or its first bytes, in hexadecimal. */
  chain: string
}

/** The position of the transaction that a cursor has read last, wholly or in part. */
export const reached = ({ position, seq }: Place): number => (seq > 0 ? position + 1 : position)

const CHAIN_DIGITS = 16

export const beginning: Cursor = { position: 0, seq: 0, chain: '0'.repeat(CHAIN_DIGITS) }

/** Filters that are the same for a reader have the same mark, in whatever order they were given. */
export function markOf(filters: object): string {
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  return hash('sha256', JSON.stringify(given), 'base64url').slice(0, 8)
}

export const chainDigits = (chain: string) => chain.slice(0, CHAIN_DIGITS)

export const writeCursor = ({ position, seq, chain }: Cursor, mark: string): string =>
  Buffer.from(JSON.stringify([position, seq, chainDigits(chain), mark])).toString('base64url')

/** The cursor that was given as a parameter; a 400 when it cannot be read or belongs to other filters. */
export function readCursor(given: string, mark: string, parameter: string): Cursor {
  const invalid = (message: string): Problem =>
    problem('invalid-cursor', message, { errors: [{ parameter, code: 'invalid-cursor', message }] })
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(given, 'base64url').toString())
  } catch {
    throw invalid('The cursor cannot be read.')
  }
  const [position, seq, chain, givenMark, ...rest] = Array.isArray(content) ? content : []
  const isPlace = isCount(position) && isCount(seq) && typeof chain === 'string' && /^[0-9a-f]{16}$/.test(chain)
  if (!isPlace || typeof givenMark !== 'string' || rest.length > 0) throw invalid('The cursor cannot be read.')
  if (givenMark !== mark) throw invalid('The cursor belongs to other filters: go on with those it was given for.')
  return { position, seq, chain }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
