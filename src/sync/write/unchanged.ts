/**
 * Unchanged documents: what a PUT answers when nothing that it depends on has changed since the same document came last,
 * found by one statement, without a lock. Whatever is in doubt goes through all stages.
 */
import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { mayCoordinate, mayUseSource } from '../../auth/policy.ts'
import type { Database } from '../../db/database.ts'
import type { Convention } from '../../domain/conventions/resource.ts'
import type { Change } from '../../engine/change-set.ts'
import { parisDay } from '../../engine/day.ts'
import { namedIds } from '../../engine/declaration/references.ts'
import { lastDay } from '../../engine/partial-date.ts'
import { countsInSource } from '../document/keys.ts'
import type { PlannedChange, SyncResult } from '../document/schema.ts'
import { objectsOf, report } from './outcome.ts'
import type { ConflictRule } from './reconcile.ts'

/** Raised when a document that was sent before may mean something else, or be warned of something else. */
const RULES_VERSION = 1

/** Warnings about what a PUT did, which the same one does not do again. */
const ONCE: ReadonlySet<string> = new Set(['key-moved', 'organization-filled', 'public-organization', 'site-differs'])

interface Asked {
  caller: Caller
  source: string
  key: string
  body: unknown
  conflicts?: ConflictRule
  dryRun: boolean
  now: Date
}

/** Of the document, the version of the rules, and who wins: to let the document win may change what stayed so far. */
const digestOf = ({ body, conflicts }: Pick<Asked, 'body' | 'conflicts'>) =>
  hash('sha256', `${RULES_VERSION} ${conflicts ?? ''} ${JSON.stringify(body)}`, 'buffer')

/** The answer to a document that came before, with its tag; undefined when it has to be looked at. */
export async function selectUnchanged(
  db: Database,
  asked: Asked,
): Promise<{ tag: string; result: SyncResult } | undefined> {
  const { caller, source, key, dryRun, now } = asked
  const { rows } = await sql<{ owner: string | null; caf: string; tag: string; result: SyncResult }>`
    select s.organization_id as owner, c.caf_id as caf, r.tag, r.result
    from document_result r join source s on s.name = r.source join convention c on c.id = r.convention_id
    where r.source = ${source} and r.key = ${key} and r.digest = ${digestOf(asked)}
      and (r.last_day is null or r.last_day >= ${parisDay(now)}) and (c.status_due is null or c.status_due > ${parisDay(now)})
      and r.state = document_state(r.source, r.convention_id, r.depends)`.execute(db)
  const [found] = rows
  if (!found || !mayUseSource(caller, { organizationId: found.owner }) || !mayCoordinate(caller, found.caf))
    return undefined
  const { tag, result } = found
  return { tag, result: dryRun ? { ...result, plan: result.objects.map(unplanned) } : result }
}

const unplanned = ({ type, key, id }: SyncResult['objects'][number]): PlannedChange => ({
  operation: 'unchanged',
  type,
  key,
  id,
  changes: [],
})

interface Answered extends Omit<Asked, 'dryRun' | 'caller'> {
  tag: string
  result: SyncResult
  /** What the document lists and names, organizations among them. */
  changes: readonly Change[]
}

/**
 * Keeps what the same document would be answered from now on. In the transaction of its PUT. Not where somebody has
 * changed an organization or a site since it was read: the state would be that of their change already.
 */
export async function keepResult(db: Database, answered: Answered): Promise<void> {
  const { source, key, now, tag, result, changes } = answered
  const { convention } = result
  // Whether organizations stay closed to the source is not known by their versions.
  if (result.warnings.some(({ code }) => code === 'organization-closed')) return
  const left = changes.filter(({ after }) => after)
  const outcomes = left.map((change) => ({ change, operation: 'unchanged' as const }))
  const versions = new Map(result.objects.map(({ id, version }) => [id, version]))
  const again: SyncResult = {
    convention,
    report: report(outcomes),
    objects: objectsOf(outcomes, new Map()).map((one) => ({ ...one, version: versions.get(one.id) ?? one.version })),
    warnings: result.warnings.filter(({ code }) => !ONCE.has(code)),
  }
  // What is under the convention cannot change without a trace there.
  const own = new Set(left.flatMap(({ type, id }) => (countsInSource(type) ? [] : [id])))
  const named = left.flatMap(({ type, id, after = {} }) => [id, ...namedIds(type, after).map((one) => one.id)])
  await sql`insert into document_result (source, key, convention_id, digest, depends, state, last_day, tag, result)
    select ${source}, ${key}, ${convention.id}, ${digestOf(answered)}, named, document_state(${source}, ${convention.id}, named),
      ${lastDayOf(convention, now)}::date, ${tag}, ${JSON.stringify(again)}::json
    from (select ${[...new Set(named)].filter((id) => !own.has(id))}::uuid[] as named) depends
    where not exists (select from unnest(${again.objects.map(({ id }) => id)}::uuid[], ${again.objects.map((one) => one.version)}::integer[]) seen (id, version)
      left join organization o using (id) left join service_site s using (id) where coalesce(o.version, s.version, seen.version) <> seen.version)
    on conflict (source, key) do update set convention_id = excluded.convention_id, digest = excluded.digest,
      depends = excluded.depends, state = excluded.state, last_day = excluded.last_day, tag = excluded.tag,
      result = excluded.result`.execute(db)
}

/** A convention that will have ended early is warned of from the day after on, unless its state says so. */
function lastDayOf({ state, terminatedOn }: Convention, now: Date): string | null {
  const end = lastDay(terminatedOn)
  return end && state === 'signed' && end >= parisDay(now) ? end : null
}
