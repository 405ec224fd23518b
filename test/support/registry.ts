/**
 * Registry of one test file: its own database, the whole application on it, and a clock that stands still until the
 * test moves it. All requests go through HTTP, and every answer is held against the OpenAPI document.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import type { Clock, Config } from '../../src/config.ts'
import { closeDatabase, type Database, openDatabase } from '../../src/db/database.ts'
import { serviceUrlOf } from '../../src/db/embedded/server.ts'
import { testConfig } from './config.ts'
import { contractErrors } from './contract.ts'
import { oncePerRun, templateUrl } from './server.ts'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export interface RequestOptions {
  /** Sent as JSON; a string or a buffer is sent as it is. */
  body?: unknown
  headers?: Record<string, string>
  /** Sent as `Authorization: Bearer`. */
  key?: string
}

export interface Answer {
  status: number
  headers: Record<string, string | undefined>
  /** Parsed where the answer is JSON, else undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by its assertions.
  body: any
  text: string
}

export interface TestClock extends Clock {
  /** Moves the clock to an instant of RFC 3339. */
  set(instant: string): void
  /** Sets the clock of the process so many milliseconds ahead of it. */
  setSkew(ms: number): void
}

export interface Registry {
  app: FastifyInstance
  /** As the owner of the tables, for what a test looks at and arranges; the application has a role that serves only. */
  db: Database
  /** As the application has it. */
  serving: Database
  clock: TestClock
  /** Of the database, as its owner. */
  url: string
  request(method: Method, path: string, options?: RequestOptions): Promise<Answer>
}

const CONNECTIONS = 4

let document: Promise<string> | undefined

/** The text of the OpenAPI document, made once in a run of all tests: it depends on the routes alone. */
export function openapiOf(app: FastifyInstance): Promise<string> {
  document ??= oncePerRun('openapi.json', () => app.openapi.json())
  return document
}

/** The database and the application end with the test that opened them. */
export async function openRegistry(
  t: Test,
  options: { now?: string; config?: Partial<Config>; connections?: number } = {},
): Promise<Registry> {
  const url = await createTestDatabase(t)
  return serve(t, { url, clock: testClock(options.now ?? '2026-03-15T12:00:00Z') }, options)
}

/** Another process would be like this: the application once more on a database, with connections of its own. */
export async function serve(
  t: Test,
  { url, clock }: Pick<Registry, 'url' | 'clock'>,
  options: { config?: Partial<Config>; connections?: number } = {},
): Promise<Registry> {
  const connections = options.connections ?? CONNECTIONS
  // What a test arranges takes its time on a busy machine.
  const db = openDatabase(url, { connections, patienceMs: 60_000 })
  const serving = openDatabase(serviceUrlOf(url), { connections })
  const app = await buildApp({ db: serving, config: testConfig(options.config), clock })
  t.teardown(async () => {
    await app.close()
    await Promise.all([closeDatabase(serving), closeDatabase(db)])
  })
  return { app, db, serving, clock, url, request: (method, path, asked) => ask(app, method, path, asked) }
}

/** The URL of a new database, migrated and prepared; it is dropped when the test ends. */
export async function createTestDatabase(t: Test): Promise<string> {
  const url = new URL(await templateUrl())
  return createDatabase(t, url, url.pathname.slice(1))
}

/** The URL of a new database without tables; it is dropped when the test ends. */
export async function createEmptyDatabase(t: Test): Promise<string> {
  return createDatabase(t, new URL(await templateUrl()), 'template0')
}

async function createDatabase(t: Test, server: URL, template: string): Promise<string> {
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  await administer(server, sql`create database ${sql.id(name)} template ${sql.id(template)} strategy file_copy`)
  // Teardowns run last in, first out: the application, opened later, is closed by then.
  t.teardown(() => administer(server, sql`drop database if exists ${sql.id(name)} with (force)`))
  return Object.assign(new URL(server), { pathname: `/${name}` }).href
}

async function administer(server: URL, statement: ReturnType<typeof sql>) {
  const db = openDatabase(Object.assign(new URL(server), { pathname: '/postgres' }).href, { patienceMs: 60_000 })
  await statement.execute(db)
  await closeDatabase(db)
}

function testClock(start: string): TestClock {
  let now = new Date(start)
  let latest = 0
  let skewMs = 0
  return {
    now: () => now,
    elapsedMs() {
      latest = Math.max(latest, now.getTime())
      return latest
    },
    skewMs: () => skewMs,
    set(instant) {
      now = new Date(instant)
    },
    setSkew(ms) {
      skewMs = ms
    },
  }
}

async function ask(app: FastifyInstance, method: Method, url: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, key, headers } = options
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const answer = await app.inject({
    method,
    url,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body !== undefined && { payload: isRaw ? body : JSON.stringify(body) }),
  })
  const seen = { method, url, status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload }
  const errors = contractErrors(await openapiOf(app), seen)
  if (errors.length > 0) throw new Error(`${method} ${url} breaks the contract: ${errors.join('; ')}`)
  const isJson = /[/+]json\b/.test(String(answer.headers['content-type'] ?? ''))
  return {
    status: answer.statusCode,
    headers: answer.headers as Answer['headers'],
    body: isJson && answer.payload !== '' ? JSON.parse(answer.payload) : undefined,
    text: answer.payload,
  }
}
