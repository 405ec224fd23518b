/**
 * Authentication of a request under /v1, as soon as its path is known to exist. An invalid credential is rejected even on
 * public routes, so a client never mistakes itself for authenticated; writes need a valid one.
 */
import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock, Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { Problem, problem } from '../http/errors/problems.ts'
import type { Right } from '../http/server/route-contract.ts'
import { anonymous, bootstrapAdmin, type Caller, type KeyRole } from './caller.ts'
import { findHolder, hashOf } from './credentials.ts'
import { forbidden, isAtLeast } from './policy.ts'

/** The scheme in any case, as RFC 9110 has it, and a key of printable characters. */
const BEARER = /^Bearer +([\x21-\x7e]{1,255})$/i

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the credential is still valid, for what goes on long after its request. */
    revalidateCredential(): Promise<boolean>
  }
}

/** Sets `request.caller` of operations: for their plugin, whose hooks run after those of the root and before the body. */
export function registerAuthentication(app: FastifyInstance, db: Database, config: Config, clock: Clock): void {
  const bootstrap = config.bootstrapAdminKey === null ? null : hashOf(config.bootstrapAdminKey)

  async function callerWith(secret: string): Promise<Caller | undefined> {
    if (bootstrap && timingSafeEqual(hashOf(secret), bootstrap)) return bootstrapAdmin
    return findHolder(db, secret, clock.now())
  }

  app.decorateRequest('caller')
  app.decorateRequest('revalidateCredential', async () => true)
  app.addHook('onRequest', (request, reply, done) => {
    request.caller = anonymous
    const { headers, method, routeOptions } = request
    if (headers.authorization === undefined) {
      return done(isOpen(method, routeOptions) ? undefined : unauthorized('This operation needs an API key.'))
    }
    const secret = BEARER.exec(headers.authorization)?.[1]
    const refuse = (error: Error) =>
      done((error instanceof Problem && app.counting.chargeFailedAuth(request, reply)) || error)
    if (secret === undefined) return refuse(unauthorized('The credential must be `Bearer` and an API key.'))
    callerWith(secret).then((caller) => {
      if (!caller) return refuse(unauthorized('The API key is not valid.'))
      request.caller = caller
      request.revalidateCredential = async () => (await callerWith(secret)) !== undefined
      const tooOften = caller.kind === 'key' ? app.counting.key(request, reply, caller) : undefined
      done(tooOften ?? forbiddenByRole(caller, routeOptions.config.right))
    }, refuse)
  })
}

const unauthorized = (detail: string) => problem('unauthorized', detail, { headers: { 'www-authenticate': 'Bearer' } })

/** The 403 of a key whose role alone is too low: nothing else of the request needs to be known, nor its body read. */
function forbiddenByRole(caller: Caller, right: Right | undefined): Problem | undefined {
  if (right === undefined || isAtLeast(caller, right.role as KeyRole)) return undefined
  return forbidden(`This operation takes a key of the role ${right.role} or of a higher one.`)
}

/** Reads need a key only where their route says so, writes always. */
const isOpen = (method: string, { config }: FastifyRequest['routeOptions']) =>
  (method === 'GET' || method === 'HEAD') && config.right === undefined
