/** API client of tests, with a key, and a small world to write in. A test says only what it is about. */
import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import { versionTag } from '../../src/http/output/etags.ts'
import { ADMIN_KEY } from './config.ts'
import type { Answer, Registry } from './registry.ts'

export type Fields = Record<string, unknown>
type Headers = Record<string, string>

export interface Api {
  get(path: string, headers?: Headers): Promise<Answer>
  post(path: string, body: unknown, headers?: Headers): Promise<Answer>
  put(path: string, headers?: Headers): Promise<Answer>
  /** With the version as `If-Match`; null sends none. */
  patch(path: string, version: number | string | null, body: unknown, headers?: Headers): Promise<Answer>
  delete(path: string, version?: number | string | null, headers?: Headers): Promise<Answer>
  /** The body of what a POST created; throws when it did not. */
  create(path: string, body?: Fields): Promise<Created>
  /** The body that a PATCH of the present version left; throws when it did not. */
  change(path: string, body: Fields): Promise<Created>
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by its assertions.
export type Created = Record<string, any> & { id: string; version: number }

/** A client with the key that may do everything; under it `/v1` is left out of paths. */
export function apiOf({ request }: Pick<Registry, 'request'>, key = ADMIN_KEY): Api {
  const match = (version: number | string | null): Headers => {
    if (version === null) return {}
    return { 'if-match': typeof version === 'number' ? versionTag(version) : version }
  }
  const api: Api = {
    get: (path, headers = {}) => request('GET', `/v1${path}`, { key, headers }),
    post: (path, body, headers = {}) => request('POST', `/v1${path}`, { key, body, headers }),
    put: (path, headers = {}) => request('PUT', `/v1${path}`, { key, headers }),
    patch: (path, version, body, headers = {}) =>
      request('PATCH', `/v1${path}`, { key, body, headers: { ...match(version), ...headers } }),
    delete: (path, version = '*', headers = {}) =>
      request('DELETE', `/v1${path}`, { key, headers: { ...match(version), ...headers } }),
    create: async (path, body = {}) => expected(201, await api.post(path, body)),
    change: async (path, body) => expected(200, await api.patch(path, '*', body)),
  }
  return api
}

function expected(status: number, answer: Answer): Created {
  if (answer.status !== status) throw new Error(`${answer.status}, not ${status}: ${answer.text}`)
  return answer.body
}

/** `/pointer code` of each error of a problem, sorted. */
export const errorsOf = ({ body }: Answer): string[] =>
  (body?.errors ?? []).map(({ pointer, parameter, code }: Fields) => `${pointer ?? parameter} ${code}`).sort()

/** The slug of a problem; undefined when the answer is none. */
export const slugOf = ({ body }: Pick<Answer, 'body'>): string | undefined => body?.type?.replace('/problems/', '')

/** `409 in-use` of a problem. */
export const outcomeOf = (answer: Pick<Answer, 'status' | 'body'>): string =>
  [answer.status, slugOf(answer) ?? ''].join(' ').trim()

/** How many transactions the journal holds. */
export async function commits(db: Database): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from commit`.execute(db)
  return Number(rows[0]?.count)
}

/** Paths of what belongs to the world of a test. */
export interface World {
  api: Api
  caf: Created
  /** Signed, 2022-2026, without anything under it. */
  convention: Created
  /** The path of the convention. */
  path: string
}

export async function newWorld(registry: Registry, convention: Fields = {}): Promise<World> {
  const api = apiOf(registry)
  const caf = await api.create('/organizations', { kind: 'caf', name: "Caf de l'Orne" })
  const made = await newConvention(api, caf.id, convention)
  return { api, caf, convention: made, path: `/conventions/${made.id}` }
}

export const newConvention = (api: Api, cafId: string, fields: Fields = {}) =>
  api.create('/conventions', { title: 'CTG', cafId, state: 'signed', startsOn: '2022', endsOn: '2026', ...fields })
