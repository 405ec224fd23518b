/** Stored objects as documents see them: the body of each names the sources that hold it, with their keys. */
import { problem } from '../http/errors/problems.ts'

export type Body = Record<string, unknown> & { id: string; version: number; sources: { source: string; key: string }[] }

/** The key under which a source holds something; undefined when it does not. */
export function keyIn(source: string, body: Pick<Body, 'sources'>): string | undefined {
  return body.sources.find((own) => own.source === source)?.key
}

/** The 404 of what a source does not hold, and of what it holds out of the caller's sight. */
export const unknownKey = (source: string, key: string) =>
  problem('not-found', `The source ${source} holds no convention under the key ${JSON.stringify(key)}.`)
