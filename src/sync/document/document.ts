/**
 * Documents: a convention with all under it as one object, which GET answers and of which a PUT changes nothing. A source
 * sees what it holds, by its own keys; the whole document of a convention has the keys of its owner, else ids. It is
 * made of stored answers in one pass, with keys in place of ids, and read by one statement: it is of one moment.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { resources } from '../../domain/resources.ts'
import type { Stored } from '../../engine/change-set.ts'
import { columnsNaming } from '../../engine/declaration/references.ts'
import type { Resource } from '../../engine/declaration/resource.ts'
import type { ResourceType } from '../../engine/resource-types.ts'
import { columnOf, shape } from '../../engine/row-mapper.ts'
import { documentTag } from '../../http/output/etags.ts'
import { documentLists, toEntry } from './key-mapping.ts'
import { readings } from './keys.ts'
import { ConventionDocumentAnswer } from './schema.ts'
import { sourceKeyOf } from './stored.ts'

export interface StoredDocument {
  convention: Stored
  /**
   * It follows from the keys and from the versions of what is listed, so that it is known without the text, and names
   * the last transaction that wrote any of it: by that, a 412 finds what changed since.
   */
  tag: string
  /** The keys by which the document names ids. */
  keys: ReadonlyMap<string, string>
  /** Ids of all that the document depends on, and types where it may depend on any of them. */
  dependsOn: string[]
  /** The document as JSON. */
  text(): string
}

/** The document of what a source holds under a key; undefined when it holds no convention so. */
export async function sourceDocument(db: Database, source: string, key: string): Promise<StoredDocument | undefined> {
  const rows = await selectRows(
    db,
    sql`select k.id, k.source, k.key from source_key k
      where k.source = ${source} and k.type = 'convention' and k.convention_id is null and k.key = ${key}`,
    false,
  )
  return documentOf(rows, ({ body }) => sourceKeyOf(source, body) !== undefined)
}

/** The document of a whole convention, by the keys of the source that brought it first; undefined when there is none. */
export async function wholeDocument(db: Database, conventionId: string): Promise<StoredDocument | undefined> {
  // No source has an empty name: what no source brought has ids for keys.
  const rows = await selectRows(
    db,
    sql`select t.id, coalesce(t.sources -> 0 ->> 'source', '') as source, coalesce(t.sources -> 0 ->> 'key', t.id::text) as key
      from convention t where t.id = ${conventionId}::uuid`,
    true,
  )
  return documentOf(rows, () => true)
}

type Sql = RawBuilder<unknown>

/** What documents name outside their convention. */
const outside = ['organization', 'convention', 'action'] as const

/** The ids of a type that a row `t` names outside its convention, as an array. */
function idsNamed(type: ResourceType, to: ResourceType): Sql {
  const columns = columnsNaming(to).filter((one) => one.type === type && (to !== 'action' || one.isElsewhere))
  const ids = columns.map(({ column, isList }) =>
    isList ? sql.ref(`t.${column}`) : sql`array[${sql.ref(`t.${column}`)}]`,
  )
  return ids.length === 0 ? sql`null::uuid[]` : sql.join(ids, sql` || `)
}

/** Rows of a resource in their order, of which `where` says which, with the ids that they name. */
function partsOf({ type, table, document, order }: Resource, where: Sql): Sql {
  const column = document?.order ?? order?.column
  const columns = [...(column ? [columnOf(column)] : []), 'id'].map((name) => sql.ref(`t.${name}`))
  return sql`select ${sql.lit(type)} as type, row_number() over (order by ${sql.join(columns)}) as place, t.id, t.answer, t.tx,
    ${sql.join(outside.map((to) => idsNamed(type, to)))} from ${sql.table(`${table}_read`)} t where ${where}`
}

/** The rows of all resources that stand in a document, but organizations. */
const parts = sql.join(
  Object.values<Resource>(resources).flatMap((resource) => {
    const { type, visibility } = resource
    if (type === 'convention') return [partsOf(resource, sql`t.id = (select id from own)`)]
    if (visibility === 'convention') return [partsOf(resource, sql`t.convention_id = (select id from own)`)]
    if (type !== 'service-site') return []
    return [
      partsOf(resource, sql`t.id in (select site_id from convention_site where convention_id = (select id from own))`),
    ]
  }),
  sql` union all `,
)

/** The last transaction that wrote, deleted, linked or listed something under a document: nothing that is gone has a row. */
const latest = sql`select greatest(
    (select max(tx) from change where convention_id = (select id from own)),
    (select max(greatest(since, until)) from link where convention_id = (select id from own))) as tx`

interface StoredRow {
  /** An object of the document, a key for what it lists or names, or an organization that it shows. */
  role: 'part' | 'listed' | 'named' | 'shown'
  type: ResourceType
  id: string
  /** For what is named: null where the source has none for it. */
  key: string | null
  answer: string
  /** The transaction that wrote its version; null in a whole document, which nobody writes. */
  tx: string | null
  /** Of the document itself: the last transaction that wrote under it, its source, its key, and the form of answers. */
  latest: string | null
  source: string
  own_key: string
  form: number
}

/**
 * All that a document is made of: itself, what is under it, its sites, the organizations that its source listed and,
 * of a whole document, those that it names; the keys of the source for organizations and conventions, and for actions
 * of other conventions. A name that can be read in two ways is left out. `offset 0` keeps the order of joins: tables that were
 * filled since they were last analyzed look small, and each name would be joined with all actions of the source.
 */
async function selectRows(db: Database, own: Sql, isWhole: boolean): Promise<StoredRow[]> {
  const shown = isWhole
    ? sql`select id from listed union select id from named where type = 'organization'`
    : sql`select id from listed`
  const { rows } = await sql<StoredRow>`
    with own as materialized (${own}),
    latest as materialized (${isWhole ? sql`select null::bigint as tx` : latest}),
    part (type, place, id, answer, tx, ${sql.join(outside.map((to) => sql.ref(to)))}) as materialized (${parts}),
    listed as materialized (
      select o.organization_id as id, o.key from document_organization o join own on o.convention_id = own.id and o.source = own.source),
    named (type, id) as materialized (
      ${sql.join(
        outside.map(
          (to) => sql`select ${sql.lit(to)}, one from part, unnest(${sql.ref(`part.${to}`)}) one where one is not null`,
        ),
        sql` union `,
      )})
    select found.*, latest.tx as latest, own.source, own.key as own_key, answer_form() as form from own, latest, (
      select 'part' as role, type, place, id, null as key, answer, ${isWhole ? sql`null` : sql`tx`} as tx from part
      union all select 'listed', 'organization', 0, id, key, null, null from listed
      union all select 'shown', 'organization', 0, t.id, null, t.answer, ${isWhole ? sql`null` : sql`t.tx`} from organization_read t where t.id in (${shown})
      union all select 'named', n.type, 0, n.id, k.key, null, null from named n left join source_key k
        on k.source = (select source from own) and k.type = n.type and k.convention_id is null and k.id = n.id
        where n.type <> 'action'
      union all select 'named', n.type, 0, n.id, k.key, null, null from named n left join lateral (
        select o.key || '/' || a.key as key from (
          select x.source, x.convention_id, x.key from source_key x
          where x.id = n.id and x.source = (select source from own) and x.type = 'action' offset 0) a
        join source_key o on o.id = a.convention_id and o.source = a.source and o.type = 'convention'
          and o.convention_id is null offset 0) k
        on 1 = (select count(*) from ${readings(sql`(select source from own)`, sql`k.key`)})
        where n.type = 'action') found
    order by type, place, id, key desc`.execute(db)
  return rows
}

interface Part {
  type: ResourceType
  body: Stored
  tx: number
}

function documentOf(rows: readonly StoredRow[], isShown: (part: Part) => boolean): StoredDocument | undefined {
  const [first] = rows
  if (!first) return undefined
  const { form, source, own_key: key, latest } = first
  const inRole = (role: StoredRow['role']) => rows.filter((row) => row.role === role)
  const partOf = ({ type, answer, tx }: StoredRow): Part => ({ type, body: JSON.parse(answer), tx: Number(tx) })
  const stored = inRole('part').map(partOf)
  const { body: convention } = stored.find(({ type }) => type === 'convention') as Part
  const parts = stored.filter((part) => part.type !== 'convention' && isShown(part))
  const listed = inRole('listed').map(keyed)
  const named = inRole('named')
  // A key that this document lists for another organization is not that of one which others name.
  const meant = new Map(listed.map(({ id, key }) => [key, id]))
  const isFree = ({ type, id, key }: StoredRow) =>
    key !== null && (type !== 'organization' || (meant.get(key) ?? id) === id)
  const own = parts.map(({ body }) => ({ id: body.id, key: sourceKeyOf(source, body) ?? body.id }))
  const keys = new Map([...named.filter(isFree).map(keyed), ...own, ...listed].map((one) => [one.id, one.key]))
  const entries = [...inRole('shown').map(partOf), ...parts]
  const versions = [convention, ...entries.map(({ body }) => body)].map(({ id, version }) => `${id}.${version}`)
  return {
    convention,
    tag: documentTag(
      JSON.stringify([form, key, versions, [...keys]]),
      Math.max(Number(latest), ...entries.map(({ tx }) => tx)),
    ),
    keys,
    dependsOn: [
      ...[convention.id, ...entries.map(({ body }) => body.id), ...named.map(({ id }) => id)],
      // By which names an action is found depends on those of all others.
      ...(named.some(({ type }) => type === 'action') ? ['action'] : []),
    ],
    text: () => textOf(convention, key, entries, (id) => keys.get(id) ?? id),
  }
}

const keyed = ({ id, key }: StoredRow) => ({ id, key: key as string })

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
