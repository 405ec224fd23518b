/** History of one resource: its versions, who made each and when, and which fields it changed. */
import type { FastifyRequest } from 'fastify'
import { type RawBuilder, sql } from 'kysely'
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { canSeePrivate } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { problem } from '../../http/errors/problems.ts'
import { digestTag } from '../../http/output/etags.ts'
import { nextPage, type PageStart, pageParameters, readPage } from '../../http/output/pagination.ts'
import { Representation } from '../../http/output/response.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import type { Api } from '../../http/server/api.ts'
import type { Resource } from '../resource.ts'
import { nameOf } from '../words.ts'
import { visibleVersion } from './as-of.ts'
import { belowHorizon } from './horizon.ts'
import type { Services } from './routes.ts'

interface HistoryRoute {
  resource: Resource
  tag: string
  exampleId: string
}

/** GET of the history of one resource, latest first; what is deleted goes on answering. */
export function historyRoute(app: Api, { db }: Services, route: HistoryRoute): void {
  const { resource, tag, exampleId } = route
  const params = Type.Object({ id: id('Its id (French: identifiant).', exampleId) })
  const { $id } = resource.Answer as { $id?: string }
  const schema = {
    operationId: `list${$id}Versions`,
    tags: [tag],
    summary: 'Read its history',
    description:
      'Every version that the reader could see while it was the latest, the newest first: what it was, which fields changed, when, in which request and by which source. What was deleted goes on answering here. Where the journal was pruned the last page that is kept has a `next` too, which answers 410.',
    params,
    querystring: Type.Object(pageParameters),
    response: { 200: { description: 'A page of versions.', ...ref(resource.VersionPage) } },
  }
  app.get(`${resource.path}/:id/history`, { schema, config: { mayReturn410: true } }, async (request) => {
    const { id: wanted } = request.params
    const start = readPage(request, ['integer'])
    return pageOfVersions(request, await selectVersions(db, resource, request.caller, wanted, start))
  })
}

interface StoredVersion {
  version: number
  operation: 'created' | 'updated' | 'deleted'
  position: string
  at: string
  actor: string | null
  source: string | null
  request_id: string | null
  /** Whether what it named was deleted or hidden, by a writer of another Caf. */
  cleared: boolean
  /** Of the convention that it was under then. */
  caf_id: string | null
  form: number
  answer: string | null
  answer_before: string | null
}

/** A page of versions below the last one shown; a 404 when there is none in sight of the caller. */
async function selectVersions(db: Database, resource: Resource, caller: Caller, wanted: string, start: PageStart) {
  const { after, limit, count } = start
  const versions = sql`from change h join commit c on c.tx = h.tx where h.type = ${resource.type} and h.id = ${wanted}::uuid
    and h.operation in ('created', 'updated', 'deleted') and ${visibleVersion(resource, caller, 'h')}`
  const afterCursor = after === undefined ? sql`` : sql`and h.version < ${after[0]}::integer`
  const { rows } = await sql<StoredVersion>`
    select h.version, h.operation, c.position, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
      c.actor, c.source, c.request_id, h.cleared, ${cafThen} as caf_id, answer_form() as form,
      case h.operation when 'deleted' then null else rendered(h.type, h.body, h.answer, h.form) end as answer, (select rendered(p.type, p.body, p.answer, p.form) from change p
        where p.type = h.type and p.id = h.id and p.version < h.version and p.operation in ('created', 'updated')
          and ${visibleVersion(resource, caller, 'p')} order by p.version desc limit 1) as answer_before
    ${versions} ${afterCursor} order by h.version desc limit ${limit + 1}`.execute(db)
  // Versions begin with 1 and have no gaps: what is missing below was pruned.
  const isPruned = rows.length <= limit && (await selectOldest(db, resource, wanted)) > 1
  if (rows.length === 0 && isPruned && after !== undefined && (await exists(db, versions))) throw await belowHorizon(db)
  if (rows.length === 0) throw problem('not-found', `There is no ${nameOf(resource.type)} ${wanted}.`)
  const shown = rows.slice(0, limit)
  const total = count ? await sql<{ count: string }>`select count(*) ${versions}`.execute(db) : undefined
  return {
    rows: shown,
    isActorSeen: (row: StoredVersion) => canSeePrivate(caller, row.cleared ? null : row.caf_id),
    last: rows.length > limit || isPruned ? [shown.at(-1)?.version] : undefined,
    count: total ? Number(total.rows[0]?.count) : null,
  }
}

/** Whether any version is visible: of what is not, pruning must not reveal anything either. */
async function exists(db: Database, versions: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql`select 1 ${versions} limit 1`.execute(db)
  return rows.length > 0
}

/** The oldest version that the journal keeps; 0 when there is none. */
async function selectOldest(db: Database, { type }: Resource, wanted: string): Promise<number> {
  const { rows } = await sql<{ oldest: number | null }>`
    select min(version) as oldest from change where type = ${type} and id = ${wanted}::uuid`.execute(db)
  return rows[0]?.oldest ?? 0
}

type Versions = Awaited<ReturnType<typeof selectVersions>>

/** A page as it is sent, with stored answers; its tag follows from all but these, which versions stand for. */
function pageOfVersions(request: FastifyRequest, { rows, isActorSeen, last, count }: Versions): Representation {
  const { next, link } = nextPage(request, last)
  const versions = rows.map((row) => JSON.stringify(versionOf(row, isActorSeen(row))))
  const data = versions.map((json, i) => `${json.slice(0, -1)},"data":${rows[i]?.answer ?? 'null'}}`)
  const bytes = Buffer.from(`{"data":[${data.join(',')}],"next":${JSON.stringify(next)},"count":${count}}`)
  return new Representation(bytes, digestTag([rows[0]?.form, next, count, ...versions].join('\n')), link)
}

/** A version without its data. */
function versionOf(row: StoredVersion, isActorSeen: boolean) {
  const { version, operation, position, at, actor, source, request_id: requestId, answer, answer_before } = row
  return {
    version,
    operation,
    position: Number(position),
    at,
    actor: isActorSeen ? actor : null,
    source,
    requestId: isActorSeen ? requestId : null,
    changed: answer !== null && answer_before !== null ? changedFields(answer_before, answer) : [],
  }
}

const cafThen = sql`(select coalesce(s.caf_after, s.caf_before) from scope s where s.convention_id = h.convention_id
  and s.position <= c.position order by s.position desc limit 1)`

/** What says how a version came to be is no change of its own. */
const unchanging = new Set(['version', 'updatedAt'])

function changedFields(answerBefore: string, answer: string): string[] {
  const [before, after] = [answerBefore, answer].map((json) => JSON.parse(json) as Record<string, unknown>)
  return Object.keys(after ?? {}).filter(
    (field) => !unchanging.has(field) && JSON.stringify(before?.[field]) !== JSON.stringify(after?.[field]),
  )
}
