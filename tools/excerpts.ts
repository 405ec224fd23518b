/**
 * Excerpts of answers for examples: short lists, the first and last lines of long texts. Values that differ each time,
 * such as instants, are replaced, so that the same routes give the same examples.
 */
import type { FastifyInstance } from 'fastify'
import YAML from 'yaml'

export const JSON_TYPE = 'application/json'
export const EVENTS_TYPE = 'text/event-stream'

/** Longer lists are cut to their first items. */
const LIST_MAX = 5
const LIST_KEPT = 3

const INSTANT = '2026-01-01T00:00:00.000Z'
const PLACE = 'WzIsMCwiZmE0MjUxZjU5Yjk3MWMzNyIsIlQxUE5vWXdyIl0'

/** What differs each time, by the name of its field. */
const replaced = new Map<string, unknown>([
  ['createdAt', INSTANT],
  ['updatedAt', INSTANT],
  ['at', '2026-01-01T00:00:00.000000Z'],
  ['chain', 'fa4251f59b971c373f3577a3bdcf3ddb3084e27a3657cada07597dccb4213464'],
  ['hash', 'fc2a7e27bd335ef999342d479a9cedfe8f94a89dafe0d2b7e6377d599b647534'],
  ['requestId', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ['instance', 'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057'],
  ['prefix', 'ctg_QQQQQQQQ'],
  ['unitsPerMinute', 60_000],
  ['last_modified', INSTANT],
  ['date_maj', INSTANT.slice(0, 10)],
])
/** The hash of no resource is always this. */
const NOTHING_HASHED = '0'.repeat(64)
/** The form of a secret, and what is shown in its place. */
const SECRET = /^ctg_[\w-]{43}$/
const SHOWN_SECRET = `ctg_${'Q'.repeat(43)}`

/** Of a snapshot the first lines and the last one, of a stream the first events and the one after the last. */
const LINES_KEPT = 3
const EVENTS_KEPT = 2
/** Of the OpenAPI document, which cannot hold itself, the first operations. */
const PATHS_KEPT = 1

/** The part of an answer of a media type that serves as its example. */
export function excerpt(mediaType: string, body: string): unknown {
  if (mediaType.endsWith('+json')) return tidy(JSON.parse(body))
  switch (mediaType) {
    case JSON_TYPE:
      return tidy(ofDocument(JSON.parse(body)))
    case 'text/csv':
      return ends(body.trimEnd().split('\r\n'), LINES_KEPT).map(tidyRow).join('\r\n').concat('\r\n')
    case 'application/yaml':
      return YAML.stringify(ofDocument(YAML.parse(body)), { lineWidth: 0 })
    case 'application/x-ndjson':
      return ends(body.trimEnd().split('\n'), LINES_KEPT).map(tidyText).join('\n').concat('\n')
    case EVENTS_TYPE:
      return ends(body.trimEnd().split('\n\n'), EVENTS_KEPT).map(tidyEvent).join('')
    default:
      return body.slice(0, body.indexOf('</title>')).concat('</title> …')
  }
}

const ends = (parts: string[], kept: number): string[] => parts.filter((_, i) => i < kept || i === parts.length - 1)

const tidyText = (json: string): string => JSON.stringify(tidy(JSON.parse(json)))

/** The instants of this database. */
const tidyRow = (row: string): string => row.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, INSTANT)

const tidyEvent = (event: string): string =>
  `${event.replace(/^id: .*$/m, `id: ${PLACE}`).replace(/^data: (.*)$/m, (_, data) => `data: ${tidyText(data)}`)}\n\n`

/** An OpenAPI document cut to what opens it; any other body as it is. */
function ofDocument(body: Record<string, unknown>): unknown {
  if (typeof body.openapi !== 'string') return body
  const { openapi, info, paths } = body as { openapi: string; info: Record<string, unknown>; paths: object }
  const { title, version, summary } = info
  const first = Object.entries(paths)
    .slice(0, PATHS_KEPT)
    .map(([path, { get }]) => {
      const { operationId, tags, summary } = get
      return [path, { get: { operationId, tags, summary } }]
    })
  return { openapi, info: { title, version, summary }, paths: Object.fromEntries(first) }
}

/** The events of a stream up to `complete`; then the connection is closed, which takes a real one. */
export async function readEvents(app: FastifyInstance, url: string): Promise<string> {
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const left = new AbortController()
  const { body } = await fetch(`${address}${url}`, { signal: left.signal })
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    if (/^event: complete\n(?:.+\n)+\n/m.test(text)) break
  }
  left.abort()
  return text
}

/** A body without what differs each time and with short lists. */
export function tidy(value: unknown): unknown {
  if (typeof value === 'string' && SECRET.test(value)) return SHOWN_SECRET
  if (Array.isArray(value)) return (value.length > LIST_MAX ? value.slice(0, LIST_KEPT) : value).map(tidy)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => {
    // The cursor of a place in the journal holds its chain.
    if (name === 'next' && 'position' in value) return [name, PLACE]
    const isReplaced = replaced.has(name) && member !== null && member !== NOTHING_HASHED
    return [name, isReplaced ? replaced.get(name) : tidy(member)]
  })
  return Object.fromEntries(members)
}
