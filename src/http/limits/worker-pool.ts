/** Worker pool: threads for work that would block the event loop. Its queue is fair by caller; idle threads end. */
import { Piscina } from 'piscina'
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'
import { semaphore } from './semaphore.ts'

/** The functions that the module of a worker exports, each of one argument. */
type Functions<F> = { [K in keyof F]: (task: never) => unknown }
type Task<F, K extends keyof F> = F[K] extends (task: infer T) => unknown ? T : never
type Result<F, K extends keyof F> = F[K] extends (task: never) => infer R ? Awaited<R> : never

export interface WorkerPool<F> {
  /** Runs a function of the worker; throws a 503 when it fails or takes too long. */
  run<K extends keyof F & string>(caller: string, name: K, task: Task<F, K>): Promise<Result<F, K>>
  /** Ends the threads. */
  close(): Promise<void>
}

/** A pool whose threads start when they are first needed; `late` says what could not be done in time. */
export function workerPool<F extends Functions<F>>(module: URL, late: string): WorkerPool<F> {
  const turns = semaphore(limits.workerThreads)
  let pool: Piscina | undefined
  return {
    async run(caller, name, task) {
      const release = await turns.acquire(caller)
      try {
        pool ??= new Piscina({ filename: module.href, minThreads: 0, ...options })
        return await pool.run(task, { name, signal: AbortSignal.timeout(limits.workerTaskMs) })
      } catch {
        throw problem('overloaded', late, { headers: { 'retry-after': '5' } })
      } finally {
        release()
      }
    },
    close: async () => pool?.destroy(),
  }
}

const options = {
  maxThreads: limits.workerThreads,
  idleTimeout: limits.workerIdleMs,
  resourceLimits: { maxOldGenerationSizeMb: limits.workerMegabytes },
}
