/**
 * Headers that every answer carries beside the request's id: what browsers must not do, and that any page may read what
 * is public (without credentials; writing from foreign pages is not offered).
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

const secure = { 'strict-transport-security': `max-age=${YEAR_SECONDS}` }
const ofReads = { http: publicRead, https: { ...publicRead, ...secure } }
const ofWrites = { http: security, https: { ...security, ...secure } }

/** The headers of every answer to a request, but for its id; the same object for each kind of request. */
export function fixedHeaders({
  method,
  protocol,
}: Pick<FastifyRequest, 'method' | 'protocol'>): Record<string, string> {
  const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  return (isRead ? ofReads : ofWrites)[protocol === 'https' ? 'https' : 'http']
}

/** Whether a header can be sent: a line break in it would end the headers. */
export const isSendable = (value: unknown): boolean => !/[^\t\x20-\x7e\x80-\xff]/.test(String(value))
