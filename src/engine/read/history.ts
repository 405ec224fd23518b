/** History of one resource: its versions, who made each and when, and which fields it changed. */
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { Type } from 'typebox'
import type { Caller } from '../../auth/caller.ts'
import { canSeePrivate } from '../../auth/visibility.ts'
import type { Database } from '../../db/database.ts'
import { instantText, rows } from '../../db/expressions.ts'
import { problem } from '../../http/errors/problems.ts'
import { digestTag } from '../../http/output/etags.ts'
import { nextPage, type PageStart, pageParameters, pageStart } from '../../http/output/pagination.ts'
import { Representation } from '../../http/output/response.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import type { Api } from '../../http/server/api.ts'
import type { Resource } from '../declaration/resource.ts'
import { nameOf } from '../words.ts'
import { visibleVersion } from './as-of.ts'
import { belowHorizon } from './horizon.ts'
import type { Services } from './services.ts'

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
    const start = pageStart(request, ['integer'])
    return pageOfVersions(request, await selectVersions(db, resource, request.caller, wanted, start))
  })
}

/** The versions `h` of a resource that the caller may see, with their transactions `c`. */
const versionsOf = (db: Database, resource: Resource, caller: Caller, wanted: string) =>
  db
    .selectFrom('change as h')
    .innerJoin('commit as c', 'c.tx', 'h.tx')
    .where('h.type', '=', resource.type)
    .where('h.id', '=', wanted)
    .where('h.operation', 'in', ['created', 'updated', 'deleted'])
    .where(visibleVersion(resource, caller, 'h'))

/** The same as history shows them: each with its answer and with that of the version before it in sight of the caller. */
const withAnswers = (versions: ReturnType<typeof versionsOf>, resource: Resource, caller: Caller) =>
  versions
    .select(['h.version', 'h.operation', 'c.position', 'c.actor', 'c.source', 'c.request_id', 'h.cleared'])
    .select(({ ref, selectFrom, case: when }) => [
      instantText(ref('c.at'), 'US').as('at'),
      selectFrom('scope as s')
        .select(({ fn }) => fn.coalesce('s.caf_after', 's.caf_before').as('caf_id'))
        .whereRef('s.convention_id', '=', 'h.convention_id')
        .whereRef('s.position', '<=', 'c.position')
        .orderBy('s.position', 'desc')
        .limit(1)
        .as('caf_id'),
      sql<number>`answer_form()`.as('form'),
      when('h.operation').when('deleted').then(null).else(rendered('h')).end().as('answer'),
      selectFrom('change as p')
        .select(rendered('p').as('answer'))
        .whereRef('p.type', '=', 'h.type')
        .whereRef('p.id', '=', 'h.id')
        .whereRef('p.version', '<', 'h.version')
        .where('p.operation', 'in', ['created', 'updated'])
        .where(visibleVersion(resource, caller, 'p'))
        .orderBy('p.version', 'desc')
        .limit(1)
        .as('answer_before'),
    ])

/** A page of versions below the last one shown; a 404 when there is none in sight of the caller. */
async function selectVersions(db: Database, resource: Resource, caller: Caller, wanted: string, start: PageStart) {
  const { after, limit, count } = start
  const versions = versionsOf(db, resource, caller, wanted)
  const found = await withAnswers(versions, resource, caller)
    .$if(after !== undefined, (query) => query.where('h.version', '<', sql<number>`${after?.[0]}::integer`))
    .orderBy('h.version', 'desc')
    .limit(limit + 1)
    .execute()
  // Versions begin with 1 and have no gaps: what is missing below was pruned.
  const isPruned = found.length <= limit && (await selectOldest(db, resource, wanted)) > 1
  // Of what the caller does not see, pruning must not reveal anything either.
  const isAny = async () => (await versions.select('h.seq').limit(1).executeTakeFirst()) !== undefined
  if (found.length === 0 && isPruned && after !== undefined && (await isAny())) throw await belowHorizon(db)
  if (found.length === 0) throw problem('not-found', `There is no ${nameOf(resource.type)} ${wanted}.`)
  const shown = found.slice(0, limit)
  const total = count ? await versions.select(({ fn }) => fn.countAll().as('count')).executeTakeFirst() : undefined
  return {
    rows: shown,
    isActorSeen: (row: { cleared: boolean; caf_id: string | null }) =>
      canSeePrivate(caller, row.cleared ? null : row.caf_id),
    last: found.length > limit || isPruned ? [shown.at(-1)?.version] : undefined,
    count: total ? Number(total.count) : null,
  }
}

/** The oldest version that the journal keeps; 0 when there is none. */
async function selectOldest(db: Database, { type }: Resource, wanted: string): Promise<number> {
  const { oldest } = await db
    .selectFrom('change')
    .select(({ fn }) => fn.min('version').as('oldest'))
    .where('type', '=', type)
    .where('id', '=', wanted)
    .executeTakeFirstOrThrow()
  return oldest ?? 0
}

/** The answer of a row `h` or `p` of the journal, in the present form. */
const rendered = (row: 'h' | 'p') => {
  const { fn } = rows<Record<typeof row, 'change'>>()
  return fn<string | null>('rendered', [`${row}.type`, `${row}.body`, `${row}.answer`, `${row}.form`])
}

type Versions = Awaited<ReturnType<typeof selectVersions>>
type StoredVersion = Versions['rows'][number]

/** A page as it is sent, with stored answers; its tag follows from all but these, which versions stand for. */
function pageOfVersions(request: FastifyRequest, { rows, isActorSeen, last, count }: Versions): Representation {
  const { next, link } = nextPage(request, last)
  const versions = rows.map((row) => JSON.stringify(versionOf(row, isActorSeen(row))))
  const data = versions.map((json, i) => `${json.slice(0, -1)},"data":${rows[i]?.answer ?? 'null'}}`)
  const bytes = Buffer.from(`{"data":[${data.join(',')}],"next":${JSON.stringify(next)},"count":${count}}\n`)
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

/** What says how a version came to be is no change of its own. */
const unchanging = new Set(['version', 'updatedAt'])

function changedFields(answerBefore: string, answer: string): string[] {
  const [before, after] = [answerBefore, answer].map((json) => JSON.parse(json) as Record<string, unknown>)
  return Object.keys(after ?? {}).filter(
    (field) => !unchanging.has(field) && JSON.stringify(before?.[field]) !== JSON.stringify(after?.[field]),
  )
}
