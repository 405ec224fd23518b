/**
 * Harness of all measurements: contenders take turns, round by round, so that a machine that is slow for a while is slow
 * for all of them, and only ratios within one run are meaningful. Results are medians, and p50 and p99 of single
 * events.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import { promisify } from 'node:util'

export interface Contender {
  name: string
  /** What has to be there each time, and is not counted. */
  prepare?(): Promise<unknown>
  /** Does the work once; answers how much it was, in whatever unit the contenders share. */
  run(): Promise<number>
  /** What has to go afterwards, not counted either. */
  finish?(): Promise<unknown>
}

/** The same contender under the name of another version of the service. */
export const namedBefore = <T extends Contender>(contender: T): T => ({
  ...contender,
  name: `before: ${contender.name}`,
})

export interface Timed {
  name: string
  /** What one run did. */
  amount: number
  medianMs: number
  /** Against the first contender: 2 takes twice its time for the same amount. */
  ratio: number
}

/** Runs each contender once in each round, after a round that does not count. */
export async function compare(contenders: readonly Contender[], rounds: number): Promise<Timed[]> {
  const runs = contenders.map(() => [] as { ms: number; amount: number }[])
  for (let round = -1; round < rounds; round++) {
    for (const [i, { prepare, run, finish }] of contenders.entries()) {
      await prepare?.()
      const start = performance.now()
      const amount = await run()
      if (round >= 0) runs[i]?.push({ ms: performance.now() - start, amount })
      await finish?.()
    }
  }
  const each = runs.map((ofOne) => median(ofOne.map(({ ms, amount }) => ms / amount)))
  return contenders.map(({ name }, i) => ({
    name,
    amount: runs[i]?.[0]?.amount ?? 0,
    medianMs: rounded(median(runs[i]?.map(({ ms }) => ms) ?? [])),
    ratio: rounded((each[i] as number) / (each[0] as number)),
  }))
}

export interface Spread {
  count: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** The spread of the times of single events, in milliseconds. */
export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** Does something so often, so many at a time; answers how long each took, in milliseconds. */
export async function timesOf(count: number, atOnce: number, one: (index: number) => Promise<unknown>) {
  const times: number[] = []
  let next = 0
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const start = performance.now()
      await one(index)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return times
}

/** A contender whose run is `count` events, so many at a time; it keeps how long each took. */
export function repeated(name: string, count: number, atOnce: number, one: (index: number) => Promise<unknown>) {
  const times: number[] = []
  const run = async () => {
    times.push(...(await timesOf(count, atOnce, one)))
    return count
  }
  return { name, run, times }
}

export const spreadsOf = (contenders: readonly ReturnType<typeof repeated>[]) =>
  Object.fromEntries(contenders.map(({ name, times }) => [name, spreadOf(times)]))

/** The memory of a process while something is done with it, in MB: before, at most, and after. */
export async function memoryWhile(pid: number, work: () => Promise<void>) {
  const samples = [await residentMb(pid)]
  let isDone = false
  const sampling = (async () => {
    while (!isDone) {
      samples.push(await residentMb(pid))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  })()
  await work().finally(() => {
    isDone = true
  })
  await sampling
  const after = await residentMb(pid)
  return { beforeMb: samples[0] as number, mostMb: Math.max(...samples), afterMb: after, overTimeMb: thinned(samples) }
}

/** The most memory that a process ever had, in MB; what it has now where the system does not keep that. */
export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kilobytes === undefined ? residentMb(pid) : Math.round(Number(kilobytes) / 1024)
}

async function residentMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Math.round(Number(stdout) / 1024)
}

/** At most twenty of them, evenly apart. */
const thinned = (samples: readonly number[]) => samples.filter((_, i) => i % Math.ceil(samples.length / 20) === 0)

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export const rounded = (value: number) => Math.round(value * 100) / 100

/** The machine, without its name. */
export const machine = () => ({
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGb: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.arch()}`,
  loadAverage: rounded(os.loadavg()[0] ?? 0),
})
