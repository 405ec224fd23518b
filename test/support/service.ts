/** Service as a process of its own, for what only a process can show. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { startEmbedded } from '../../src/db/embedded/server.ts'
import { ADMIN_KEY } from './config.ts'

export interface Service {
  process: ChildProcess
  /** Where it listens, e.g. http://127.0.0.1:41234. */
  address: string
  /** What it has written so far to the standard output and to the standard error. */
  output(): string
  errors(): string
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

const main = path.join(import.meta.dirname, '../../src/main.ts')

/** Starts the service and waits until it listens. */
export async function startService(
  t: Pick<Test, 'teardown'>,
  env: Record<string, string>,
  log?: string,
): Promise<Service> {
  const service = spawnService(t, env, log)
  while (service.address === '') {
    const hasEnded = await Promise.race([once(service.process.stderr ?? service.process, 'data'), service.ended])
    if (!Array.isArray(hasEnded)) throw new Error(`The service ended: ${service.errors()}`)
    service.address = /listens on (http:\S+)/.exec(service.errors())?.[1] ?? ''
  }
  return service
}

/** What every process of ours is given beside its own variables; compiled modules are kept, as those of the tests are. */
export const childEnvironment = {
  PATH: '/usr/bin:/bin',
  // biome-ignore lint/style/noProcessEnv: it is the environment that is handed on.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
}

/** Starts the service without waiting for it; it is killed when the test ends. Its log goes to a file, if one is named. */
export function spawnService(t: Pick<Test, 'teardown'>, env: Record<string, string>, log?: string): Service {
  const child = spawn(process.execPath, ['--max-semi-space-size=8', main], {
    env: {
      ...childEnvironment,
      MALLOC_TRIM_THRESHOLD_: '131072',
      MALLOC_ARENA_MAX: '2',
      PORT: '0',
      LOAD_EXAMPLE: 'false',
      ...env,
    },
    stdio: ['ignore', log === undefined ? 'pipe' : openSync(log, 'w'), 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { process: child, address: '', output: () => output, errors: () => errors, ended }
}

/** Asks a service that knows the key that may do everything; the body is undefined where there is none. */
export async function ask(
  { address }: Pick<Service, 'address'>,
  path: string,
  { method = 'GET', body }: { method?: string; body?: unknown } = {},
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by its assertions.
): Promise<{ status: number; body: any }> {
  const answer = await fetch(address + path, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_KEY}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** Asks again and again until the answer fits; a test that waits in vain ends by its time limit. */
export async function until(fits: () => Promise<boolean>): Promise<void> {
  while (!(await fits())) await sleep(100)
}

/** Nothing outlives the service, so nothing needs to reach the disk. */
const settings = { fsync: 'off', synchronous_commit: 'off', max_connections: '100' }

/** Starts a service with the example, on a database of its own in a folder, without limits of requests. */
export async function startExample(
  t: Pick<Test, 'teardown'>,
  dataDir: string,
): Promise<{ address: string; url: string }> {
  t.teardown(() => fs.rm(dataDir, { recursive: true, force: true }))
  await fs.mkdir(dataDir, { recursive: true })
  const { url, stop } = await startEmbedded({ dataDir, settings })
  t.teardown(stop)
  const env = { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, LOG_LEVEL: 'error', RATE_LIMIT: '0' }
  const { address } = await startService(t, { ...env, LOAD_EXAMPLE: 'true' })
  return { address, url }
}
