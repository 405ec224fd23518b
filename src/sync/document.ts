/**
 * A convention as one document: what GET answers, and what a PUT changes nothing of when it is sent back. A source
 * sees what it holds, by its own keys; the whole document of a convention has the keys of its owner, else ids.
 */
import { sql } from 'kysely'
import type { Convention } from '../conventions/schema.ts'
import type { Database } from '../db/database.ts'
import { bytesTag } from '../http/tags.ts'
import { organizations } from '../organizations/queries.ts'
import type { Resource, ResourceType, Row } from '../resource/resource.ts'
import { shape } from '../resource/shape.ts'
import { resources } from '../resources.ts'
import { type Body, type Held, keyIn, selectHeld } from './held.ts'
import { documentLists, references, toEntry } from './references.ts'
import { ConventionDocumentAnswer } from './schema.ts'

/** The document of what a source holds of a convention. */
export async function sourceDocument(db: Database, convention: Convention, source: string, key: string) {
  const held = await selectHeld(db, convention.id)
  const own: Held = new Map([...held].map(([type, bodies]) => [type, bodies.filter((body) => keyIn(source, body))]))
  return buildDocument(db, { convention, source, key, held: own })
}

/** The document of a whole convention, by the keys of the source that brought it first. */
export async function wholeDocument(db: Database, convention: Convention) {
  const [owner] = convention.sources
  const held = await selectHeld(db, convention.id)
  return buildDocument(db, { convention, source: owner?.source, key: owner?.key ?? convention.id, held, all: true })
}

interface Parts {
  convention: Convention
  source: string | undefined
  key: string
  held: Held
  /** Every organization that is named, not only those that the source listed. */
  all?: boolean
}

async function buildDocument(db: Database, { convention, source, key, held, all }: Parts) {
  const named = namedIds(convention, held)
  const listed = await selectListed(db, convention.id, source)
  const ids = all ? [...new Set([...listed.keys(), ...named.organization])] : [...listed.keys()]
  const bodies = await selectBodies(db, organizations, ids)
  const keys = await selectKeys(db, convention.id, source, [...named.organization, ...named.other])
  for (const [id, organizationKey] of listed) keys.set(id, organizationKey)
  const keyOf = (_: ResourceType, id: string) => keys.get(id) ?? id
  const entry = (type: ResourceType, body: Body, entryKey: string) => {
    const fields = Object.fromEntries(resources[type].fields.map((field) => [field, body[field]]))
    return { key: entryKey, id: body.id, version: body.version, ...toEntry(type, fields, keyOf) }
  }
  const document: Record<string, unknown> = {
    ...entry('convention', convention as unknown as Body, key),
    status: convention.status,
    period: convention.period,
    organizations: bodies.map((body) => entry('organization', body, keyOf('organization', body.id))),
  }
  for (const [name, type] of Object.entries(documentLists)) {
    if (type !== 'organization') {
      document[name] = (held.get(type) ?? []).map((body) =>
        entry(type, body, (source && keyIn(source, body)) ?? body.id),
      )
    }
  }
  return shape<ConventionDocumentAnswer>(ConventionDocumentAnswer, document)
}

/** The tag of a document: of its bytes. */
export const documentTag = (document: ConventionDocumentAnswer): string => bytesTag(JSON.stringify(document))

/** The ids that the parts of a convention name, organizations apart: the registry may have to be asked for their keys. */
function namedIds(convention: Convention, held: Held) {
  const named = { organization: new Set<string>(), other: new Set<string>() }
  const note = (type: ResourceType, id: unknown) => {
    if (typeof id === 'string') named[type === 'organization' ? 'organization' : 'other'].add(id)
  }
  const read = (type: ResourceType, body: Record<string, unknown>) => {
    for (const { field, to } of references[type]) {
      for (const id of [body[field]].flat()) note(to, id)
    }
    for (const line of (body.funding ?? []) as { funderId: string | null }[]) note('organization', line.funderId)
  }
  read('convention', convention)
  for (const [type, bodies] of held) for (const body of bodies) read(type, body)
  return named
}

/** The organizations that a document of the convention listed, with their keys; those of the source come last and win. */
async function selectListed(db: Database, conventionId: string, source: string | undefined) {
  const { rows } = await sql<{ id: string; key: string }>`
    select organization_id as id, key from document_organization
    where convention_id = ${conventionId} and source = ${source ?? ''} order by organization_id, key desc`.execute(db)
  return new Map(rows.map(({ id, key }) => [id, key]))
}

/** The keys of a source for what a document names: keys of what is under a convention count in their own one. */
async function selectKeys(db: Database, conventionId: string, source: string | undefined, ids: string[]) {
  const { rows } = await sql<{ id: string; key: string }>`
    select k.id, case when k.convention_id is null or k.convention_id = ${conventionId} then k.key else c.key || '/' || k.key end as key
    from source_key k left join source_key c on c.source = k.source and c.type = 'convention' and c.id = k.convention_id
    where k.source = ${source ?? ''} and k.id = any(${ids}::uuid[]) order by k.id, k.key desc`.execute(db)
  return new Map(rows.filter(({ key }) => key !== null).map(({ id, key }) => [id, key]))
}

async function selectBodies(db: Database, resource: Resource, ids: string[]): Promise<Body[]> {
  const { rows } = await sql<Row>`select t.* from ${sql.table(resource.table)} t
    where t.id = any(${ids}::uuid[]) order by t.id`.execute(db)
  return rows.map((row) => resource.toBody(row) as Body)
}
