/**
 * Invariants of the whole database: every rule of writes, over all that is stored as if it were sent at once, and every
 * derived column. Writes look only at what they change; this check holds them to it.
 */
import { sql } from 'kysely'
import { operator } from '../../src/auth/caller.ts'
import type { Database } from '../../src/db/database.ts'
import { resources } from '../../src/domain/resources.ts'
import type { Change, Named, Stored } from '../../src/engine/change-set.ts'
import { viewOf } from '../../src/engine/change-set.ts'
import { namedIds } from '../../src/engine/declaration/references.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { keyOf, type TerritoryRead } from '../../src/engine/declaration/territories.ts'
import type { ResourceType } from '../../src/engine/resource-types.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import { findingsIn } from '../../src/engine/write/decide/checks.ts'
import { selectNamed } from '../../src/engine/write/decide/names.ts'
import { departmentsOf } from '../../src/engine/write/decide/territories.ts'
import { refreshDerivedOfConventions, refreshDerivedOfSites } from '../../src/engine/write/rows.ts'
import { selectParts, whole } from '../../src/engine/write/standing.ts'

const partTypes = ['amendment', 'signatory', 'axis', 'action', 'service-site'] as const

/** What is broken, in words; empty when everything holds. `now` is the instant to which statuses were brought. */
export async function brokenRules(db: Database, now: Date): Promise<string[]> {
  const conventions = await selectAll(db, resources.convention)
  const organizations = await selectAll(db, resources.organization)
  const broken: string[] = []
  for (const convention of conventions) broken.push(...(await brokenUnder(db, convention)))
  for (const site of await selectAll(db, resources['service-site'])) broken.push(...ownRules('service-site', site))
  for (const organization of organizations) broken.push(...ownRules('organization', organization))
  const actions = await selectAll(db, resources.action)
  return [
    ...broken,
    ...circles(conventions, 'predecessorId'),
    ...circles(conventions, 'mergedIntoId'),
    ...circles(actions, 'carriedFromId'),
    ...(await otherDepartments(db, conventions, 'territories')),
    ...(await otherDepartments(db, organizations, 'territory')),
    ...(await strangeSources(db)),
    ...(await underived(db, conventions, now)),
  ]
}

async function selectAll(db: Database, resource: Resource<unknown>): Promise<Stored[]> {
  const { rows } = await sql<Row>`select * from ${sql.table(resource.table)} order by id`.execute(db)
  return rows.map((row) => resource.toBody(row) as Stored)
}

async function brokenUnder(db: Database, convention: Stored): Promise<string[]> {
  const parts = await selectParts(db, convention.id, whole(partTypes))
  const all: [ResourceType, Stored][] = [
    ['convention', convention],
    ...[...parts].flatMap(([type, bodies]) => bodies.map((body): [ResourceType, Stored] => [type, body])),
  ]
  const named = await selectNamed(
    db,
    operator,
    convention.id,
    all.flatMap(([type, body]) => namedIds(type, body)),
  )
  const set = { conventionId: convention.id, changes: all.map(asCreated), link: [], unlink: [] }
  const view = viewOf(set, { convention: undefined, parts: new Map(), counts: new Map() }, named as Map<string, Named>)
  return [
    ...findingsIn(view).map(({ pointer, code }) => `${pointer} ${code}`),
    ...all.flatMap(([type, body]) => (type === 'service-site' ? [] : ownRules(type, body))),
  ]
}

const asCreated = ([type, body]: [ResourceType, Stored]): Change => ({
  operation: 'create',
  type,
  id: body.id,
  place: { at: (pointer) => `${type} ${body.id}${pointer}`, nameOf: (id) => id },
  after: body,
  fields: [],
  lost: new Set(),
})

const ownRules = (type: ResourceType, body: Stored): string[] =>
  (resources[type] as Resource<unknown>)
    .errorsOf(body)
    .map(({ pointer, code }) => `${type} ${body.id}${pointer} ${code}`)

/** What continues, step by step, itself. */
function circles(bodies: Stored[], field: string): string[] {
  const next = new Map(bodies.map((one) => [one.id, one[field]]))
  const circular = [...next.keys()].filter((id) => {
    const seen = new Set<unknown>()
    for (let at = next.get(id); at && !seen.has(at); at = next.get(at as string)) seen.add(at)
    return seen.has(id)
  })
  return circular.map((id) => `${id}/${field} comes back`)
}

/** What does not lie in the départements of its territories. */
async function otherDepartments(db: Database, bodies: Stored[], field: 'territory' | 'territories'): Promise<string[]> {
  const territoriesOf = (body: Stored) => [body[field] ?? []].flat() as TerritoryRead[]
  const departments = await departmentsOf(db, bodies.flatMap(territoriesOf))
  const table = field === 'territory' ? 'organization' : 'convention'
  const { rows } = await sql<{ id: string; department_codes: string[] }>`
    select id, department_codes from ${sql.table(table)}`.execute(db)
  const stored = new Map(rows.map(({ id, department_codes }) => [id, department_codes.join()]))
  return bodies.flatMap((body) => {
    const codes = territoriesOf(body).flatMap((one) => departments.get(keyOf(one)) ?? [])
    return stored.get(body.id) === [...new Set(codes)].sort().join() ? [] : [`${table} ${body.id} lies elsewhere`]
  })
}

/** A key of a source that is public names one organization, or one that names as many as it may. */
async function strangeSources(db: Database): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    with named as (select o.id, s.source, s.key from organization o
      cross join lateral jsonb_to_recordset(o.sources) s (source text, key text))
    select source || ' ' || key || ' names several organizations' as line from named group by source, key having count(*) > 1
    union all select n.source || ' ' || n.key || ' is no key' from named n where not exists (
      select from source_key k where (k.type, k.source, k.key) = ('organization', n.source, n.key))
    union all select d.source || ' ' || d.key || ' names no organization' from document_organization d
      join convention c on c.id = d.convention_id join organization o on o.id = d.organization_id
      where c.state <> 'draft' and jsonb_array_length(o.sources) < 200
        and not exists (select from named n where (n.source, n.key) = (d.source, d.key))`.execute(db)
  return rows.map(({ line }) => line)
}

/** What would change if all that is derived were derived anew. */
async function underived(db: Database, conventions: Stored[], now: Date): Promise<string[]> {
  const undo = new Error('nothing is kept')
  let changed: string[] = []
  const work = db.transaction().execute(async (trx) => {
    const ids = conventions.map(({ id }) => id)
    await refreshDerivedOfConventions(trx, ids, now)
    const sites = await sql<{ id: string }>`select id from service_site`.execute(trx)
    await refreshDerivedOfSites(
      trx,
      sites.rows.map(({ id }) => id),
    )
    const { rows } = await sql<{ line: string }>`
      select type || ' ' || id || ' is derived' as line from change where tx = known_tx()
      union all select 'signatory ' || s.id || ' is bound on other days' from signatory s
        left join amendment j on j.id = s.amendment_id left join amendment l on l.id = s.exit_amendment_id
        where s.xmin::text::bigint = pg_current_xact_id()::text::bigint
      union all select 'site ' || s.id || ' belongs to nobody' from service_site s where s.owner_id is null
        and s.convention_ids <> '{}'`.execute(trx)
    changed = rows.map(({ line }) => line)
    throw undo
  })
  await work.catch((error) => {
    if (error !== undo) throw error
  })
  return changed
}
