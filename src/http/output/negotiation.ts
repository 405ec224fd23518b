/**
 * Content negotiation by `Accept`, `Accept-Encoding` and `Accept-Language` headers (RFC 9110, 12.5): the most specific range that
 * fits decides, the highest weight wins, and among equals what the service offers first.
 */
import type { FastifyRequest, preParsingHookHandler } from 'fastify'
import { LRUCache } from 'lru-cache'
import { problem } from '../errors/problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types in which the operation answers; under /v1 by default JSON. */
    produces?: readonly string[]
    /** The formats of a collection, in the order of `produces`: the parameter `format` names one of them. */
    formats?: readonly NamedFormat[]
  }
}

export interface NamedFormat {
  name: string
  mediaType: string
}

/** Longer lists than any client sends are read up to here. */
const RANGES_MAX = 50

interface Range {
  name: string
  weight: number
}

/** The media type to answer in; undefined when the client accepts none of those offered. */
export function preferredType(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (!accept) return offered[0]
  const ranges = rangesOf(accept)
  return best(offered, (type) => weightOf(ranges, [type, type.replace(/\/.*/, '/*'), '*/*']))
}

/** The coding to answer in; `identity` when the client says nothing or wants nothing else. */
export function preferredCoding<T extends string>(acceptEncoding: string | undefined, offered: readonly T[]) {
  if (!acceptEncoding) return 'identity'
  const ranges = rangesOf(acceptEncoding)
  const coding = best(offered, (name) => weightOf(ranges, [name, '*']))
  if (coding === undefined) return 'identity'
  const identity = ranges.find(({ name }) => name === 'identity')?.weight ?? 0
  return identity > weightOf(ranges, [coding, '*']) ? 'identity' : coding
}

/** The language to answer in (RFC 4647, 3.4): `fr-CA` asks for `fr` too; the first that is offered when none fits. */
export function preferredLanguage<T extends string>(
  acceptLanguage: string | undefined,
  offered: readonly [T, ...T[]],
): T {
  const ranges = rangesOf(acceptLanguage ?? '')
  const weigh = (language: T) => {
    const fitting = ranges.filter(({ name }) => name === language || name.startsWith(`${language}-`))
    return fitting.length > 0 ? Math.max(...fitting.map(({ weight }) => weight)) : weightOf(ranges, ['*'])
  }
  return best(offered, weigh) ?? offered[0]
}

/** Refuses a request that accepts no format of its operation, before its body is read. */
export const checkAccept: preParsingHookHandler = (request, _reply, _payload, done) => {
  const { produces, formats } = request.routeOptions.config
  const isAcceptable =
    !produces || (formats ? negotiatedFormat(request) : preferredType(request.headers.accept, produces)) !== undefined
  done(isAcceptable ? null : problem('not-acceptable', `This resource is served as ${produces.join(' or ')}.`))
}

/**
 * The format in which to answer a read of a collection: the one that `format` names, whatever `Accept` says, so that
 * an address alone is enough; else the one that `Accept` prefers. Undefined when the client accepts none.
 */
export function negotiatedFormat<T extends NamedFormat>(request: FastifyRequest): T | undefined {
  const { formats = [], produces = [] } = request.routeOptions.config
  const isNamed = /format|%/.test(request.raw.url ?? '')
  const name = isNamed ? rawQueryOf(request)?.get('format') : undefined
  // A name that is unknown is a wrong parameter, which is found later.
  if (typeof name === 'string') return (formats.find((one) => one.name === name) ?? formats[0]) as T | undefined
  const type = preferredType(request.headers.accept, produces)
  return (type === undefined ? undefined : formats[produces.indexOf(type)]) as T | undefined
}

/** The query of a request before its parameters are parsed; undefined without one. */
export function rawQueryOf({ raw: { url = '' } }: FastifyRequest): URLSearchParams | undefined {
  const start = url.indexOf('?')
  return start === -1 ? undefined : new URLSearchParams(url.slice(start + 1))
}

/** Clients send few different headers; longer ones are read each time. */
const REMEMBERED = { headers: 200, characters: 200 }

const known = new LRUCache<string, Range[]>({ max: REMEMBERED.headers, memoMethod: readRanges })

const rangesOf = (header: string): Range[] =>
  header.length > REMEMBERED.characters ? readRanges(header) : known.memo(header)

function readRanges(header: string): Range[] {
  return header
    .split(',', RANGES_MAX)
    .map((range) => {
      const [name = '', ...parameters] = range.toLowerCase().split(';')
      const weight = parameters.find((parameter) => /^\s*q\s*=/.test(parameter))?.split('=')[1]
      return { name: name.trim(), weight: weightOfText(weight) }
    })
    .filter(({ name }) => name !== '')
}

/**
 * Lenient: quotes are dropped and a number is brought into its bounds, 0 to 1. What is no number counts as absent, so
 * that a client is never refused for a weight that it misspells.
 */
function weightOfText(text = ''): number {
  const weight = Number.parseFloat(text.trim().replace(/^"/, ''))
  return Number.isNaN(weight) ? 1 : Math.min(Math.max(weight, 0), 1)
}

/** The weight of the first of the names, the most specific one, that the client speaks of. */
function weightOf(ranges: Range[], names: string[]): number {
  for (const name of names) {
    const range = ranges.find((one) => one.name === name)
    if (range) return range.weight
  }
  return 0
}

function best<T>(offered: readonly T[], weigh: (offer: T) => number): T | undefined {
  let found: { offer: T; weight: number } | undefined
  for (const offer of offered) {
    const weight = weigh(offer)
    if (weight > (found?.weight ?? 0)) found = { offer, weight }
  }
  return found?.offer
}
