/**
 * Rate limit: units a minute for each caller, counted by key, else by address. The cost of an operation is in its route. A
 * wrong key is counted by address and costs much, so that guessing ends. Counted in memory, by each process for itself.
 */
import { hash } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, limits } from '../../config.ts'
import { type Problem, problem } from '../errors/problems.ts'
import { networksOf } from './client-network.ts'
import type { QuotaCaller } from './concurrency-quota.ts'
import { buckets, WINDOW_MS } from './gcra.ts'
import { ttlMap } from './ttl-map.ts'

const { costs, countedCallers } = limits

/** A key may do so many times as much as an address. */
const KEY_FACTOR = 10

export type Cost = keyof typeof costs

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What kind of work the operation is, or a request for it; by default a read or a write, by its method. */
    cost?: Cost | ((request: FastifyRequest) => Cost)
  }
  interface FastifyInstance {
    counting: Counting
  }
  interface FastifyRequest {
    /** Whom it shares quotas with: its organization, else its network; without a rate limit nobody. */
    quotaCaller: QuotaCaller
  }
}

/** Called by authentication; each returns the 429 of the request, if it gets one. */
export interface Counting {
  /** The credential is that of this key; those without an organization run the registry. */
  key(request: FastifyRequest, reply: FastifyReply, key: CountedKey): Problem | undefined
  chargeFailedAuth(request: FastifyRequest, reply: FastifyReply): Problem | undefined
  /** What a key may use in a minute; null: no limit. */
  unitsOfKey: number | null
}

interface CountedKey {
  id: string
  organizationId: string | null
}

/** For the root, after the pipeline. `perMinute` is for an address; 0 sets no limit. */
export function registerRateLimit(app: FastifyInstance, perMinute: number, { elapsedMs }: Clock): void {
  const counter = perMinute > 0 ? counterOf(perMinute, elapsedMs) : uncounted
  app.decorateRequest('quotaCaller')
  app.decorate('counting', {
    unitsOfKey: perMinute > 0 ? perMinute * KEY_FACTOR : null,
    key(request, reply, { id, organizationId }) {
      const organization = `organization ${organizationId}`
      if (perMinute > 0) request.quotaCaller = { id: organization, hasKey: true }
      counter.remember(request, organization)
      return counter.take(reply, 'key', id, costOf(request))
    },
    chargeFailedAuth: (request, reply) =>
      counter.take(reply, 'address', networksOfClient(request).network, costs.failedAuth),
  } satisfies Counting)
  app.addHook('onRequest', (request, reply, done) => {
    const { network: address, wider } = networksOfClient(request)
    const hasKey = isKeyed(request)
    const organization = hasKey ? counter.organizationOf(request) : undefined
    const id = perMinute > 0 ? (organization ?? `network ${wider}`) : request.id
    request.quotaCaller = { id, hasKey }
    if (!hasKey) return done(counter.take(reply, 'address', address, costOf(request)))
    // Beyond the limit of its address a key that was not valid lately is not even looked up.
    done(organization ? undefined : counter.refuse(reply, address))
  })
}

const isKeyed = ({ headers, routeOptions }: FastifyRequest): boolean =>
  headers.authorization !== undefined && routeOptions.config.isOperation === true

function costOf(request: FastifyRequest): number {
  const { method, routeOptions } = request
  const { cost = method === 'GET' || method === 'HEAD' ? 'read' : 'write' } = routeOptions.config
  return costs[typeof cost === 'function' ? cost(request) : cost]
}

/** Of the address that the last trusted proxy names, or that of the connection where it names none. */
const networksOfClient = ({ ip, socket }: FastifyRequest) => networksOf(isIP(ip) ? ip : (socket.remoteAddress ?? ''))

const uncounted = {
  take: () => undefined,
  refuse: () => undefined,
  remember: () => undefined,
  organizationOf: () => undefined,
}

function counterOf(perMinute: number, elapsedMs: Clock['elapsedMs']) {
  const counted = {
    address: buckets(perMinute, countedCallers),
    key: buckets(perMinute * KEY_FACTOR, countedCallers),
  }
  /** The credentials that were valid lately, with their organizations. */
  const valid = ttlMap<string>(WINDOW_MS, countedCallers)
  const fingerprint = ({ headers }: FastifyRequest) => hash('sha256', headers.authorization ?? '', 'base64')

  /** Takes the cost and returns what is left; the 429 when there is not enough. */
  function take(reply: FastifyReply, name: keyof typeof counted, who: string, cost: number): Problem | undefined {
    if (cost === 0) return undefined
    const { size } = counted[name]
    const { isAllowed, left, fullInMs, retryInMs } = counted[name].take(who, cost, elapsedMs())
    reply.headers({
      'ratelimit-policy': `"${name}";q=${size};w=${WINDOW_MS / 1_000}`,
      ratelimit: `"${name}";r=${left};t=${seconds(fullInMs)}`,
    })
    if (isAllowed) return undefined
    const detail = `This request costs ${cost} units: of the ${size} that this ${name} may use in a minute ${left} are left.`
    return problem('too-many-requests', detail, { headers: { 'retry-after': String(seconds(retryInMs)) } })
  }

  return {
    take,
    /** The 429 of an address with nothing left. */
    refuse(reply: FastifyReply, address: string) {
      const { left } = counted.address.take(address, 0, elapsedMs())
      return left === 0 ? take(reply, 'address', address, costs.read) : undefined
    },
    remember: (request: FastifyRequest, organization: string) =>
      valid.set(fingerprint(request), organization, elapsedMs()),
    organizationOf: (request: FastifyRequest) => valid.get(fingerprint(request), elapsedMs()),
  }
}

const seconds = (ms: number) => Math.ceil(ms / 1_000)
