/**
 * Idempotency, and the frame of every write: one transaction, with its origin for the journal, at most once for each
 * Idempotency-Key. The answer is stored in the same transaction, so that a replay has its bytes.
 */
import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { inTransaction } from '../../db/transaction.ts'
import { problem } from '../../http/errors/problems.ts'
import type { Sent } from '../../http/server/api.ts'

/** The answer of a write; an undefined body is none, a string is JSON already. */
export interface WriteAnswer<Body> {
  status: number
  headers: Record<string, string>
  body: Body
  /** The body of a replay, where that of the first answer must not be stored. */
  storedBody?: unknown
}

/** Runs a write and sends its answer, or the answer that its Idempotency-Key got before. */
export async function runWrite<Body>(
  db: Database,
  request: FastifyRequest,
  reply: FastifyReply,
  source: string | null,
  work: (trx: Database) => Promise<WriteAnswer<Body>>,
): Promise<Sent<Body>> {
  const scope = scopeOf(request)
  const origin = { actor: callerId(request), requestId: request.id, source }
  const { replayed, ...answer } = await inTransaction(db, origin, async (trx) => {
    const stored = scope && (await selectStored(trx, scope))
    if (stored) return { ...stored, replayed: true }
    const answer = await work(trx)
    const body = jsonOf(answer.body)
    if (scope) await store(trx, scope, { ...answer, body: jsonOf(answer.storedBody) ?? body })
    return { status: answer.status, headers: answer.headers, body, replayed: false }
  })
  reply.code(answer.status).headers(answer.headers)
  if (replayed) reply.header('idempotent-replayed', 'true')
  return sendPreferred(request, reply, answer.body)
}

const jsonOf = (body: unknown) => (body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body))

/** `Prefer: return=minimal` leaves the body out; a 201 keeps its `Location`. */
function sendPreferred(request: FastifyRequest, reply: FastifyReply, body: string | null): FastifyReply {
  if (body === null) return reply.send()
  if (!prefersMinimal(request.headers.prefer))
    return reply.type('application/json; charset=utf-8').serializer(String).send(`${body}\n`)
  reply.header('preference-applied', 'return=minimal')
  if (reply.statusCode === 200) reply.code(204)
  return reply.send()
}

function prefersMinimal(prefer: string | string[] | undefined): boolean {
  const preferences = [prefer ?? []].flat().join(',').split(',')
  const wanted = preferences.map((one) => one.split(';')[0]?.replace(/[\s"]/g, '').toLowerCase())
  return wanted.find((one) => one?.startsWith('return=')) === 'return=minimal'
}

/** One use of an Idempotency-Key: of this credential, method, path and query, with this body. */
interface IdempotencyScope {
  caller: string
  method: string
  path: string
  key: string
  fingerprint: Buffer
}

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/** The `Idempotency-Key` of a request, if it has one; throws a 400 when it is malformed. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined || (typeof key === 'string' && PRINTABLE.test(key))) return key
  const message = 'Idempotency-Key must be 1 to 255 printable characters.'
  throw problem('invalid-parameter', message, {
    errors: [{ parameter: 'Idempotency-Key', code: 'malformed', message }],
  })
}

/** A longer path is stored as its hash: an index entry has 2,704 bytes at most. */
const PATH_MAX = 1_000

function scopeOf(request: FastifyRequest): IdempotencyScope | undefined {
  const key = idempotencyKeyOf(request)
  if (key === undefined) return undefined
  const sent = JSON.stringify(request.body ?? null)
  return {
    caller: callerId(request) ?? '',
    method: request.method,
    path: request.url.length > PATH_MAX ? hash('sha256', request.url) : request.url,
    key,
    fingerprint: hash('sha256', sent, 'buffer'),
  }
}

const callerId = ({ caller }: FastifyRequest) => (caller.kind === 'key' ? caller.id : null)

const expiry = sql<string>`now() - make_interval(secs => ${limits.idempotencySeconds})`

/** More than one, so that a backlog shrinks. */
const EXPIRED_PER_WRITE = 10

/** The stored answer; a 409 while the first request is under way, a 422 when its body was another. */
async function selectStored(db: Database, scope: IdempotencyScope) {
  const { caller, method, path, key, fingerprint } = scope
  const name = JSON.stringify([caller, method, path, key])
  const lock = await sql<{
    free: boolean
  }>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as free`.execute(db)
  if (!lock.rows[0]?.free) {
    throw problem('busy', 'A request with this Idempotency-Key is under way.', { headers: { 'retry-after': '1' } })
  }
  const stored = await db
    .selectFrom('idempotent_answer')
    .select(({ eb }) => ['status', 'headers', 'body', eb('fingerprint', '=', fingerprint).as('same')])
    .where('caller', '=', caller)
    .where('method', '=', method)
    .where('path', '=', path)
    .where('key', '=', key)
    .where('at', '>', expiry)
    .$narrowType<{ headers: Record<string, string> }>()
    .executeTakeFirst()
  if (stored && !stored.same)
    throw problem('idempotency-key-reused', 'This Idempotency-Key came with another body before.')
  return stored
}

async function store(
  db: Database,
  scope: IdempotencyScope,
  { status, headers, body }: WriteAnswer<string | null>,
): Promise<void> {
  await db
    .insertInto('idempotent_answer')
    .values({ ...scope, status, headers: JSON.stringify(headers), body })
    .onConflict((on) =>
      on.columns(['caller', 'method', 'path', 'key']).doUpdateSet(({ ref }) => ({
        fingerprint: ref('excluded.fingerprint'),
        status: ref('excluded.status'),
        headers: ref('excluded.headers'),
        body: ref('excluded.body'),
        at: ref('excluded.at'),
      })),
    )
    .execute()
  await deleteExpired(db)
}

/** Each store deletes a few expired answers, so that they never pile up. */
async function deleteExpired(db: Database): Promise<void> {
  await sql`delete from idempotent_answer where ctid = any(array(
    select ctid from idempotent_answer where at < ${expiry}
    limit ${EXPIRED_PER_WRITE} for update skip locked))`.execute(db)
}
