/**
 * Precondition of a document: its entity tag, against `If-Match` and `If-None-Match`. A 412 lists which objects changed
 * since the tag that was sent: the tag names the last transaction that the client has seen, and the journal knows the
 * later ones. Writers under a convention take turns, so that their transactions are numbered in the order of commits;
 * only a shared organization or site that is written outside of it may be missing from the list.
 */
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { Problem } from '../../http/errors/problems.ts'
import { checkIfMatch, checkIfNoneMatch } from '../../http/input/preconditions.ts'
import { readTags, transactionOf } from '../../http/output/etags.ts'
import { type StoredDocument, sourceDocument } from '../document/document.ts'
import type { SyncedObject } from '../document/schema.ts'

const CHANGED_MAX = 1_000

/** Refuses to go on unless the document is what the caller believes. */
export type Precondition = (document: PresentDocument) => Promise<void>

/** The document of a source, read only where a header asks for its tag. */
interface PresentDocument {
  read(): Promise<StoredDocument | undefined>
  /** The objects of it that changed after a transaction. */
  changesSince(document: StoredDocument, tx: number): Promise<SyncedObject[]>
}

/** The document that a source holds under a key, as this transaction sees it. */
export const sourceDocumentIn = (db: Database, source: string, key: string): PresentDocument => ({
  read: () => sourceDocument(db, source, key),
  changesSince: (document, tx) => selectChanges(db, source, document, tx),
})

/** The precondition of a request. Throws a 412, which lists what changed, or a 400. */
export const preconditionOf =
  (request: FastifyRequest): Precondition =>
  async ({ read, changesSince }) => {
    const { 'if-match': wanted, 'if-none-match': unwanted } = request.headers
    if (wanted === undefined && unwanted === undefined) return
    const document = await read()
    const current = document?.tag ?? null
    try {
      checkIfMatch(request, current, { required: false })
    } catch (error) {
      const tx = lastSeen(wanted)
      if (!(error instanceof Problem) || !document || tx === undefined) throw error
      const { slug, detail, headers } = error
      throw new Problem(slug, detail, { headers, members: { changed: await changesSince(document, tx) } })
    }
    checkIfNoneMatch(request, current)
  }

/** The last transaction that the tags of a header name. */
function lastSeen(header = ''): number | undefined {
  const tags = readTags(header)
  if (!tags || tags === '*') return undefined
  const seen = tags.flatMap(({ value }) => transactionOf(value) ?? [])
  return seen.length > 0 ? Math.max(...seen) : undefined
}

/** The objects of a source under a convention, or once linked or listed there, that were written after a transaction. */
async function selectChanges(
  db: Database,
  source: string,
  { convention, keys }: StoredDocument,
  tx: number,
): Promise<SyncedObject[]> {
  const { rows } = await sql<SyncedObject>`
    with beside (type, id) as (
      select case name when 'convention_site' then 'service-site' else 'organization' end,
        coalesce(row ->> 'site_id', row ->> 'organization_id')::uuid from link
      where convention_id = ${convention.id} and coalesce(row ->> 'source', ${source}) = ${source}),
    written as (
      select c.* from change c where c.convention_id = ${convention.id} and c.tx > ${tx}
      union all
      select c.* from (select distinct type, id from beside) b join change c using (type, id) where c.tx > ${tx}),
    later as (
      select type, id, max(version) as version, bool_or(operation = 'created') as is_new, bool_or(operation = 'deleted') as is_gone,
        (array_agg(body order by tx desc))[1] as body
      from written where operation in ('created', 'updated', 'deleted')
      group by type, id)
    select l.type, k.key, l.id, l.version, case when is_gone then 'delete' when is_new then 'create' else 'update' end as operation
    from later l left join lateral (
      select s.key from jsonb_to_recordset(l.body -> 'sources') s (source text, key text) where s.source = ${source} limit 1) k on true
    where (k.key is not null or l.type = 'organization') and not (is_new and is_gone)
    order by l.type, k.key, l.id limit ${CHANGED_MAX}`.execute(db)
  return rows.map((row) => ({ ...row, key: keys.get(row.id) ?? row.key }))
}
