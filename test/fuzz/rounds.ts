/**
 * Rounds of requests that mean harm, one after the other, against a service that listens: each gets an answer of the
 * contract, in time; what is refused leaves nothing in the journal. What was wrong is told with the request.
 */
import type { Database } from '../../src/db/database.ts'
import type { Document } from '../../src/http/openapi/types.ts'
import { commits } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { contractErrors } from '../support/contract.ts'
import { pick, randomFrom } from '../support/turmoil.ts'
import { basesOf, harms } from './requests.ts'
import { bytesOf, exchange, type RawAnswer, type RawRequest } from './socket.ts'

/** Where a harm may come to as if nothing were wrong: of ten requests so many have no key. */
const WITHOUT_KEY = 0.2
const TOLD_CHARACTERS = 600

/** "Beside what an operation lists, any request may meet", says the document; and HTTP itself, where it is no HTTP. */
const MET_ANYWHERE = [400, 405, 408, 413, 414, 417, 431]

export interface Target {
  /** Where the service listens. */
  address: string
  db: Database
  /** Of its OpenAPI document. */
  text: string
}

export interface Findings {
  asked: number
  /** How many answers had which status. */
  statuses: Record<number, number>
  errors: string[]
}

/** Asks until it is over; the same seed asks the same. `round` counts from 0. */
export async function harm(
  { address, db, text }: Target,
  seed: number,
  isOver: (round: number) => boolean,
): Promise<Findings> {
  const document = JSON.parse(text) as Document
  const bases = basesOf(document)
  const random = randomFrom(seed)
  const findings: Findings = { asked: 0, statuses: {}, errors: [] }
  let before = await commits(db)
  for (let round = 0; !isOver(round); round++) {
    const base = pick(random, bases)
    const name = pick(random, Object.keys(harms))
    const made = harms[name]?.(base, random, document)
    if (!made) continue
    const isKeyed = random() >= WITHOUT_KEY
    const request = isKeyed ? { ...made, headers: [...made.headers, KEY] } : made
    const answer = await exchange(address, bytesOf(request)).catch((error: Error) => error.message)
    const after = await commits(db)
    const errors = faultsOf(text, request, answer)
    if (typeof answer === 'object') {
      findings.statuses[answer.status] = (findings.statuses[answer.status] ?? 0) + 1
      if (answer.status >= 300 && after !== before) errors.push('it was refused and is in the journal')
    }
    before = after
    findings.asked += 1
    findings.errors.push(...errors.map((error) => `${name}: ${error}: ${show(request)}`))
  }
  return findings
}

const KEY: RawRequest['headers'][number] = ['Authorization', `Bearer ${ADMIN_KEY}`]

const show = (request: RawRequest) => JSON.stringify(bytesOf(request).toString('latin1')).slice(0, TOLD_CHARACTERS)

function faultsOf(document: string, request: RawRequest, answer: RawAnswer | undefined | string): string[] {
  if (typeof answer === 'string') return [answer]
  if (answer === undefined) return ['the connection ended without an answer']
  const { status, headers, bytes } = answer
  if (status >= 500) return [`a ${status}: ${bytes}`]
  const type = headers['content-type'] ?? ''
  // What was streamed is cut off where it is read.
  if (String(type).startsWith('text/event-stream')) return []
  if (MET_ANYWHERE.includes(status)) return problemErrors(request, answer)
  const url = request.target.replace(/^http:\/\/[^/]*/, '')
  const seen = { method: request.method, url, status, headers, bytes }
  return [...contractErrors(document, seen), ...illFormed(headers, bytes)]
}

/** Before it is known for which operation a request is, its answer is a problem all the same. */
function problemErrors({ method }: RawRequest, { status, headers, bytes }: RawAnswer): string[] {
  if (method === 'HEAD') return []
  if (headers['content-type'] !== 'application/problem+json') return [`a ${status} without a problem: ${bytes}`]
  const told = JSON.parse(String(bytes))
  const isWhole = told.status === status && told.instance === `urn:uuid:${headers['x-request-id']}`
  return [...(isWhole ? [] : [`a ${status} whose problem is not its own: ${bytes}`]), ...illFormed(headers, bytes)]
}

/** Half a character in an answer would stop readers that are strict. */
function illFormed(headers: RawAnswer['headers'], bytes: Buffer): string[] {
  if (!/json$/.test(String(headers['content-type'])) || headers['content-encoding'] || bytes.length === 0) return []
  let isWell = true
  JSON.parse(String(bytes), (name, value) => {
    isWell &&= name.isWellFormed() && (typeof value !== 'string' || value.isWellFormed())
    return value
  })
  return isWell ? [] : [`half a character in the answer: ${bytes}`]
}
