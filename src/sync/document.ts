/**
 * A convention as one document: what GET answers, and what a PUT changes nothing of when it is sent back. A source
 * sees what it holds, by its own keys; the whole document of a convention has the keys of its owner, else ids.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Convention } from '../domain/conventions/schema.ts'
import { organizations } from '../domain/organizations/queries.ts'
import { resources } from '../domain/resources.ts'
import { namedIds } from '../engine/references.ts'
import type { Resource, ResourceType, Row } from '../engine/resource.ts'
import { shape } from '../engine/row-mapper.ts'
import { bytesTag } from '../http/output/etags.ts'
import { selectActionNames } from './keys.ts'
import { documentLists, toEntry } from './references.ts'
import { ConventionDocumentAnswer } from './schema.ts'
import { type Body, type Held, keyIn, selectHeld } from './stored.ts'

/** The document of what a source holds of a convention. */
export async function sourceDocument(db: Database, convention: Convention, source: string, key: string) {
  const held = await selectHeld(db, convention.id)
  const own: Held = new Map(
    [...held].map(([type, bodies]) => [type, bodies.filter((body) => keyIn(source, body) !== undefined)]),
  )
  return buildDocument(db, { convention, source, key, held: own })
}

/** The document of a whole convention, by the keys of the source that brought it first. */
export async function wholeDocument(db: Database, convention: Convention) {
  // No source has an empty name: what no source brought has ids for keys.
  const { source, key } = convention.sources[0] ?? { source: '', key: convention.id }
  return buildDocument(db, { convention, source, key, held: await selectHeld(db, convention.id), all: true })
}

interface Parts {
  convention: Convention
  source: string
  key: string
  held: Held
  /** Every organization that is named, not only those that the source listed. */
  all?: boolean
}

async function buildDocument(db: Database, { convention, source, key, held, all }: Parts) {
  const named = idsNamed(convention, held)
  const listed = await selectListed(db, convention.id, source)
  const ids = all ? [...new Set([...listed.map(({ id }) => id), ...named.organizations])] : listed.map(({ id }) => id)
  const bodies = await selectBodies(db, organizations, ids)
  const parts = [...held.values()].flat().map((body) => ({ id: body.id, key: keyIn(source, body) ?? body.id }))
  const outside = [
    ...(await selectKeys(db, source, [...named.organizations, ...named.conventions])),
    ...(await selectCarried(db, source, named.actions)),
  ]
  const keys = new Map([...outside, ...parts, ...listed].map((one) => [one.id, one.key]))
  const keyOf = (id: string) => keys.get(id) ?? id
  const entry = (type: ResourceType, body: Body, entryKey: string) => {
    const fields = Object.fromEntries(resources[type].fields.map((field) => [field, body[field]]))
    return { key: entryKey, id: body.id, version: body.version, ...toEntry(type, fields, keyOf) }
  }
  const document: Record<string, unknown> = {
    ...entry('convention', convention as unknown as Body, key),
    status: convention.status,
    period: convention.period,
    organizations: bodies.map((body) => entry('organization', body, keyOf(body.id))),
  }
  for (const [name, type] of Object.entries(documentLists)) {
    if (type !== 'organization') {
      document[name] = (held.get(type) ?? []).map((body) => entry(type, body, keyOf(body.id)))
    }
  }
  return shape<ConventionDocumentAnswer>(ConventionDocumentAnswer, document)
}

/** The tag of a document: of its bytes. */
export const documentTag = (document: ConventionDocumentAnswer): string => bytesTag(JSON.stringify(document))

/** The ids that the parts of a convention name; of organizations the registry may have to be asked for their keys. */
function idsNamed(convention: Convention, held: Held) {
  const bodies: [ResourceType, Record<string, unknown>][] = [['convention', convention]]
  for (const [type, parts] of held) for (const body of parts) bodies.push([type, body])
  const named = bodies.flatMap(([type, body]) => namedIds(type, body))
  const of = (to: ResourceType) => [...new Set(named.filter((one) => one.to === to).map(({ id }) => id))]
  return { organizations: of('organization'), conventions: of('convention'), actions: of('action') }
}

/** The organizations that the document of a source listed, with their keys. */
async function selectListed(db: Database, conventionId: string, source: string) {
  const { rows } = await sql<{ id: string; key: string }>`select organization_id as id, key from document_organization
    where convention_id = ${conventionId} and source = ${source} order by organization_id, key desc`.execute(db)
  return rows
}

/** The keys of a source for the organizations and conventions that a document names; the first of several. */
async function selectKeys(db: Database, source: string, ids: string[]) {
  const { rows } = await sql<{ id: string; key: string }>`
    select id, key from source_key where source = ${source} and convention_id is null and id = any(${ids}::uuid[])
    order by id, key desc`.execute(db)
  return rows
}

/** What a document of a source calls actions of its other conventions; those that no name leads to keep their id. */
async function selectCarried(db: Database, source: string, ids: string[]) {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: string; key: string }>`
    select k.id, o.key || '/' || k.key as key from source_key k
      join source_key o on o.source = k.source and o.type = 'convention' and o.id = k.convention_id
    where k.source = ${source} and k.type = 'action' and k.id = any(${ids}::uuid[])`.execute(db)
  const meant = await selectActionNames(
    db,
    source,
    rows.map(({ key }) => key),
  )
  return rows.filter(({ key, id }) => meant.get(key) === id)
}

async function selectBodies(db: Database, resource: Resource, ids: string[]): Promise<Body[]> {
  const { rows } = await sql<Row>`select t.* from ${sql.table(resource.table)} t
    where t.id = any(${ids}::uuid[]) order by t.id`.execute(db)
  return rows.map((row) => resource.toBody(row) as Body)
}
