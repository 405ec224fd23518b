/**
 * Body checks that would block the event loop: large bodies are parsed and checked, and opening hours are read,
 * in a worker thread. Its queue is fair by caller. Handlers check bodies as ever (`checkBody`), and find that it is done.
 */
import type { TSchema } from 'typebox'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'
import { workerPool } from '../limits/worker-pool.ts'
import { knownHours, type readHours, rememberHours } from '../schema/opening-hours.ts'
import type { Keywords } from '../schema/schemas.ts'
import { parseJson } from './json.ts'
import type { parseBody } from './parse-body.ts'
import { checkBody, rememberCheck } from './validation.ts'

/** The functions of the worker, by their names. */
export interface BodyWorker {
  parseBody: typeof parseBody
  readHours: typeof readHours
}

export interface BodyChecks {
  /** The value of a body of a caller, checked by its component if there is one; throws a 400 when it is no JSON. */
  parse(caller: string, bytes: Buffer, component: TSchema | undefined): Promise<unknown>
  /** Ends the worker. */
  close(): Promise<void>
}

/** Checks with a worker whose module exports the functions of `BodyWorker`; it is started when it is first needed. */
export function bodyChecks(worker: URL): BodyChecks {
  const pool = workerPool<BodyWorker>(worker, 'The body could not be checked in time; nothing was changed.')

  async function parseElsewhere(caller: string, bytes: Buffer, schema: TSchema): Promise<unknown> {
    const parsed = await pool.run(caller, 'parseBody', { bytes, component: (schema as Keywords).$id as string })
    if ('problem' in parsed) throw problem(parsed.problem.slug, parsed.problem.detail)
    const value = JSON.parse(parsed.json)
    rememberCheck(schema, value, { value, errors: parsed.errors })
    return value
  }

  return {
    async parse(caller, bytes, schema) {
      if (schema && bytes.length > limits.bodyBytes) return parseElsewhere(caller, bytes, schema)
      const value = parseJson(bytes)
      if (!schema) return value
      const hours = knownHours()
      let checked = checkBody(schema, value, hours)
      if (hours.unread.length > 0) {
        rememberHours(await pool.run(caller, 'readHours', hours.unread))
        checked = checkBody(schema, value, knownHours())
      }
      rememberCheck(schema, value, checked)
      return value
    },
    close: () => pool.close(),
  }
}
