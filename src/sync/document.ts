/**
 * Documents: a convention with all under it as one object, which GET answers and of which a PUT changes nothing. A source
 * sees what it holds, by its own keys; the whole document of a convention has the keys of its owner, else ids. It is
 * made of stored answers in one pass, with keys in place of ids.
 */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { resources } from '../domain/resources.ts'
import type { Stored } from '../engine/change-set.ts'
import { namedIds } from '../engine/references.ts'
import type { Resource } from '../engine/resource.ts'
import type { ResourceType } from '../engine/resource-types.ts'
import { columnOf, shape } from '../engine/row-mapper.ts'
import { digestTag } from '../http/output/etags.ts'
import { documentLists, toEntry } from './key-mapping.ts'
import { selectActionNames } from './keys.ts'
import { ConventionDocumentAnswer } from './schema.ts'
import { sourceKeyOf } from './stored.ts'

export interface StoredDocument {
  /** It follows from the keys and from the versions of what is listed, so that it is known without the text. */
  tag: string
  /** Ids of all that the document depends on, and types where it may depend on any of them. */
  dependsOn: string[]
  /** The document as JSON. */
  text(): string
}

/** The document of what a source holds of a convention under a key. */
export async function sourceDocument(
  db: Database,
  conventionId: string,
  source: string,
  key: string,
): Promise<StoredDocument> {
  const contents = await selectContents(db, conventionId)
  const parts = contents.parts.filter(({ body }) => sourceKeyOf(source, body) !== undefined)
  return storedDocument(db, { ...contents, parts, source, key, isWhole: false })
}

/** The document of a whole convention, by the keys of the source that brought it first. */
export async function wholeDocument(db: Database, conventionId: string): Promise<StoredDocument> {
  const contents = await selectContents(db, conventionId)
  const { convention } = contents
  // No source has an empty name: what no source brought has ids for keys.
  const { source, key } = convention.sources[0] ?? { source: '', key: convention.id }
  return storedDocument(db, { ...contents, source, key, isWhole: true })
}

interface Part {
  type: ResourceType
  body: Stored
}

interface Listed {
  source: string
  key: string
  id: string
}

interface Contents {
  convention: Stored
  parts: Part[]
  listed: Listed[]
  /** The form of answers. */
  form: number
}

interface StoredRow {
  type: ResourceType | 'listed'
  /** The answer, or the id of a listed organization. */
  text: string
  source: string | null
  key: string | null
  form: number
}

/** What is under a convention, and the columns by which documents list it. */
const parts = Object.values<Resource>(resources)
  .filter(({ visibility }) => visibility === 'convention')
  .map(({ type, table, document, order }) => {
    const column = document?.order ?? order?.column
    const columns = [...(column ? [columnOf(column)] : []), 'id']
    return { type, table, order: sql.join(columns.map((name) => sql.ref(`t.${name}`))) }
  })

/** All of a convention in one statement: itself, what is under it, its sites, the organizations that sources listed. */
async function selectContents(db: Database, conventionId: string): Promise<Contents> {
  const own = sql`${conventionId}::uuid`
  const under = parts.map(
    ({ type, table, order }) => sql`
      select ${sql.lit(type)}, row_number() over (order by ${order}), t.answer, null, null
      from ${sql.table(`${table}_read`)} t where t.convention_id = ${own}`,
  )
  const { rows } = await sql<StoredRow>`
    select *, answer_form() as form from (
      select 'convention' as type, 0 as place, t.answer as text, null as source, null as key from convention_read t where t.id = ${own}
      union all ${sql.join(under, sql` union all `)}
      union all select 'service-site', row_number() over (order by t.id), t.answer, null, null from service_site_read t
        where t.id in (select site_id from convention_site where convention_id = ${own})
      union all select 'listed', row_number() over (order by o.organization_id, o.key desc), o.organization_id::text, o.source, o.key
        from document_organization o where o.convention_id = ${own}) contents
    order by type, place`.execute(db)
  const stored = rows.flatMap(({ type, text }) =>
    type === 'listed' ? [] : [{ type, body: JSON.parse(text) as Stored }],
  )
  const convention = stored.find(({ type }) => type === 'convention') as Part
  const listed = rows.filter(({ type }) => type === 'listed')
  return {
    convention: convention.body,
    parts: stored.filter((part) => part !== convention),
    listed: listed.map(({ text, source, key }) => ({ id: text, source: source as string, key: key as string })),
    form: rows[0]?.form as number,
  }
}

interface DocumentRequest extends Contents {
  source: string
  key: string
  /** Every organization that is named, not only those that the source listed. */
  isWhole: boolean
}

async function storedDocument(db: Database, asked: DocumentRequest): Promise<StoredDocument> {
  const { convention, parts, form, source, key, isWhole } = asked
  const listed = asked.listed.filter((one) => one.source === source)
  const named = idsNamed([{ type: 'convention', body: convention }, ...parts])
  const shown = [...new Set([...listed.map(({ id }) => id), ...(isWhole ? named.organization : [])])]
  const { organizations, keyed, carried } = await selectNamed(db, source, named, shown)
  // A key that this document lists for another organization is not that of one which others name.
  const meant = new Map(listed.map((one) => [one.key, one.id]))
  const isFree = ({ id, key }: { id: string; key: string }) =>
    named.convention.includes(id) || (meant.get(key) ?? id) === id
  const outside = [...keyed.filter(isFree), ...(await withoutAmbiguous(db, source, carried))]
  const own = parts.map(({ body }) => ({ id: body.id, key: sourceKeyOf(source, body) ?? body.id }))
  const keys = new Map([...outside, ...own, ...listed].map((one) => [one.id, one.key]))
  const entries = [...organizations, ...parts]
  const versions = [convention, ...entries.map(({ body }) => body)].map(({ id, version }) => `${id}.${version}`)
  return {
    tag: digestTag(JSON.stringify([form, key, versions, [...keys]])),
    dependsOn: [
      ...[convention.id, ...entries.map(({ body }) => body.id), ...Object.values(named).flat()],
      // By which names an action is found depends on those of all others.
      ...(named.action.length > 0 ? ['action'] : []),
    ],
    text: () => textOf(convention, key, entries, (id) => keys.get(id) ?? id),
  }
}

function textOf(convention: Stored, key: string, entries: Part[], keyOf: (id: string) => string): string {
  const entry = (type: ResourceType, body: Stored, entryKey: string) => ({
    ...{ key: entryKey, id: body.id, version: body.version },
    ...toEntry(type, body, keyOf),
  })
  const { status, period } = convention
  const head = { ...entry('convention', convention, key), status, period }
  // Of the schema comes the order of its members, the lists among them.
  const document = shape<Record<string, unknown>>(ConventionDocumentAnswer, head)
  const byType = Map.groupBy(entries, ({ type }) => type)
  for (const [name, type] of Object.entries(documentLists))
    document[name] = (byType.get(type) ?? []).map(({ body }) => entry(type, body, keyOf(body.id)))
  return JSON.stringify(document)
}

/** The ids that the parts of a convention name outside itself. */
function idsNamed(parts: Part[]) {
  const named = { organization: new Set<string>(), convention: new Set<string>(), action: new Set<string>() }
  for (const { type, body } of parts)
    for (const { to, id } of namedIds(type, body)) if (Object.hasOwn(named, to)) named[to as keyof typeof named].add(id)
  return {
    organization: [...named.organization],
    convention: [...named.convention],
    action: [...named.action],
  }
}

interface NamedRow {
  type: 'organization' | 'key' | 'carried'
  id: string
  /** Of an organization its answer, else the key. */
  text: string
}

/**
 * What a document names outside its convention: the organizations that it shows, the keys of the source for
 * organizations and conventions, the first of several, and for carried actions, each with that of its convention.
 */
async function selectNamed(
  db: Database,
  source: string,
  { organization, convention, action }: ReturnType<typeof idsNamed>,
  shown: string[],
) {
  const keyed = [...organization, ...convention]
  if (shown.length + keyed.length + action.length === 0) return { organizations: [], keyed: [], carried: [] }
  const { rows } = await sql<NamedRow>`
    select 'organization' as type, t.id, t.answer as text from organization_read t where t.id = any(${shown}::uuid[])
    union all select 'key', k.id, k.key from source_key k
      where k.source = ${source} and k.convention_id is null and k.id = any(${keyed}::uuid[])
    union all select 'carried', k.id, o.key || '/' || k.key from source_key k
      join source_key o on o.source = k.source and o.type = 'convention' and o.id = k.convention_id
      where k.source = ${source} and k.type = 'action' and k.id = any(${action}::uuid[])
    order by 2, 3 desc`.execute(db)
  const of = (type: NamedRow['type']) => rows.filter((row) => row.type === type)
  return {
    organizations: of('organization').map(({ text }) => ({ type: 'organization', body: JSON.parse(text) }) as Part),
    keyed: of('key').map(({ id, text }) => ({ id, key: text })),
    carried: of('carried').map(({ id, text }) => ({ id, key: text })),
  }
}

/** Keys may hold slashes: names of carried actions that can be read in two ways are left out, and keep their id. */
async function withoutAmbiguous(db: Database, source: string, carried: { id: string; key: string }[]) {
  const isClear = ({ key }: { key: string }) => key.indexOf('/') === key.lastIndexOf('/')
  const doubtful = carried.filter((one) => !isClear(one)).map(({ key }) => key)
  const meant = await selectActionNames(db, source, doubtful)
  return carried.filter((one) => isClear(one) || meant.get(one.key) === one.id)
}
