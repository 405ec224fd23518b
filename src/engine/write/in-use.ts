/**
 * What others name cannot be deleted: who names it is told, as far as the caller may see it. The constraints of the
 * database refuse the same; this tells it in words that help.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { visible, visibleKey } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import { type Problem, problem } from '../../http/errors/problems.ts'
import { nameOf, type Resource, type ResourceType } from '../resource.ts'

/** Up to so many of those in the way are named. */
const NAMED_MAX = 50

type Condition = RawBuilder<boolean>

/** Rows of a table `t` that name a thing. */
interface User {
  type: ResourceType | 'key'
  table: string
  visibility: Resource['visibility'] | 'key'
  names(id: string): Condition
}

const plain = (column: string) => (id: string) => sql<boolean>`${sql.ref(`t.${column}`)} = ${id}`
const either =
  (...columns: string[]) =>
  (id: string) =>
    sql<boolean>`(${sql.join(
      columns.map((column) => plain(column)(id)),
      sql` or `,
    )})`
const held =
  (...columns: string[]) =>
  (id: string) =>
    sql<boolean>`(${sql.join(
      columns.map((column) => sql`${sql.ref(`t.${column}`)} @> array[${id}::uuid]`),
      sql` or `,
    )})`

const convention = { type: 'convention', table: 'convention', visibility: 'own' } as const
const signatory = { type: 'signatory', table: 'signatory', visibility: 'convention' } as const
const axis = { type: 'axis', table: 'axis', visibility: 'convention' } as const
const action = { type: 'action', table: 'action', visibility: 'convention' } as const
const key = { type: 'key', table: 'api_key', visibility: 'key' } as const
const site = { type: 'service-site', table: 'service_site', visibility: 'always' } as const

const users: Readonly<Record<ResourceType, readonly User[]>> = {
  organization: [
    { ...convention, names: plain('caf_id') },
    { ...signatory, names: plain('organization_id') },
    { ...action, names: (id) => sql<boolean>`(t.lead_id = ${id} or ${held('partner_ids', 'funder_ids')(id)})` },
    { ...site, names: (id) => sql<boolean>`(t.manager_id = ${id} or ${held('funder_ids')(id)})` },
    { ...key, names: (id) => sql<boolean>`(t.organization_id = ${id} and t.revoked_at is null)` },
  ],
  convention: [
    { ...convention, names: either('predecessor_id', 'merged_into_id') },
    {
      ...action,
      names: (id) => sql<boolean>`t.convention_id <> ${id}
        and t.carried_from_id in (select a.id from action a where a.convention_id = ${id})`,
    },
  ],
  amendment: [{ ...signatory, names: either('amendment_id', 'exit_amendment_id') }],
  signatory: [],
  axis: [
    { ...axis, names: plain('parent_id') },
    { ...action, names: held('axis_ids') },
  ],
  action: [{ ...action, names: plain('carried_from_id') }],
  'service-site': [
    {
      ...convention,
      names: (id) => sql<boolean>`t.id in (select l.convention_id from convention_site l where l.site_id = ${id})`,
    },
    { ...action, names: held('service_site_ids') },
  ],
}

/** Throws a 409 that names who names a thing; nothing when nobody does. */
export async function refuseInUse(db: Database, type: ResourceType, caller: Caller, id: string): Promise<void> {
  await refuseNamed(
    db,
    caller,
    `The ${nameOf(type)}`,
    users[type].map((user) => ({ ...user, condition: user.names(id) })),
  )
}

/** Throws a 409 when actions of a convention name a service site that is to be unlinked from it. */
export async function refuseUnlinking(
  db: Database,
  caller: Caller,
  conventionId: string,
  siteId: string,
): Promise<void> {
  const condition = sql<boolean>`t.convention_id = ${conventionId} and ${held('service_site_ids')(siteId)}`
  await refuseNamed(db, caller, 'The service site', [{ ...action, condition }])
}

async function refuseNamed(
  db: Database,
  caller: Caller,
  subject: string,
  searches: (Omit<User, 'names'> & { condition: Condition })[],
) {
  const found: { type: string; id: string }[] = []
  let count = 0
  for (const { type, table, visibility, condition } of searches) {
    const isSeen = (visibility === 'key' ? visibleKey(caller) : visible(caller, visibility)) ?? sql<boolean>`true`
    const { rows } = await sql<{ id: string; seen: boolean; all: string }>`
      select t.id, ${isSeen} as seen, count(*) over () as all from ${sql.table(table)} t where ${condition}
      order by seen desc, t.id limit ${NAMED_MAX}`.execute(db)
    count += Number(rows[0]?.all ?? 0)
    found.push(...rows.filter(({ seen }) => seen).map(({ id }) => ({ type, id })))
  }
  if (count > 0) throw inUse(subject, found, count)
}

/** A 409 that names up to 50 of those in the way, and counts all; `errors` say what they name where that is many. */
export function inUse(
  subject: string,
  found: { type: string; id: string }[],
  count: number,
  errors?: BodyFault[],
): Problem {
  const detail = `${subject} is named by ${count === 1 ? 'one resource' : `${count} resources`}: change or delete what names it first.`
  return problem('in-use', detail, {
    ...(errors && { errors }),
    members: { inUseBy: found.slice(0, NAMED_MAX), inUseByCount: count },
  })
}
