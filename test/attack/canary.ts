/**
 * A client like any other, who asks politely and notes how long it waits: from an address of its own, for what the
 * others may still ask for is no matter of his, and in a thread of its own, for it measures the service and not them.
 */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { ask, type Target } from './clients.ts'

/** What was answered, and how long it took in milliseconds, since the last report. */
export interface Report {
  asked: number
  /** The statuses that were not 200; 0 is a connection that was cut. */
  failed: number[]
  p99: number
  worst: number
}

export interface Canary {
  report(): Promise<Report>
  stop(): Promise<unknown>
}

const PAUSE_MS = 20

export function startCanary(target: Target): Canary {
  const worker = new Worker(new URL(import.meta.url), { workerData: target })
  return {
    async report() {
      worker.postMessage('report')
      const [report] = await once(worker, 'message')
      return report
    },
    stop: () => worker.terminate(),
  }
}

async function sing(target: Target): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, localAddress: '127.0.0.2' })
  let seen: { status: number; ms: number }[] = []
  parentPort?.on('message', () => {
    const times = seen.map(({ ms }) => ms).sort((a, b) => a - b)
    const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0
    const failed = seen.map(({ status }) => status).filter((status) => status !== 200)
    parentPort?.postMessage({ asked: seen.length, failed, p99, worst: times.at(-1) ?? 0 } satisfies Report)
    seen = []
  })
  for (;;) {
    const start = performance.now()
    const status = await ask(target, { path: '/v1/conventions?limit=5', agent, isKeyed: false })
    seen.push({ status, ms: performance.now() - start })
    await sleep(PAUSE_MS)
  }
}

if (!isMainThread) await sing(workerData)
