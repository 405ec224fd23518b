/** Visible resources by their ids: what a caller may not see is answered with the 404 of what does not exist. */
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import { problem } from '../../http/errors/problems.ts'
import type { Answer } from '../cache/answer-cache.ts'
import type { Resource } from '../declaration/resource.ts'
import { nameOf } from '../words.ts'
import type { ReadContext } from './as-of.ts'
import { idColumnsOf, type Relations } from './include.ts'
import { selectOne } from './queries.ts'
import { type AnswerLoader, type StoredAnswer, selectAnswers } from './stored-answers.ts'

/** What the past was may be hidden at any time, without a change in the journal of what it is about. */
export const audienceOf = ({ asOf }: ReadContext, { is_public: isPublic }: StoredAnswer): Answer['audience'] =>
  isPublic && asOf === undefined ? 'everyone' : 'nobody'

/** The stored answer of a resource; a 404 when it does not exist or the caller may not see it. */
export async function getVisibleOr404(
  reading: ReadContext,
  resource: Resource,
  caller: Caller,
  wanted: string,
  load?: AnswerLoader,
  relations: Relations = [],
): Promise<StoredAnswer> {
  if (load && reading.asOf === undefined)
    return (await load(caller, wanted)) ?? refuseMissing(reading, resource, wanted)
  const seen = await reading.visibleNow(resource, [wanted])
  const rows = await selectAnswers(reading.db, resource, caller, seen, idColumnsOf(relations))
  return rows.get(wanted) ?? refuseMissing(reading, resource, wanted)
}

function refuseMissing({ asOf }: ReadContext, { type }: Resource, wanted: string): never {
  throw notFound(type, wanted, asOf)
}

/** The body of a resource, for those who write; a 404 when it does not exist or the caller may not see it. */
export async function getBodyOr404<Body>(
  db: Database,
  resource: Resource<Body>,
  caller: Caller,
  wanted: string,
): Promise<Body> {
  const body = await selectOne(db, resource, caller, wanted)
  if (!body) throw notFound(resource.type, wanted)
  return body
}

/** The 404 of what does not exist and of what the caller may not see, in the same words. */
export const notFound = (type: string, wanted: string, asOf?: string) => {
  const thing = `${nameOf(type)} ${wanted}`
  return problem('not-found', asOf === undefined ? `There is no ${thing}.` : `There was no ${thing} at ${asOf}.`)
}
