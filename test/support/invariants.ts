/**
 * A checker of the whole database: every rule of writes, over all that stands as if it were sent at once, and every
 * derived column. Writes look only at what they change; this is what holds them to it.
 */
import { sql } from 'kysely'
import { operator } from '../../src/auth/caller.ts'
import type { Database } from '../../src/db/database.ts'
import { identitiesOf } from '../../src/domain/organizations/rules.ts'
import { resources } from '../../src/domain/resources.ts'
import type { Change, Named, Stored } from '../../src/engine/change-set.ts'
import { viewOf } from '../../src/engine/change-set.ts'
import { namedIds } from '../../src/engine/references.ts'
import type { Resource, ResourceType, Row } from '../../src/engine/resource.ts'
import { findingsIn } from '../../src/engine/write/checks.ts'
import { selectNamed } from '../../src/engine/write/names.ts'
import { settle, settleSites } from '../../src/engine/write/rows.ts'
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
  return [...broken, ...circles(conventions, 'predecessorId'), ...(await underived(db, conventions, now))]
}

/** The identities that several organizations have: a POST may double a name, documents may not. */
export async function doubledOrganizations(db: Database): Promise<string[]> {
  const all = await selectAll(db, resources.organization)
  const same = Map.groupBy(
    all.flatMap((one) => identitiesOf(one).map((identity) => ({ identity, id: one.id }))),
    ({ identity }) => identity,
  )
  return [...same].filter(([, ones]) => ones.length > 1).map(([identity]) => identity)
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
  (resources[type] as Resource<unknown>).rules(body).map(({ pointer, code }) => `${type} ${body.id}${pointer} ${code}`)

/** What renews, step by step, itself: public conventions only, drafts out of sight are not followed when they are written. */
function circles(conventions: Stored[], field: string): string[] {
  const next = new Map(conventions.filter(({ state }) => state !== 'draft').map((one) => [one.id, one[field]]))
  return [...next.keys()].filter((id) => {
    const seen = new Set<unknown>()
    for (let at = next.get(id); at && !seen.has(at); at = next.get(at as string)) seen.add(at)
    return seen.has(id)
  })
}

/** What would change if all that is derived were derived anew. */
async function underived(db: Database, conventions: Stored[], now: Date): Promise<string[]> {
  const undo = new Error('nothing is kept')
  let changed: string[] = []
  const work = db.transaction().execute(async (trx) => {
    const ids = conventions.map(({ id }) => id)
    await settle(trx, ids, now)
    const sites = await sql<{ id: string }>`select id from service_site`.execute(trx)
    await settleSites(
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
