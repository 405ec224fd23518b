/**
 * What a body names must exist, be of its convention where it belongs to one, and be in sight of the writer, or be
 * named already by what is a draft and stays one; nothing public names a draft or what is under one, and nothing
 * continues what continues it. One query for each kind of thing that is named. What another request
 * could take away is locked, so that what is found here still holds when the body is written.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { type Visibility, visible } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import { namedIds } from '../references.ts'
import type { ResourceType } from '../resource.ts'
import { namesDraft, namesItself } from '../rules.ts'
import { cycleFaults } from './cycles.ts'

type Fields = Record<string, unknown>

interface Found {
  id: string
  draft: boolean
}

/** The faults of the ids that a body names, each at its place; `before` is what stands. */
export async function namedFaults(
  db: Database,
  caller: Caller,
  type: ResourceType,
  body: Fields,
  before: Fields | undefined,
): Promise<BodyFault[]> {
  const named = namedIds(type, body)
  const faults: BodyFault[] = []
  const isPublic = named.length > 0 && (await isOfPublic(db, type, body))
  const standing = before && !isPublic ? namedIds(type, before).map(({ id }) => id) : []
  for (const [to, places] of Map.groupBy(named, (one) => one.to)) {
    const ids = [...new Set(places.map(({ id }) => id))]
    const mayName = (visibility: Visibility) =>
      sql<boolean>`(t.id = any(${standing}::uuid[]) or ${visible(caller, visibility) ?? sql`true`})`
    const { rows } = await statement(to, ids, body.conventionId ?? null, mayName).execute(db)
    const found = new Map(rows.map((one) => [one.id, one.draft]))
    for (const { id, pointer } of places) {
      if (!found.has(id))
        faults.push({ pointer, code: 'unknown-reference', message: `${JSON.stringify(id)} is ${homes[to]}.` })
      else if (isPublic && found.get(id)) faults.push(namesDraft(pointer))
      else if (id === body.id && to === 'convention') faults.push(namesItself(pointer))
    }
  }
  if (before && (type === 'convention' || type === 'action')) {
    const id = body.id as string
    faults.push(...((await cycleFaults(db, caller, type, [{ id, before, after: body }])).get(id) ?? []))
  }
  return faults
}

const homes: Record<ResourceType, string> = {
  convention: 'no convention',
  organization: 'no organization',
  amendment: 'no amendment of this convention',
  signatory: 'no signatory of this convention',
  axis: 'no axis of this convention',
  action: 'no action of another convention',
  'service-site': 'no service site that is linked to this convention',
}

async function isOfPublic(db: Database, type: ResourceType, body: Fields): Promise<boolean> {
  if (type === 'convention') return body.state !== 'draft'
  if (body.conventionId === undefined) return false
  const { rows } = await sql<{ state: string }>`select state from convention where id = ${body.conventionId}`.execute(
    db,
  )
  return rows[0]?.state !== 'draft'
}

/** @param mayName the condition under which the writer may name a row `t` */
function statement(
  to: ResourceType,
  ids: string[],
  conventionId: unknown,
  mayName: (visibility: Visibility) => RawBuilder<boolean>,
): RawBuilder<Found> {
  const among = sql`t.id = any(${ids}::uuid[])`
  switch (to) {
    case 'organization':
      return sql<Found>`select t.id, false as draft from organization t where ${among} order by t.id for key share`
    case 'convention':
      return sql<Found>`select t.id, t.state = 'draft' as draft from convention t
        where ${among} and ${mayName('own')} order by t.id for no key update`
    case 'action':
      return sql<Found>`select t.id, c.state = 'draft' as draft from action t join convention c on c.id = t.convention_id
        where ${among} and c.id <> ${conventionId} and ${mayName('convention')}
        order by c.id for share of c`
    case 'service-site':
      return sql<Found>`select l.site_id as id, false as draft from convention_site l
        where l.site_id = any(${ids}::uuid[]) and l.convention_id = ${conventionId}`
    default:
      return sql<Found>`select t.id, false as draft from ${sql.table(to)} t where ${among} and t.convention_id = ${conventionId}`
  }
}
