/** Stored objects and their keys in a source: the body of each lists its sources. */
import type { Stored } from '../../engine/change-set.ts'
import { problem } from '../../http/errors/problems.ts'

/** The key under which a source holds something; undefined when it does not. */
export function sourceKeyOf(source: string, body: Pick<Stored, 'sources'>): string | undefined {
  return body.sources.find((own) => own.source === source)?.key
}

/** The 404 of what a source does not hold, and of what it holds out of the caller's sight. */
export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
