/**
 * Cached reads: the hook that answers from memory, and the handler that reads and keeps. The hook runs after
 * authentication, limits and `Accept`, before parameters are parsed: a request with a kept answer is valid.
 */
import type { FastifyReply, FastifyRequest, preParsingHookHandler } from 'fastify'
import type { Caller } from '../../auth/caller.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { negotiatedFormat } from '../../http/output/negotiation.ts'
import type { Representation } from '../../http/output/response.ts'
import { type Answer, AnswerCache } from './answer-cache.ts'
import { changedBetween, type Look, look } from './freshness.ts'

const MEGABYTE = 1024 * 1024

/** The cache of a process; undefined when it may keep nothing. */
export function openCache(db: Database, megabytes: number): AnswerCache | undefined {
  if (megabytes === 0) return undefined
  const freshness = {
    look: () => look(db),
    changedBetween: (before: Look, now: Look) => changedBetween(db, before, now),
  }
  return new AnswerCache(freshness, megabytes * MEGABYTE)
}

/** Whether the caller sees nothing that the public does not. */
export const seesOnlyPublic = (caller: Caller): boolean => !isAdmin(caller) && organizationOf(caller) === null

/**
 * The parts of a route whose answers are kept; without a cache each is read. `variantOf` says what an answer depends on
 * beside the request and the journal, such as the day.
 */
export function cachedRead<Request extends FastifyRequest = FastifyRequest>(
  cache: AnswerCache | undefined,
  read: (request: Request, reply: FastifyReply) => Promise<Answer>,
  variantOf: () => string = () => '',
) {
  const entryOf = (request: FastifyRequest) => `${variantOf()}${keyOf(request)}`
  return {
    ...(cache && { preParsing: answerFrom(cache, entryOf) }),
    async handler(request: Request, reply: FastifyReply) {
      if (!cache) return (await read(request, reply)).representation
      return cache.fill(entryOf(request), () => read(request, reply))
    },
  }
}

const answerFrom =
  (cache: AnswerCache, entryOf: (request: FastifyRequest) => string): preParsingHookHandler =>
  (request, reply, _payload, done) => {
    const guarded = (answer: () => unknown) => {
      try {
        answer()
      } catch (error) {
        // The others who waited for the same look still get their answers.
        request.log.error({ err: error }, 'an answer could not be sent')
        reply.raw.destroy()
      }
    }
    const send = (kept: Representation) => guarded(() => reply.send(kept))
    cache.find(entryOf(request), seesOnlyPublic(request.caller), send, () => guarded(done))
  }

/** The request target, byte for byte, and the format: another spelling of it is another entry. */
function keyOf(request: FastifyRequest): string {
  const { raw, routeOptions } = request
  const format = routeOptions.config.formats && negotiatedFormat(request)?.name
  return format === undefined ? (raw.url ?? '') : `${format} ${raw.url}`
}
