/**
 * Pagination by keyset: a cursor holds the order columns of the last row, and a mark of the list and filters that
 * it belongs to. It carries no rights: altering one only changes where the client's own list goes on.
 */
import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { limits } from '../../config.ts'
import { type Problem, problem } from '../errors/problems.ts'
import { isDate, isText } from '../schema/formats.ts'
import { boolean, integer, list, nullable, ref, responseSchema, text } from '../schema/schemas.ts'

/** The Postgres types of order columns. */
export type KeyType = 'uuid' | 'text' | 'integer' | 'bigint' | 'double precision' | 'integer[]' | 'date' | 'timestamptz'

/** The query parameters of every list. */
export const pageParameters = {
  limit: Type.Optional(
    Type.Unsafe<number>({
      ...integer(1, limits.pageItems, 'How many to answer at most.', limits.pageItemsByDefault),
      default: limits.pageItemsByDefault,
    }),
  ),
  cursor: Type.Optional(
    text(
      limits.cursorCharacters,
      'Where to go on: `next` of the page before, with the same filters.',
      'WyJxT2pIZz0iLFsiMDE5YSJdXQ',
    ),
  ),
  count: Type.Optional(boolean('Whether to count all that the filters let through.', true)),
}

/** The component of a page of a resource, named after it: `ConventionPage`; of at most so many items. */
export function pageOf<T extends TSchema>(schema: T, max: number = limits.pageItems) {
  const { $id } = schema as { $id?: string }
  return responseSchema(`${$id}Page`, `A page of a list of ${$id}.`, {
    data: list(ref(schema), max, 'What was found, in the order of the list.'),
    next: nullable(
      text(limits.cursorCharacters, 'The `cursor` of the next page; null on the last.', 'WyJxT2pIZz0iLFsiMDE5YSJdXQ'),
    ),
    count: nullable(
      integer(
        0,
        Number.MAX_SAFE_INTEGER,
        'How many the filters let through, on all pages; null unless asked for by `count=true`.',
        2,
      ),
    ),
  })
}

export interface PageStart {
  limit: number
  /** The order columns of the last row of the page before; undefined on the first page. */
  after: unknown[] | undefined
  count: boolean
}

interface PageQuery {
  limit?: number
  cursor?: string
  count?: boolean
}

/** The page that a request asks for, in an order of columns of these types; a 400 when its cursor does not fit. */
export function pageStart(request: FastifyRequest, keys: readonly KeyType[]): PageStart {
  const { limit = limits.pageItemsByDefault, cursor, count = false } = request.query as PageQuery
  return { limit, count, after: cursor === undefined ? undefined : readCursor(cursor, markOf(request), keys) }
}

/** Where a list goes on after a row with these order columns, undefined on the last page: its cursor and its `Link`. */
export function nextPage(request: FastifyRequest, last: unknown[] | undefined) {
  if (!last) return { next: null, link: null }
  const next = writeCursor(markOf(request), last)
  return { next, link: `<${withCursor(request.raw.url ?? '', next)}>; rel="next"` }
}

/** The body of a page; `last` are the order columns of its last row when more rows follow. Sets `Link`. */
export function pageBody<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { data, last, count }: { data: T[]; last: unknown[] | undefined; count: number | null },
): { data: T[]; next: string | null; count: number | null } {
  const { next, link } = nextPage(request, last)
  if (link !== null) reply.header('link', link)
  return { data, next, count }
}

export const writeCursor = (mark: string, keys: readonly unknown[]): string =>
  Buffer.from(JSON.stringify([mark, keys])).toString('base64url')

/** The order columns in a cursor; a 400 when it belongs to another list or was altered. */
export function readCursor(cursor: string, mark: string, keys: readonly KeyType[]): unknown[] {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw invalidCursor('The cursor cannot be read.')
  }
  const [givenMark, values, ...rest] = Array.isArray(content) ? content : []
  if (typeof givenMark !== 'string' || !Array.isArray(values) || rest.length > 0)
    throw invalidCursor('The cursor cannot be read.')
  if (givenMark !== mark) throw invalidCursor('The cursor belongs to another list or to other filters.')
  if (values.length !== keys.length || !keys.every((type, i) => isKey(type, values[i])))
    throw invalidCursor('The cursor cannot be read.')
  return values
}

const invalidCursor = (message: string): Problem =>
  problem('invalid-cursor', message, { errors: [{ parameter: 'cursor', code: 'invalid-cursor', message }] })

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** After the day, as Postgres writes it in UTC. */
const TIME = /^ (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?\+00$/
const INTEGER_MAX = 2 ** 31 - 1
const INTEGER_MIN = -(2 ** 31)

function isKey(type: KeyType, value: unknown): boolean {
  switch (type) {
    case 'uuid':
      return typeof value === 'string' && UUID.test(value)
    case 'text':
      return typeof value === 'string' && isText(value)
    case 'integer':
      return Number.isInteger(value) && (value as number) >= INTEGER_MIN && (value as number) <= INTEGER_MAX
    case 'bigint':
      return Number.isSafeInteger(value)
    case 'double precision':
      return Number.isFinite(value)
    case 'date':
      return typeof value === 'string' && (value === 'infinity' || isDate(value))
    case 'timestamptz':
      return typeof value === 'string' && isDate(value.slice(0, 10)) && TIME.test(value.slice(10))
    case 'integer[]':
      return Array.isArray(value) && value.every((one) => isKey('integer', one))
  }
}

/** They choose how much of a list is shown and how, not what is in it. */
const FREE = new Set(['limit', 'cursor', 'count', 'include', 'format', 'columns', 'labels'])

function markOf({ query, params, routeOptions }: FastifyRequest): string {
  const filters = Object.entries(query as object)
    .filter(([name]) => !FREE.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify([routeOptions.url, params, filters]), 'base64url').slice(0, 8)
}

/** The same URL with another cursor, as an absolute path: a host that a client names is never repeated. */
function withCursor(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url.replace(/^https?:\/\/[^/?#]*/i, ''), 'http://localhost')
  searchParams.set('cursor', cursor)
  return `${pathname}?${searchParams}`
}
