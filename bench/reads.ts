/**
 * Reads suite: the registry against the same bytes from memory, hand-written rows and Platformatic, contenders taking
 * turns row by row; the round trips of an item, and the memory under load.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { printStatus } from '../src/ops/console.ts'
import { clientOf } from './client.ts'
import { type Coding, type Contender, codings, startOthers, startRegistries } from './contenders.ts'
import { median, peakMb, rounded, timesOf } from './harness.ts'
import { profile } from './profile.ts'
import type { Measure, ReadResults } from './reads-report.ts'
import { roundTripsOf } from './round-trips.ts'
import { type Row, rows } from './rows.ts'
import type { Stage } from './stage.ts'
import { CONNECTIONS, findWrk, type Load, load, type Target } from './wrk.ts'

export interface ReadOptions {
  rounds: number
  /** Of each measurement. */
  seconds: number
  /** Where profiles of the service are left; null: none are taken. */
  profiles: string | null
  /** Those of the table. */
  rows: readonly Row[]
}

const WARM_SECONDS = 1
const SAMPLES = 64
/** How far the mean length of an answer may be from that of the service: other field names, another level of gzip. */
const LENGTHS = { least: 0.5, most: 1.6 }

export async function reads(stage: Stage, before: Stage | null, options: ReadOptions): Promise<ReadResults> {
  await findWrk()
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-reads-'))
  const contenders: Contender[] = []
  try {
    const registries = await startRegistries(stage, before)
    contenders.push(...registries)
    const service = registries.at(-1) as Contender
    contenders.unshift(...(await startOthers(stage, service.ids, await writeBodies(service, folder))))
    const measures: Measure[] = []
    for (const row of options.rows)
      for (const coding of codings) measures.push(await measure(contenders, row, coding, options, folder))
    const memory = registries.map(async ({ name, pid }) => [name, await peakMb(pid)] as const)
    const results = {
      measures,
      'round trips of one item': await roundTrips(stage, before),
      'memory at most, MB': Object.fromEntries(await Promise.all(memory)),
    }
    const targets = options.rows.flatMap((row) => codings.map((coding) => ({ row, ...targetOf(service, row, coding) })))
    if (options.profiles !== null) await profile(stage, options.profiles, targets, folder)
    return results
  } finally {
    for (const { stop } of contenders) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  all: readonly Contender[],
  row: Row,
  coding: Coding,
  { rounds, seconds }: ReadOptions,
  folder: string,
): Promise<Measure> {
  const contenders: { name: string; target: Target; bytes: number; loads: Load[] }[] = []
  for (const contender of all.filter((one) => one.path(row, coding, '') !== null)) {
    const target = targetOf(contender, row, coding)
    // Everything is read once, so that the cache is filled.
    const { bytes } = await ask(target, contender.isRegistry ? target.paths.length : SAMPLES)
    await load(target, WARM_SECONDS, folder)
    contenders.push({ name: contender.name, target, bytes, loads: [] })
  }
  const bytes = contenders.at(-1)?.bytes as number
  for (const one of contenders) {
    const share = one.bytes / bytes
    if (share < LENGTHS.least || share > LENGTHS.most)
      throw new Error(`${row.name}: ${one.name} answers ${one.bytes} bytes where the service answers ${bytes}`)
  }
  for (let round = 0; round < rounds; round++)
    for (const { target, loads } of contenders) loads.push(await load(target, seconds, folder))
  const medianOf = (loads: Load[], what: keyof Load) => rounded(median(loads.map((one) => one[what])))
  const contestants = contenders.map(({ name, bytes: length, loads }) => ({
    name,
    perSecond: medianOf(loads, 'perSecond'),
    p50Ms: medianOf(loads, 'p50Ms'),
    p99Ms: medianOf(loads, 'p99Ms'),
    refused: loads.reduce((sum, { refused }) => sum + refused, 0),
    bytes: length,
  }))
  printStatus(`${row.name}, ${coding}: ${contestants.map((one) => `${one.name} ${one.perSecond}/s`).join(', ')}`)
  return {
    row: row.key,
    name: row.name,
    coding,
    ids: contenders.at(-1)?.target.paths.length ?? 0,
    contenders: contestants,
  }
}

const targetOf = ({ address, ids, path }: Contender, row: Row, coding: Coding): Target => ({
  address,
  paths: ids[row.key].map((id) => path(row, coding, id) as string),
  coding,
})

/** Asks for the first so many paths; answers the mean length and which came nearest. Throws unless all is well. */
async function ask({ address, paths, coding }: Target, count: number): Promise<{ bytes: number; typical: string }> {
  const client = clientOf({ address })
  const lengths: { path: string; bytes: number }[] = []
  await timesOf(Math.min(count, paths.length), CONNECTIONS, async (i) => {
    const path = paths[i] as string
    const answer = await client.open(path, { 'accept-encoding': coding })
    let bytes = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
    const encoding = answer.headers['content-encoding'] ?? 'identity'
    if (answer.statusCode !== 200 || encoding !== coding)
      throw new Error(`${address}${path}: ${answer.statusCode}, ${encoding} where ${coding} was asked for`)
    lengths.push({ path, bytes })
  }).finally(client.close)
  const bytes = Math.round(lengths.reduce((sum, one) => sum + one.bytes, 0) / lengths.length)
  const [nearest] = lengths.sort((a, b) => Math.abs(a.bytes - bytes) - Math.abs(b.bytes - bytes))
  return { bytes, typical: nearest?.path as string }
}

/** Of each row an answer of the service of about the mean length, as it is and compressed once. */
async function writeBodies(service: Contender, parent: string): Promise<string> {
  const folder = path.join(parent, 'bodies')
  await mkdir(folder)
  const client = clientOf({ address: service.address })
  for (const row of rows) {
    const target = targetOf(service, row, 'identity')
    const bytes = await client.receive((await ask(target, target.paths.length)).typical)
    await writeFile(path.join(folder, `${row.key}.json`), bytes)
    await writeFile(path.join(folder, `${row.key}.json.gz`), gzipSync(bytes))
  }
  client.close()
  return folder
}

async function roundTrips(stage: Stage, before: Stage | null) {
  const item = rows.find(({ key }) => key === 'action') as Row
  const count = async ({ db, url, start }: Stage, fixed: Record<string, string> = {}) => {
    const paths = (await item.ids(db)).map(item.path)
    return roundTripsOf((variables) => start({ ...variables, ...fixed }), url, paths)
  }
  return {
    ...(before && { before: await count(before) }),
    'service, CACHE_MB=0': await count(stage, { CACHE_MB: '0' }),
    service: await count(stage),
  }
}
