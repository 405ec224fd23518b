/**
 * Honest clients: a reader without a key, a writer and a mirror with keys, from another network than the attackers. They
 * note what they are answered and how long it takes, in a thread of their own: they measure the service, not attackers.
 */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { ask, type Target } from './clients.ts'

/** What one of them met since the last report. */
export interface Seen {
  asked: number
  accepted: number
  /** How long it took, in milliseconds. */
  p99: number
}

export type Report = Record<'control' | 'reads' | 'writes' | 'documents' | 'snapshots', Seen>

export interface Honest {
  report(): Promise<Report>
  stop(): Promise<unknown>
}

interface Place {
  target: Target
  /** The path of what the writer changes. */
  site: string
  /** The writer's organization, a Caf. */
  organizationId: string
  /** The control, which is read as often as the service. */
  control: Target
}

export function startHonest(place: Place): Honest {
  const worker = new Worker(new URL(import.meta.url), { workerData: place })
  return {
    async report() {
      worker.postMessage('report')
      const [report] = await once(worker, 'message')
      return report
    },
    stop: () => worker.terminate(),
  }
}

const NETWORK = '127.0.99.1'

function work({ target, site, organizationId, control }: Place): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const from = { ...target, from: NETWORK }
  const { key: _key, ...anonymous } = from
  const clients = {
    control: client(20, () => ask(control, { agent })),
    reads: client(20, () => ask(anonymous, { path: '/v1/conventions?limit=5', agent })),
    writes: client(100, (i) =>
      ask(from, {
        method: 'PATCH',
        path: site,
        body: JSON.stringify({ name: `Lieu ${i}` }),
        headers: { 'if-match': '*' },
        agent,
      }),
    ),
    documents: client(500, (i) =>
      ask(from, {
        method: 'PUT',
        path: '/v1/sources/honest/conventions/small',
        body: document(organizationId, i),
        agent,
      }),
    ),
    snapshots: client(500, () => ask(from, { path: '/v1/snapshot', agent })),
  }
  parentPort?.on('message', () => {
    const seen = Object.entries(clients).map(([name, report]) => [name, report()])
    parentPort?.postMessage(Object.fromEntries(seen))
  })
}

/** Of forty actions, one of which has another title each time. */
const document = (caf: string, i: number) =>
  JSON.stringify({
    title: 'CTG',
    caf,
    actions: Array.from({ length: 40 }, (_, key) => ({ key: `${key}`, title: `A ${key === i % 40 ? i : 0}` })),
  })

/** Asks again and again after a pause; answers how to report what was seen since the last time. */
function client(pauseMs: number, request: (i: number) => Promise<number>): () => Seen {
  let seen: { status: number; ms: number }[] = []
  let start = 0
  const run = async () => {
    for (let i = 0; ; i++) {
      start = performance.now()
      const status = await request(i)
      seen.push({ status, ms: performance.now() - start })
      start = 0
      await sleep(pauseMs)
    }
  }
  void run()
  return () => {
    // One that still waits has waited for so long at least.
    const waiting = start === 0 ? [] : [performance.now() - start]
    const times = [...seen.map(({ ms }) => ms), ...waiting].sort((a, b) => a - b)
    const accepted = seen.filter(({ status }) => status === 200 || status === 201).length
    const report = { asked: seen.length, accepted, p99: times[Math.ceil(times.length * 0.99) - 1] ?? 0 }
    seen = []
    return report
  }
}

if (!isMainThread) work(workerData)
