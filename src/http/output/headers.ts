/**
 * The headers that every answer carries, in one place: the request's id, what browsers must not do, and that anybody's
 * page may read what is public (without credentials; writing from foreign pages is not offered).
 */
import type { FastifyRequest } from 'fastify'

const security = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const publicRead = {
  ...security,
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Allow, ETag, Link, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id',
}

const YEAR_SECONDS = 31_536_000

/** Beside the fixed ones, the answer to a preflight request of a browser. */
export const preflightHeaders = {
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Accept, If-None-Match, Last-Event-ID, Prefer',
  'access-control-max-age': '86400',
}

/** The headers for the answer to a request, whatever the answer is. */
export function fixedHeaders({ id, method, protocol }: Pick<FastifyRequest, 'id' | 'method' | 'protocol'>) {
  const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  return {
    ...(isRead ? publicRead : security),
    'x-request-id': id,
    ...(protocol === 'https' && { 'strict-transport-security': `max-age=${YEAR_SECONDS}` }),
  }
}

/** Whether a header can be sent: a line break in it would end the headers. */
export const isSendable = (value: unknown): boolean => !/[^\t\x20-\x7e\x80-\xff]/.test(String(value))
