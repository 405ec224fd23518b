/**
 * Mistakes that others made, each put in from outside: functions of the proof's own database are replaced, or some
 * readers are given a feed with another rule. The proof is worth something because it finds each of them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import { resources } from '../../src/domain/resources.ts'
import type { ResourceType } from '../../src/engine/resource-types.ts'
import type { Row } from '../../src/engine/row-mapper.ts'
import type { Verdict } from './judge.ts'
import type { Feed } from './reader.ts'
import { rowsOf, type Stage } from './stage.ts'

const PAUSE_MS = 20
const KEPT_READS = 5

export interface Sabotage {
  /** Done once, before anybody writes. */
  apply?: (db: Database) => Promise<void>
  /** The feed that pages come from for a reader who sees all there is. */
  feed?: (db: Database) => Feed
  /** How items and lists are asked for. */
  ask?: (ask: Stage['ask']) => Stage['ask']
  /** As which of these errors it must show. */
  shows: (keyof Verdict | 'stale')[]
}

export const sabotages: Record<string, Sabotage> = {
  /** The feed is ordered by a sequence that is given before the commit. */
  'seq-order': { feed: (db) => feedBy(db, false), shows: ['missed'] },
  /** The usual advice: only what is older than every open transaction, by transaction and sequence. */
  'xmin-horizon': { feed: (db) => feedBy(db, true), shows: ['disordered'] },
  /** A position is given when a row is written, in place of at COMMIT. */
  'row-position': { apply: givePositionsByRow, shows: ['missed'] },
  /** Who could see a convention is noted when a row is written, without the lock of the commits. */
  'unlocked-scope': { apply: noteScopesByRow, shows: ['missed', 'phantom'] },
  /** Answers are kept for some reads, in place of until they change. */
  'kept-too-long': { ask: keepForSomeReads, shows: ['stale'] },
}

/** By their number and not by time: a slow machine reads little in any time. */
function keepForSomeReads(ask: Stage['ask']): Stage['ask'] {
  const kept = new Map<string, { answer: Promise<Response>; reads: number }>()
  return async (path, options) => {
    const name = `${path} ${options?.isKeyed}`
    const known = kept.get(name) ?? { answer: ask(path, options), reads: 0 }
    kept.set(name, known)
    known.reads += 1
    known.answer.catch(() => kept.delete(name))
    if (known.reads > KEPT_READS) kept.delete(name)
    return (await known.answer).clone()
  }
}

/** What a reader with a key and without a filter would be told of the journal in another order. */
function feedBy(db: Database, isBehindHorizon: boolean): Feed {
  return async (cursor, limit) => {
    const [tx, seq] = JSON.parse(cursor ?? '[0,0]')
    const rule = isBehindHorizon
      ? sql`h.xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
          and (h.xmin::text::bigint, h.seq) > (${tx}, ${seq}) order by h.xmin::text::bigint, h.seq`
      : sql`h.seq > ${seq} order by h.seq`
    const rows = await rowsOf(
      db,
      sql<{
        position: number
        tx: number
        seq: number
        type: ResourceType
        id: string
        version: number
        operation: string
        body: Row
      }>`
      select c.position::float8 as position, h.xmin::text::float8 as tx, h.seq::float8 as seq, h.type, h.id, h.version,
        h.operation, h.body from commit c join change h using (tx) where ${rule} limit ${limit}`,
    )
    const told = rows.filter(
      ({ type, operation }) => (type as string) !== 'key' && operation !== 'void' && operation !== 'scope',
    )
    const last = rows.at(-1)
    if (!last) await sleep(PAUSE_MS)
    return {
      data: told.map(({ position, seq: place, type, id, version, operation, body }) => ({
        id: `${position}-${place}`,
        type,
        resourceId: id,
        version,
        position,
        last: true,
        operation: operation === 'deleted' ? 'delete' : 'upsert',
        data: operation === 'deleted' ? null : resources[type].toBody(body),
        conventionId: null,
        source: null,
        actor: null,
        at: '',
      })),
      next: JSON.stringify(last ? [last.tx, last.seq] : [tx, seq]),
      position: rows.length < limit ? Number.MAX_SAFE_INTEGER : 0,
      chain: '',
      complete: rows.length < limit,
      form: 1,
      expiresAt: null,
    }
  }
}

/** Replaces parts of a function of the database; throws when one is not there: then the sabotage has to be written anew. */
async function alter(db: Database, name: string, ...changes: [RegExp, string][]): Promise<void> {
  const { rows } = await sql<{
    text: string
  }>`select pg_get_functiondef(oid) as text from pg_proc where proname = ${name}`.execute(db)
  let text = rows[0]?.text ?? ''
  for (const [pattern, replacement] of changes) {
    if (!pattern.test(text)) throw new Error(`the function ${name} holds no ${pattern}`)
    text = text.replace(pattern, replacement)
  }
  await sql.raw(text).execute(db)
}

async function givePositionsByRow(db: Database): Promise<void> {
  await sql`create sequence early_position`.execute(db)
  await sql`select setval('early_position', (select coalesce(max(position), 0) + 1 from commit), false)`.execute(db)
  await alter(
    db,
    'current_tx',
    [
      /insert into commit \(actor, request_id, source\) values \(/,
      "insert into commit (position, actor, request_id, source) values (nextval('early_position'), ",
    ],
    // A transaction that has a position may go on writing here.
    [/ and c\.position is null/, ''],
  )
  await alter(db, 'take_position', [/place := coalesce\(last\.position, 0\) \+ 1;/, 'place := new.position;'])
}

async function noteScopesByRow(db: Database): Promise<void> {
  await sql`
    create function early_scope(number bigint, touched uuid) returns void language sql as $$
      insert into scope (tx, convention_id, position, public_before, caf_before, departments_before, public_after, caf_after, departments_after)
      select number, touched, 0, before.public_after, before.caf_after, before.departments_after,
        c.state <> 'draft', c.caf_id, c.department_codes
      from (select) nothing
      left join lateral (select * from scope s where s.convention_id = touched and s.tx <> number order by s.position desc limit 1) before on true
      left join lateral (select * from convention where id = touched) c on true
      where touched is not null
      on conflict (tx, convention_id) do update set public_after = excluded.public_after, caf_after = excluded.caf_after,
        departments_after = excluded.departments_after
    $$`.execute(db)
  await alter(db, 'record_change', [
    /return null;(\s*end\s*\$)/,
    `perform early_scope(number, case when kind = 'convention' then (body ->> 'id')::uuid else (body ->> 'convention_id')::uuid end);
      return null;$1`,
  ])
  await alter(db, 'record_scope', [
    /insert into scope [\s\S]*? on true;/,
    'update scope set position = place where tx = number;',
  ])
}
