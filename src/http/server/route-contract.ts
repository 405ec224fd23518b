/**
 * Route contract, applied to each operation as it is registered: nothing is served under /v1 that the OpenAPI document
 * does not explain. The problems that a route can answer follow from its method and from what it takes, so no route
 * lists them.
 */
// Only for its words on the schema of a route: operationId, summary, tags.
import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { problemTypes } from '../errors/problem-types.ts'
import type { ProblemSlug } from '../errors/problems.ts'
import { requireBody } from '../input/body.ts'
import { checkParameters } from '../input/parameters.ts'
import { boundAnswerTime } from '../limits/answer-time.ts'
import { withoutBody } from '../output/response.ts'
import { type Keywords, ref } from '../schema/schemas.ts'
import { exampleOf, ProblemBody } from './problem-schema.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The operations that take a key. */
    rightsOfOperations: { operationId: string; right: Right }[]
  }
  interface FastifyContextConfig {
    /** Whether it is an operation of the contract: all that the plugin under /v1 registers is one. */
    isOperation?: boolean
    /** Whether a write takes `If-Match`: it must, or it may. */
    versioned?: 'required' | 'optional'
    /** Whether it may be asked for what the journal no longer keeps, also without `since` or `asOf`. */
    mayReturn410?: boolean
    /** Who may call it. A read without one is open to all; a write has one. */
    right?: Right
    /** Whether its answer is a stream, which has no entity tag, and says of what it holds itself what goes wrong. */
    streamed?: boolean
    /** Whether whatever fits the form of its path has an answer, be it an empty list: no 404. */
    never404?: boolean
  }
}

/** The least role that an operation takes, and all that it asks of a key in words. */
export interface Right {
  role: string
  words: string
}

const slugs = Object.keys(problemTypes) as ProblemSlug[]

/** What a route is, as far as it matters to the problems it can answer. */
interface RouteKind {
  isRead: boolean
  /** It is followed by a cursor: a list in pages, or the changes. */
  isList: boolean
  isFeed?: boolean
  /** It deletes what a document no longer lists. */
  isGuarded?: boolean
}

/** Problems that only some kinds of routes have. */
const kindOf: Partial<Record<ProblemSlug, (kind: RouteKind) => boolean>> = {
  'invalid-cursor': ({ isList }) => isList,
  'other-past': ({ isFeed }) => isFeed === true,
  'outcome-unknown': ({ isRead }) => !isRead,
  'state-left-out': ({ isGuarded }) => isGuarded === true,
  'source-conflict': ({ isGuarded }) => isGuarded === true,
  'other-source': ({ isGuarded }) => isGuarded === true,
  'too-many-deletions': ({ isGuarded }) => isGuarded === true,
}

const notModified = { description: 'Not changed since the entity tag in `If-None-Match`.', type: 'null' }

/** The responses of these statuses, which are no success, with an example for each type of problem. */
export function responsesOf(statuses: number[], kind: RouteKind) {
  const isMet = (slug: ProblemSlug) => kindOf[slug]?.(kind) ?? true
  return Object.fromEntries(
    statuses.map((status) => {
      const slugsOfStatus = slugs.filter((slug) => problemTypes[slug].status === status && isMet(slug))
      return [status, slugsOfStatus.length > 0 ? problemResponse(slugsOfStatus) : notModified]
    }),
  )
}

const problemResponse = (met: ProblemSlug[]) => ({
  description: met.map((slug) => `[${problemTypes[slug].title}](/problems/${slug})`).join(' · '),
  content: {
    'application/problem+json': {
      schema: ref(ProblemBody),
      examples: Object.fromEntries(
        met.map((slug) => [slug, { summary: problemTypes[slug].title, value: exampleOf(slug) }]),
      ),
    },
  },
})

/** Gives a route for HEAD the headers that GET has. */
export function completeHead(route: RouteOptions): void {
  if (route.method === 'HEAD')
    route.onSend = [route.onSend ?? []].flat().map((hook) => (isOfFramework(hook) ? withoutBody : hook))
}

/** Makes every route that a plugin registers from now on an operation of the contract. */
export function registerContract(api: FastifyInstance): void {
  api.decorate('rightsOfOperations', [])
  api.addHook('onRoute', (route) => {
    completeOperation(route)
    const { operationId = '' } = route.schema as FastifySchema
    const right = route.config?.right
    if (right && route.method !== 'HEAD') api.rightsOfOperations.push({ operationId, right })
  })
  boundAnswerTime(api)
}

/** Completes an operation as it is registered; throws, so that the service does not start, when it breaks a rule. */
function completeOperation(route: RouteOptions): void {
  const schema = (route.schema ?? {}) as FastifySchema
  const errors = [...missingWords(schema), ...undeclaredParameters(route.url, schema), ...missingRight(route)]
  if (errors.length > 0) throw new Error(`${route.method} ${route.url} needs ${errors.join(', ')}`)
  const { properties = {} } = (schema.querystring ?? {}) as Keywords
  const isFeed = 'since' in properties
  const isGuarded = 'maxDeletes' in properties
  const kind = { isRead: isRead(route), isList: isFeed || 'cursor' in properties, isFeed, isGuarded }
  // Once a stream has begun it can only say so by an event.
  const mayReturn410 = (isFeed && !route.config?.streamed) || 'asOf' in properties || route.config?.mayReturn410
  const statuses = [...statusesOf(route), ...(mayReturn410 ? [410] : [])]
  const response = { ...responsesOf(statuses, kind), ...(schema.response as object | undefined) }
  route.schema = { ...schema, ...rightWords(schema, route.config?.right), response } as FastifySchema
  route.config = { produces: ['application/json'], ...route.config, isOperation: true }
  route.preValidation = [checkParameters(schema), requireBody, ...[route.preValidation ?? []].flat()]
}

const isRead = ({ method }: RouteOptions) => method === 'GET' || method === 'HEAD'

/** The framework's own hook for HEAD would count the bytes of an answer 304. */
const isOfFramework = ({ name }: { name: string }) => name === 'headRouteOnSendHandler'

/** Who may call stands in the description, and as the least role where programs find it. */
const rightWords = ({ description }: FastifySchema, right: Right | undefined) => ({
  ...(right && { description: `${description} ${right.words}` }),
  'x-required-role': right?.role ?? 'none',
})

const missingRight = (route: RouteOptions) => (isRead(route) || route.config?.right ? [] : ['a right'])

function missingWords({ operationId, summary, description, tags }: FastifySchema): string[] {
  const words = { operationId, summary, description, 'exactly one tag': tags?.length === 1 }
  return Object.entries(words)
    .filter(([, given]) => !given)
    .map(([name]) => name)
}

function undeclaredParameters(url: string, { params }: FastifySchema): string[] {
  const { properties = {} } = (params ?? {}) as Keywords
  const names = url.split('/').filter((part) => /^:[^:]/.test(part))
  return names.filter((name) => !(name.slice(1) in properties)).map((name) => `a schema of ${name}`)
}

/** The statuses that are no success and that follow from the route itself. */
function statusesOf(route: RouteOptions): number[] {
  const { url, config } = route
  return [
    ...(config?.streamed ? [] : isRead(route) ? [304] : [409]),
    ...[400, 401],
    ...(isRead(route) ? [] : [403]),
    ...(/\/:[^:]/.test(url) && !config?.never404 ? [404] : []),
    ...[406, 414],
    // A write that takes no body may be sent one all the same, and has a key that may have come with another.
    ...(isRead(route) ? [] : [413, 415, 422]),
    ...(config?.versioned ? [412] : []),
    ...(config?.versioned === 'required' ? [428] : []),
    429,
    ...[500, 503],
  ]
}
