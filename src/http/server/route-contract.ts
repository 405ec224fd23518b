/**
 * Route contract, applied to each operation as it is registered: nothing is served under /v1 that the OpenAPI document
 * does not explain. The problems that a route can answer follow from its method and from what it takes, so no route
 * lists them.
 */
// Only for its words on the schema of a route: operationId, summary, tags.
import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { Type } from 'typebox'
import { problemTypes } from '../errors/problem-types.ts'
import { type ProblemSlug, problem, problemBody } from '../errors/problems.ts'
import { requireBody } from '../input/body.ts'
import { checkParameters, PARAMETER_MAX } from '../input/parameters.ts'
import { withoutBody } from '../output/response.ts'
import {
  id,
  integer,
  KEY_MAX,
  type Keywords,
  list,
  nullable,
  pointer,
  ref,
  responseSchema,
  text,
} from '../schema/schemas.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it is an operation of the contract: all that the plugin under /v1 registers is one. */
    isOperation?: boolean
    /** Whether a write takes `If-Match`: it must, or it may. */
    versioned?: 'required' | 'optional'
    /** Whether it may be asked for what the journal no longer keeps, also without `since` or `asOf`. */
    mayReturn410?: boolean
    /** Who may call it. A read without one is open to all; a write has one. */
    right?: Right
    /** Whether its answer is a stream, which has no entity tag: it is never found unchanged. */
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

const ErrorBody = responseSchema('Fault', 'One thing that is wrong with what was sent.', {
  pointer: Type.Optional(pointer('JSON Pointer (RFC 6901) to the field of the body.', '/title')),
  parameter: Type.Optional(
    Type.String({
      maxLength: PARAMETER_MAX,
      description: 'Name of the parameter of the path, the query or the header, as it was sent: it may be empty.',
      examples: ['limit'],
    }),
  ),
  code: text(100, 'What is wrong, for programs. The list may grow.', 'required'),
  message: text(2_000, 'What is wrong, for people: names the field and its rule.', 'title is required.'),
})

const InUseBy = responseSchema('InUseBy', 'A resource that is in the way.', {
  type: text(100, 'What kind of resource it is.', 'signatory'),
  id: id('Its identifier.', '01890a5d-ac96-774b-bcce-b302099a8057'),
})

/** As many as what a document lists and what others can have made under its convention. */
const CONFLICTS_MAX = 1_000

/** All that a document may hold, and as much again that it may delete. */
const CHANGES_MAX = 12_000
const FIELDS_MAX = 100

const count = (description: string, example: number) => integer(0, CHANGES_MAX, description, example)

const ChangeCounts = responseSchema(
  'ChangeCounts',
  'How much a refused document would have changed (French: décompte).',
  {
    created: count('How many it would have created (French: créés).', 0),
    updated: count('How many it would have changed (French: modifiés).', 1),
    deleted: count('How many it would have deleted (French: supprimés).', 12),
    unchanged: count('How many would have stayed as they are (French: inchangés).', 18),
  },
)

const RefusedChange = responseSchema(
  'RefusedChange',
  'A change that a refused document would have made (French: changement refusé).',
  {
    operation: text(100, 'What would have been done: `create`, `update` or `delete` (French: opération).', 'delete'),
    type: text(100, 'What kind of resource it is (French: type de ressource).', 'action'),
    key: nullable(text(KEY_MAX, 'Its key in the source (French: clé).', 'itinerance')),
    id: nullable(
      id(
        'Its identifier; null of what would have been created (French: identifiant).',
        '01890a5d-ac96-774b-bcce-b302099a8057',
      ),
    ),
    fields: list(
      text(100, 'Name of a field (French: nom du champ).', 'title'),
      FIELDS_MAX,
      'The fields that would have changed (French: champs modifiés).',
    ),
  },
)

/** The component of every problem. */
export const ProblemBody = responseSchema('Problem', 'What went wrong and what to do (RFC 9457).', {
  type: text(200, 'Path of the page that explains problems of this type. It never changes.', '/problems/not-found'),
  title: text(200, 'The type in words, the same in every answer.', problemTypes['not-found'].title),
  status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.', examples: [404] }),
  detail: text(2_000, 'What is wrong this time.', problemTypes['not-found'].example.detail),
  instance: text(
    100,
    'The id of the request as a URN, also in `X-Request-Id`: name it when you ask the operators.',
    'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057',
  ),
  errors: Type.Optional(list(ref(ErrorBody), 100, 'All that is wrong with the body or the parameters, 100 at most.')),
  conflictsWith: Type.Optional(
    list(ref(InUseBy), CONFLICTS_MAX, 'Of an `already-exists`: the resources that hold what only one may hold.'),
  ),
  inUseBy: Type.Optional(
    list(ref(InUseBy), 50, 'Of an `in-use`: what names it, 50 at most; what you may not see is only counted.'),
  ),
  counts: Type.Optional(ref(ChangeCounts)),
  plan: Type.Optional(list(ref(RefusedChange), CHANGES_MAX, 'What would have been done.')),
  inUseByCount: Type.Optional(integer(1, Number.MAX_SAFE_INTEGER, 'Of an `in-use`: how many name it.', 2)),
})

const EXAMPLE_ID = '01890a5d-ac96-774b-bcce-b302099a8057'

/** The example of a problem, as its page and the OpenAPI document show it. */
export function exampleOf(slug: ProblemSlug) {
  const { detail, errors } = { errors: undefined, ...problemTypes[slug].example }
  return problemBody(problem(slug, detail, errors && { errors }), EXAMPLE_ID)
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
  api.addHook('onRoute', completeOperation)
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
    ...(!isRead(route) ? [409] : config?.streamed ? [] : [304]),
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
