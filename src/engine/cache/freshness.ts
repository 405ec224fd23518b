/**
 * Freshness: what has changed since the last look, as tags that an answer in memory depends on. A tag is the id of a
 * resource, the id of the convention that it is under, or a type of resources. Everything that answers are made of is
 * in the journal, but for the form of answers and the edition of the territories, which are looked at too. A source may
 * get a key for an organization without a version of it: the link of the document that lists it names both.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** More than these tags are too many to name: then everything has changed. */
const TAGS_MAX = 10_000

/** What one look has seen. */
export interface Look {
  position: number
  /** The chain at the position, in hexadecimal. */
  chain: string
  /** What else answers are made of; equal as long as none of it has changed. */
  basis: string
  /** A copy that is still being written by another server: it may go on from another past without a word. */
  isStandby: boolean
}

/** The end of the journal at this moment. */
export async function look(db: Database): Promise<Look> {
  const { rows } = await sql<{ position: string | null; chain: string | null; basis: string; is_standby: boolean }>`
    select last.position, encode(last.chain, 'hex') as chain, pg_is_in_recovery() as is_standby,
      concat_ws(' ', answer_form(), (select max(loaded_at) from dataset)) as basis
    from (select) one left join (select position, chain from commit where position is not null order by position desc limit 1) last
      on true`.execute(db)
  const [row] = rows
  return {
    position: Number(row?.position ?? 0),
    chain: row?.chain ?? '',
    basis: row?.basis ?? '',
    isStandby: row?.is_standby ?? true,
  }
}

/** The tags of all that was written from one look to the next; null when it cannot be said, and all may have changed. */
export async function changedBetween(db: Database, before: Look, now: Look): Promise<string[] | null> {
  const { rows } = await sql<{ chain: string | null; tags: string[] }>`
    with written as materialized (
      select tx from commit where position > ${before.position} and position <= ${now.position})
    select (select encode(chain, 'hex') from commit where position = ${before.position}) as chain,
      array(select distinct tag from (
        select unnest(array[h.id::text, h.convention_id::text, h.type]) as tag from change h where h.tx in (select tx from written)
        union all select unnest(array[l.convention_id::text, l.row ->> 'organization_id', 'organization'])
          from link l where l.since in (select tx from written)
        union all select unnest(array[l.convention_id::text, l.row ->> 'organization_id', 'organization'])
          from link l where l.until in (select tx from written)) named
        where tag is not null limit ${TAGS_MAX + 1}) as tags`.execute(db)
  const { chain = null, tags = [] } = rows[0] ?? {}
  const isSamePast = before.position === 0 || chain === before.chain
  return isSamePast && tags.length <= TAGS_MAX ? tags : null
}
