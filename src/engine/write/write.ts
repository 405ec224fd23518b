/**
 * Write of one resource (POST, PATCH, DELETE), all stages in order: find the target, parse the body, lock, decide, apply,
 * read the stored answer. In a transaction.
 */
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { organizationOf } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { BodyError } from '../../http/errors/field-errors.ts'
import { invalidBody } from '../../http/errors/problems.ts'
import { checkBody, withoutInvalidParts } from '../../http/input/validation.ts'
import { changedFields, deletionOf, type Fields, type Standing, type Stored, wholeBody } from '../change-set.ts'
import type { Resource } from '../declaration/resource.ts'
import { type StoredAnswer, selectAnswersOf } from '../read/stored-answers.ts'
import { nameOf } from '../words.ts'
import { applyPlan } from './apply.ts'
import { bodyOf, type Draft, isOpening } from './decide/complete.ts'
import { decide, type Proposal } from './decide/decide.ts'
import { keptBases } from './overrides.ts'
import { countParts, type Parts, selectParts, whole } from './standing.ts'
import { findTarget, lockTarget, type Target, type Write } from './target.ts'

/** Creates, changes or deletes one; the stored answer of it, undefined once it is deleted. Throws every problem of writes. */
export async function writeOne(db: Database, write: Write): Promise<StoredAnswer | undefined> {
  const { resource, caller, now } = write
  const found = await findTarget(db, write)
  const sent = parse(write, found)
  const locked = await lockTarget(db, write, found, sent?.draft)
  // Another writer, for whom it waited, changed it: what the write opens, closes and names now is locked as well.
  const isStale = locked.before?.version !== found.before?.version
  const current = isStale ? parse(write, locked) : sent
  const target = isStale ? await lockTarget(db, write, locked, current?.draft) : locked
  const conventionId = resource.type === 'convention' ? (current?.draft.id ?? write.id) : target.convention?.id
  const about = { caller, now, conventionId, ownerId: organizationOf(caller) }
  const proposal: Proposal = current
    ? {
        ...about,
        ...current,
        drafts: [current.draft],
        standing: await selectStanding(db, write, target, current.draft),
      }
    : { ...about, ...deletion(write, target) }
  const { set, plan } = await decide(db, proposal)
  if (!plan.isEmpty) await applyPlan(db, plan, now)
  const bases = set.changes[0] && keptBases(set.changes[0])
  if (!current) {
    await bases?.execute(db)
    return undefined
  }
  const answer = selectAnswersOf(db, resource).where('t.id', '=', current.draft.id)
  if (!bases) return answer.executeTakeFirst()
  return (await sql<StoredAnswer>`with kept as (${bases}) ${answer}`.execute(db)).rows[0]
}

/** What was sent as a draft, with what is wrong with it by its schema; undefined of a deletion. Throws when it is unreadable. */
function parse(
  write: Write,
  { before, convention }: Target,
): { draft: Draft; body: unknown; errors: BodyError[] } | undefined {
  const { resource, body } = write
  if (body === undefined) return undefined
  const { value, errors } = checkBody(
    before ? resource.Patch : resource.Input,
    before ? merged(resource, before, body) : body,
  )
  const input = withoutInvalidParts(value, errors) as Fields | undefined
  if (!input) throw invalidBody(errors)
  const base = before ? Object.fromEntries(resource.fields.map((field) => [field, before[field]])) : resource.defaults
  const id = before?.id ?? uuidv7()
  const within = resource.visibility === 'convention' ? { conventionId: convention?.id } : {}
  const after = { ...bodyOf(resource, { ...base, ...input }), id, ...within }
  const draft = { type: resource.type, id, place: wholeBody, after, lost: new Set<string>(), ...(before && { before }) }
  return { draft, body: value, errors }
}

/** A merge patch reaches into objects (RFC 7396), and the one kind of field that holds an object is a territory. */
function merged({ declared }: Resource, before: Fields, body: unknown): unknown {
  if (!isObject(body)) return body
  const territories = Object.keys(declared).filter(
    (field) => declared[field]?.facts.isTerritory && isObject(before[field]) && isObject(body[field]),
  )
  // The same object: the worker may have checked it already.
  if (territories.length === 0) return body
  return {
    ...body,
    ...Object.fromEntries(
      territories.map((field) => [field, mergedTerritory(before[field] as Fields, body[field] as Fields)]),
    ),
  }
}

function mergedTerritory(stored: Fields, patch: Fields): Fields {
  const { kind, code, name } = { ...stored, ...patch }
  // The name is that of the code: another territory has another one.
  const isSame = kind === stored.kind && code === stored.code
  return { ...patch, kind, code, ...(isSame && { name }) }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the rules of this draft need to see. */
async function selectStanding(
  db: Database,
  { resource }: Write,
  target: Target,
  draft: Draft,
): Promise<Proposal['standing']> {
  const { type, reads, limit } = resource
  const { before, after } = draft
  const { convention, statusDue } = target
  const written = before ? changedFields(Object.keys(reads), before, after) : Object.keys(reads)
  const types = new Set(written.flatMap((field) => reads[field] ?? []))
  const toRead: Parts = isOpening(draft) ? new Map([['action', 't.carried_from_id is not null']]) : whole(types)
  const parts = convention ? await selectParts(db, convention.id, toRead) : new Map()
  if (resource.selectRivals) parts.set(type, await resource.selectRivals(db, before, after))
  const isCounted = convention && limit && !before && !types.has(type)
  const counts: Standing['counts'] = new Map(isCounted ? [[type, await countParts(db, convention.id, type)]] : [])
  return { convention, parts, counts, statusDue }
}

function deletion(
  { resource }: Write,
  { before, convention, statusDue }: Target,
): Omit<Proposal, 'caller' | 'now' | 'conventionId' | 'ownerId'> {
  const { type } = resource
  const stored = before as Stored
  return {
    body: undefined,
    errors: [],
    drafts: [],
    prepared: [deletionOf(type, stored)],
    standing: { convention, parts: new Map(), counts: new Map(), statusDue },
    gone: { subject: `The ${nameOf(type)}`, gone: [{ type, id: stored.id }] },
  }
}
