/**
 * Requests that mean harm, made from the OpenAPI document, against the service as a process:
 *
 *   npm run fuzz -- [--minutes 1] [--seed N]
 *
 * The exit code is 1 on any error; the same seed asks the same.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { startExample } from '../support/service.ts'
import { harm } from './rounds.ts'

const MINUTE_MS = 60_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})

const closers: (() => unknown)[] = []
const owner = { teardown: (close: () => unknown) => void closers.push(close) }
try {
  const { address, url } = await startExample(owner, path.join(import.meta.dirname, `../../.test/fuzz-${process.pid}`))
  const db = openDatabase(url, { connections: 1 })
  owner.teardown(() => closeDatabase(db))
  const text = await (await fetch(`${address}/openapi.json`)).text()
  const end = Date.now() + Number(values.minutes) * MINUTE_MS
  console.log(`seed ${values.seed}, ${values.minutes} minutes`)
  const { asked, statuses, errors } = await harm({ address, db, text }, Number(values.seed), () => Date.now() > end)
  for (const error of errors) console.log(`error: ${error}`)
  console.log(
    `${asked} requests: ${JSON.stringify(statuses)}; ${errors.length} errors; again with --seed ${values.seed}`,
  )
  process.exitCode = errors.length > 0 ? 1 : 0
} finally {
  for (const close of closers.reverse()) await close()
}
