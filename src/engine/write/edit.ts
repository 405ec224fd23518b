/**
 * One resource created, changed or deleted: from the body that was sent to the row that is written, with all that is
 * wrong told at once. Always in a transaction that has locked the convention first, so that writers under a
 * convention take turns and nothing is decided on what another is changing.
 */
import { sql } from 'kysely'
import type { TSchema } from 'typebox'
import { v7 as uuidv7 } from 'uuid'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'
import {
  keyOf,
  nameTerritories,
  readTerritory,
  type TerritoryRead,
  unknownTerritories,
} from '../../domain/territories/references.ts'
import type { TerritoryInput } from '../../domain/territories/schema.ts'
import { allFaults, type BodyFault } from '../../http/errors/field-errors.ts'
import { invalidBody, type Problem, problem } from '../../http/errors/problems.ts'
import { checkBody, faultless } from '../../http/input/validation.ts'
import type { Right } from '../../http/server/route-contract.ts'
import type { Condition } from '../read/queries.ts'
import type { Resource, ResourceType, Row } from '../resource.ts'
import { shape } from '../row-mapper.ts'
import { NUMBER_MAX } from '../schema.ts'
import type { Ask } from './authorize.ts'
import { refuseInUse } from './in-use.ts'
import { namedFaults } from './reference-checks.ts'
import { deleteRows, insertRows, rowOf, updateRows } from './rows.ts'

export type Fields = Record<string, unknown>

export interface Identified extends Fields {
  id: string
  version: number
}

/** A write of one resource, as its hooks see it. */
export interface Edit {
  db: Database
  caller: Caller
  now: Date
  /** What it was; undefined when it is created. */
  before: Identified | undefined
  /** What it shall be: every field that a writer gives, and its id and convention. */
  after: Fields
}

/** A write that was made: `after` is undefined when it was a deletion, `left` is what was read before that. */
export interface Settled extends Omit<Edit, 'after'> {
  after: Fields | undefined
  left?: string[]
}

/** What a resource does beside writing its row. */
export interface Editing {
  resource: Resource
  input: TSchema
  patch: TSchema
  /** The most of them that one convention holds. */
  limit?: number
  /** What its writes ask of a key, in words. */
  rights: { create: Right; update: Right; delete: Right }
  /** Throws a 403 unless the caller may do this. */
  allow(ask: Ask): Promise<void>
  /** Fills in what is left to the registry, e.g. the next free number. */
  complete?(edit: Edit): Promise<void>
  /** What is wrong beyond the body itself. */
  check?(edit: Edit): Promise<BodyFault[]>
  /** Throws what stands against it because of what is stored, once the body itself is right. */
  refuse?(edit: Edit): Promise<void>
  /** The columns of the row beside those of the body. */
  hidden?(edit: Edit): Promise<Row>
  /** Reads what `settle` needs of one that is about to be deleted. */
  beforeDelete?(db: Database, before: Identified): Promise<string[]>
  /** Brings up to date what follows from it. */
  settle?(edit: Settled): Promise<void>
}

interface Request {
  caller: Caller
  now: Date
}

/** Creates one, under a convention where it belongs to one; the id of the new one. */
export async function createOne(
  db: Database,
  editing: Editing,
  request: Request,
  body: unknown,
  conventionId?: string,
): Promise<string> {
  const { resource, input, limit } = editing
  const id = uuidv7()
  const identity = { id, ...(conventionId && { conventionId }) }
  const { edit, row } = await readEdit(db, editing, request, { schema: input, body, base: resource.defaults, identity })
  if (conventionId && limit) await refuseTooMany(db, resource.table, limit, conventionId)
  await insertRows(db, resource.table, [{ ...row, ...(conventionId && { convention_id: conventionId }) }])
  await editing.settle?.(edit)
  return id
}

/** Changes one by a merge patch; unchanged fields make no new version. */
export async function updateOne(
  db: Database,
  editing: Editing,
  request: Request,
  before: Identified,
  patch: unknown,
): Promise<void> {
  const { resource, patch: schema } = editing
  const base = Object.fromEntries(resource.fields.map((field) => [field, before[field]]))
  const identity = { id: before.id, ...(before.conventionId ? { conventionId: before.conventionId } : {}) }
  const given = { schema, body: merged(before, patch), base, identity }
  const { edit, row } = await readEdit(db, editing, request, given, before)
  await updateRows(db, resource.table, [row])
  await editing.settle?.(edit)
}

interface Given {
  schema: TSchema
  body: unknown
  /** What holds where the body says nothing. */
  base: Fields
  /** Its id, and its convention where it belongs to one. */
  identity: Fields
}

/** The write that a body asks for and the row that it makes; throws all that is wrong at once. */
async function readEdit(
  db: Database,
  editing: Editing,
  request: Request,
  { schema, body, base, identity }: Given,
  before?: Identified,
): Promise<{ edit: Edit; row: Row }> {
  const { resource } = editing
  const { value, faults } = checkBody(schema, body)
  const given = faultless(value, faults) as Fields | undefined
  if (!given) throw invalidBody(faults)
  const after = { ...completeBody(resource, { ...base, ...given }), ...identity }
  const edit: Edit = { db, ...request, before, after }
  await prepare(editing, edit, value, faults)
  return { edit, row: { id: identity.id, ...rowOf(resource, after), ...(await editing.hidden?.(edit)) } }
}

/** Deletes one; a 409 that names who names it when somebody does. */
export async function deleteOne(db: Database, editing: Editing, request: Request, before: Identified): Promise<void> {
  const { resource } = editing
  await refuseInUse(db, resource.type, request.caller, before.id)
  const left = (await editing.beforeDelete?.(db, before)) ?? []
  await deleteRows(db, resource.table, [before.id])
  await editing.settle?.({ db, ...request, before, after: undefined, left })
}

/** The fields that a writer gives in the form of the answer: unknown ones null or empty, territories as objects. */
function completeBody(resource: Resource, given: Fields): Fields {
  const { properties } = resource.schema as unknown as { properties: Record<string, TSchema> }
  const read = { ...given }
  if (Array.isArray(given.territories))
    read.territories = given.territories.map((one) => one && readTerritory(one as TerritoryInput))
  if (given.territory) read.territory = readTerritory(given.territory as TerritoryInput)
  return Object.fromEntries(resource.fields.map((field) => [field, shape(properties[field] as TSchema, read[field])]))
}

/** A merge patch reaches into objects (RFC 7396), and the one field that holds an object is a territory. */
function merged({ territory: stored }: Fields, body: unknown): unknown {
  const given = (body as Fields | null | undefined)?.territory
  if (!isObject(stored) || !isObject(given)) return body
  const { kind, code, name } = { ...stored, ...given }
  // The name is that of the code: another territory has another one.
  const isSame = kind === stored.kind && code === stored.code
  return { ...(body as Fields), territory: { ...given, kind, code, ...(isSame && { name }) } }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fills in what is left to the registry and throws all that is wrong at once. */
async function prepare(editing: Editing, edit: Edit, body: unknown, faults: BodyFault[]): Promise<void> {
  const { resource } = editing
  const told = await nameAll(edit)
  await editing.complete?.(edit)
  told.push(...(resource as Resource<unknown>).rules(edit.after))
  told.push(...(await namedFaults(edit.db, edit.caller, resource.type, edit.after, edit.before)))
  told.push(...((await editing.check?.(edit)) ?? []))
  const all = allFaults(body, faults, told)
  if (all.length > 0) throw invalidBody(all)
  await editing.refuse?.(edit)
}

/** Names the territories and funders whose names were left out; the faults of territories that nobody knows. */
async function nameAll({ db, before, after }: Edit): Promise<BodyFault[]> {
  const earlier = [before?.territory ?? [], before?.territories ?? []].flat() as TerritoryRead[]
  const known = new Map(earlier.map((one) => [keyOf(one), one.name]))
  const listed = ((after.territories ?? []) as TerritoryRead[]).map((territory, i) => ({
    territory,
    pointer: `/territories/${i}`,
  }))
  const all = after.territory ? [{ territory: after.territory as TerritoryRead, pointer: '/territory' }] : listed
  // One that is wrong by itself has been told, and is empty by now.
  const present = all.filter(({ territory }) => territory?.kind && territory.code)
  await nameTerritories(
    db,
    present.map(({ territory }) => territory),
    (territory) => known.get(keyOf(territory)) ?? undefined,
  )
  await nameFunders(db, before, after)
  return unknownTerritories(present)
}

async function nameFunders(db: Database, before: Fields | undefined, after: Fields): Promise<void> {
  const lines = ((after.funding ?? []) as Fields[]).filter((line) => line?.funderId && !line.funderName)
  if (lines.length === 0) return
  const ids = lines.map(({ funderId }) => funderId)
  const { rows } = await sql<{
    id: string
    name: string
  }>`select id, name from organization where id = any(${ids}::uuid[])`.execute(db)
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  for (const line of lines) {
    const earlier = ((before?.funding ?? []) as Fields[]).find(({ funderId }) => funderId === line.funderId)
    line.funderName = earlier?.funderName ?? names.get(line.funderId as string) ?? null
  }
}

/** Throws a 409 when a convention has so many rows of a table as it may hold. */
export async function refuseTooMany(db: Database, table: string, limit: number, conventionId: string): Promise<void> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from ${sql.table(table)} t where t.convention_id = ${conventionId}`.execute(db)
  if (Number(rows[0]?.count) >= limit)
    throw problem('conflict', `The convention has ${limit} of these already, the most that it holds.`)
}

/** The number after the last one among the rows that agree in these columns, or else the first that is free. */
export async function nextNumber(db: Database, { table }: Resource, among: Row): Promise<number | null> {
  const conditions = Object.entries(among).map(
    ([column, value]) => sql`${sql.ref(column)} is not distinct from ${value}`,
  )
  const { rows } = await sql<{ next: number }>`
    with taken as (select number from ${sql.table(table)} where ${sql.join(conditions, sql` and `)})
    select next from generate_series(1, ${NUMBER_MAX}::int) next where next not in (select number from taken)
    order by next < (select max(number) from taken) nulls last, next limit 1`.execute(db)
  return rows[0]?.next ?? null
}

/** Throws a 409 when another row agrees with this one in what only one may have; it is named. */
export async function refuseTaken(
  db: Database,
  { table, type }: Resource,
  pointer: string,
  condition: Condition,
  message: string,
): Promise<void> {
  const { rows } = await sql<{ id: string }>`select t.id from ${sql.table(table)} t where ${condition} limit 1`.execute(
    db,
  )
  if (rows.length > 0) throw taken(type, rows, pointer, message)
}

/** A 409 that names those that hold what only one may hold. */
export function taken(type: ResourceType, holders: { id: string }[], pointer: string, message: string): Problem {
  const errors: BodyFault[] = [{ pointer, code: 'taken', message }]
  return problem('already-exists', message, {
    errors,
    members: { conflictsWith: holders.map(({ id }) => ({ type, id })) },
  })
}
