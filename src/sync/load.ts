/**
 * Loads files of convention documents, each as a PUT under the key that it names itself and in a transaction of its
 * own. A document that refers to one further down in the file waits until that one is there.
 */
import { Type } from 'typebox'
import { operator } from '../auth/caller.ts'
import type { Database } from '../db/database.ts'
import { classify } from '../db/errors.ts'
import { inTransaction, OutcomeUnknown } from '../db/transaction.ts'
import { key } from '../engine/schema.ts'
import { invalidBody, Problem } from '../http/errors/problems.ts'
import { checkBody } from '../http/input/validation.ts'
import { type FileDocument, readDocuments } from './file.ts'
import { type PutOptions, putOptions } from './put-parameters.ts'
import { type PutOutcome, putDocument } from './write/put.ts'
import type { PutRequest } from './write/resolve.ts'

type OwnKeyPut = Omit<PutRequest, 'key' | 'body'> & { document: unknown }

const Named = Type.Object({
  key: key('The key of the convention in its source (French: clé).', 'pays-de-l-aigle-2022'),
})

/**
 * Puts a document under the key that it names itself, which is answered as it is stored; to be called in a transaction.
 * Throws what putDocument throws.
 */
export async function putOwnKey(
  db: Database,
  { document, ...request }: OwnKeyPut,
): Promise<PutOutcome & { key: string }> {
  const { value, errors } = checkBody(Named, isObject(document) ? { key: document.key } : document)
  if (errors.length > 0) throw invalidBody(errors)
  return { ...(await putDocument(db, { ...request, key: value.key, body: document })), key: value.key }
}

/** What became of a document; `error` is what was wrong with it. */
export interface Loaded {
  place: string
  outcome: 'created' | 'updated' | 'unchanged' | 'failed'
  warnings: PutOutcome['result']['warnings']
  error?: unknown
}

interface LoadOptions {
  source: string
  now(): Date
  options?: PutOptions
}

/**
 * Loads the documents of a file, and reports the outcome of each. The file is read again for those that waited, as
 * often as that gets some of them in. Throws when the file cannot be read or the database cannot be reached.
 */
export async function* loadFile(db: Database, file: string, options: LoadOptions): AsyncGenerator<Loaded> {
  let waiting: Map<string, Loaded> | undefined
  for (;;) {
    const still = new Map<string, Loaded>()
    for await (const document of readDocuments(file)) {
      if (waiting && !waiting.has(document.place)) continue
      const loaded = await load(db, document, options)
      if (namesUnknown(loaded.error)) still.set(document.place, loaded)
      else yield loaded
    }
    if (still.size === 0 || still.size === waiting?.size) return yield* still.values()
    waiting = still
  }
}

async function load(
  db: Database,
  { place, read }: FileDocument,
  { source, now, options = putOptions({}) }: LoadOptions,
): Promise<Loaded> {
  try {
    const document = read()
    const origin = { actor: operator.id, requestId: null, source }
    const put = await inTransaction(db, origin, (trx) =>
      putOwnKey(trx, { ...options, caller: operator, source, document, now: now() }),
    )
    return { place, outcome: outcomeOf(put), warnings: put.result.warnings }
  } catch (error) {
    if (isUnreachable(error)) throw error
    return { place, outcome: 'failed', warnings: [], error }
  }
}

/** What a PUT did to its convention and to what is under it. */
export function outcomeOf({ isNew, result }: Pick<PutOutcome, 'isNew' | 'result'>) {
  const { created, updated, deleted } = result.report
  return isNew ? 'created' : created + updated + deleted > 0 ? 'updated' : 'unchanged'
}

/** Whether the next document would fail in the same way. */
function isUnreachable(error: unknown): boolean {
  const kind = classify(error)?.kind
  return error instanceof OutcomeUnknown || kind === 'connection-lost' || kind === 'unavailable'
}

/** Whether all that is wrong is that it refers to what is not there: it may come further down. */
const namesUnknown = (error: unknown) =>
  error instanceof Problem && (error.errors ?? []).length > 0 && error.errors?.every((one) => one.code === UNKNOWN)

const UNKNOWN = 'unknown-reference'

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
