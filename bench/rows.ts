/**
 * Rows of the table of reads: which requests, and of which ids. The same objects are chosen in every database,
 * by what they hold, for ids differ; and so many that a cache can keep them: those of a row come to 25 MB at most.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../src/db/database.ts'

export interface Row {
  key: 'memory' | 'convention' | 'action' | 'actions' | 'document'
  name: string
  /** At the service. */
  path(id: string): string
  ids(db: Database): Promise<string[]>
}

export type Ids = Record<Row['key'], string[]>

/** The requests of each row in a database. */
export async function idsIn(db: Database): Promise<Ids> {
  const each = rows.map(async ({ key, ids }) => [key, await ids(db)] as const)
  return Object.fromEntries(await Promise.all(each)) as Ids
}

const VOCABULARY = 'amendment-kinds'
const CONVENTIONS = 2_000
const ACTIONS = 5_000
/** Conventions of which something large is read. */
const LARGE = 200
const PAGE = 50

const among = (query: RawBuilder<{ id: string }>) => async (db: Database) =>
  (await query.execute(db)).rows.map(({ id }) => id)

const open = sql`from convention c where c.state <> 'draft'`
const shuffled = sql`order by md5(c.title), c.title`

export const rows: readonly Row[] = [
  {
    key: 'memory',
    name: 'a vocabulary, from memory',
    path: (id) => `/v1/vocabularies/${id}`,
    ids: async () => [VOCABULARY],
  },
  {
    key: 'convention',
    name: 'one convention',
    path: (id) => `/v1/conventions/${id}`,
    ids: among(sql`select c.id ${open} ${shuffled} limit ${CONVENTIONS}`),
  },
  {
    key: 'action',
    name: 'one action',
    path: (id) => `/v1/actions/${id}`,
    ids: among(sql`select a.id from action a where a.convention_id in (select c.id ${open})
      order by md5(a.title || a.description || a.code), a.description limit ${ACTIONS}`),
  },
  {
    key: 'actions',
    name: `${PAGE} actions of a convention`,
    path: (id) => `/v1/conventions/${id}/actions`,
    ids: among(sql`select c.id ${open}
      and (select count(*) from action a where a.convention_id = c.id) >= ${PAGE} ${shuffled} limit ${LARGE}`),
  },
  {
    key: 'document',
    name: 'a whole document',
    path: (id) => `/v1/conventions/${id}/document`,
    ids: among(sql`select c.id ${open} ${shuffled} limit ${LARGE}`),
  },
]
