/**
 * Timeline of a registry: after each step every read is repeated, by everybody and by the holder of a key. The same
 * reads with `asOf` must answer the same later.
 */

import { sql } from 'kysely'
import { resources } from '../../src/domain/resources.ts'
import { ADMIN_KEY } from './config.ts'
import type { Registry } from './registry.ts'

export interface Seen {
  step: string
  /** An instant after the step and before the next one. */
  at: string
  /** By who asks and the path. */
  answers: Map<string, string>
}

type Who = 'everybody' | 'key'

/** The instant that the clock of the journal shows now. */
export async function instantOf({ db }: Pick<Registry, 'db'>): Promise<string> {
  const { rows } = await sql<{ at: string }>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`.execute(db)
  return rows[0]?.at as string
}

/** A path as it is asked about an instant. */
export const asOf = (path: string, at: string) => `${path}${path.includes('?') ? '&' : '?'}asOf=${at}`

/** The reads that take `asOf`, of a convention and of what was changed last of each type. */
export async function pathsOf({ db }: Registry, conventionId: string): Promise<string[]> {
  const path = `/v1/conventions/${conventionId}`
  const { rows } = await sql<{ type: string; id: string }>`
    select distinct on (type) type, id from change where type <> 'key' order by type, tx desc, seq desc`.execute(db)
  const paths = [
    path,
    `${path}?include=caf,predecessor.caf,successors`,
    `${path}/document`,
    `${path}/amendments?count=true`,
    `${path}/signatories?limit=2&include=organization,amendment`,
    ...['2020-02-01', '2023-06-15', '2027-06-01'].map((day) => `${path}/signatories?validOn=${day}&count=true`),
    `${path}/axes?limit=2`,
    `${path}/axes?source=caf-61&count=true`,
    `${path}/actions?limit=1&include=lead,partners,axes.parent,serviceSites.manager,carriedFrom&count=true`,
    `${path}/actions?source=caf-61&sourceKey=itinerance`,
    `${path}/service-sites?count=true&include=manager,conventions.caf`,
    `${path}/service-sites?communeCode=61342`,
    ...rows.map(({ type, id }) => `/v1${resources[type as keyof typeof resources].path}/${id}`),
    ...rows.filter(({ type }) => type === 'action').map(({ id }) => `/v1/actions/${id}?include=axes,serviceSites,lead`),
  ]
  return [...new Set(paths)]
}

/** What all reads answer now, or with `at` what they answered then; to everybody, for whom less differs, every third. */
export async function look(registry: Registry, paths: string[], at?: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const [i, path] of paths.entries()) {
    answers.set(`key ${path}`, await read(registry, path, 'key', at))
    if (i % 3 === 0) answers.set(`everybody ${path}`, await read(registry, path, 'everybody', at))
  }
  return answers
}

/** The whole answer, all pages of a list; another status than 200 is the answer itself. */
async function read({ request }: Registry, path: string, who: Who, at?: string): Promise<string> {
  const url = new URL(at === undefined ? path : asOf(path, at), 'http://localhost')
  let said = ''
  for (;;) {
    const { pathname, search } = url
    const { status, body, text } = await request('GET', pathname + search, who === 'key' ? { key: ADMIN_KEY } : {})
    if (status !== 200) return String(status)
    if (!('next' in body)) return text
    said += JSON.stringify([body.data, body.count])
    if (body.next === null) return said
    url.searchParams.set('cursor', body.next)
  }
}
