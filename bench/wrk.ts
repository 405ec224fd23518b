/**
 * wrk, an HTTP load generator in C: a client in Node would take the processor time that is to be measured. A Lua script
 * requests random paths of a list and prints at its end what came back.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { printStatus } from '../src/ops/console.ts'

const run = promisify(execFile)

export const CONNECTIONS = 32
const THREADS = 1
const TIMEOUT_SECONDS = 10
const SEED = 7

export interface Load {
  perSecond: number
  /** Answers other than 2xx and 3xx, which `perSecond` leaves out. */
  refused: number
  p50Ms: number
  p99Ms: number
}

export interface Target {
  address: string
  paths: readonly string[]
  /** The Accept-Encoding. */
  coding: string
}

const script = (file: string, { paths, coding }: Target) => `
local paths = { ${paths.map((one) => JSON.stringify(one)).join(', ')} }
local requests = {}
init = function()
  math.randomseed(${SEED})
  for i, path in ipairs(paths) do
    requests[i] = wrk.format("GET", path, { ["Accept-Encoding"] = "${coding}", ["Host"] = wrk.headers["Host"] })
  end
end
request = function() return requests[math.random(#requests)] end
done = function(summary, latency)
  local errors = summary.errors
  local file = io.open("${file}", "w")
  file:write(string.format('{"requests":%d,"us":%d,"status":%d,"lost":%d,"p50":%d,"p99":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
  file:close()
end
`

/** Loads a server for so many seconds; throws if connections broke or answers did not come in time. */
export async function load(target: Target, seconds: number, folder: string): Promise<Load> {
  const [lua, result] = [path.join(folder, 'load.lua'), path.join(folder, 'load.json')]
  await writeFile(lua, script(result, target))
  const options = [`-t${THREADS}`, `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', `${TIMEOUT_SECONDS}s`]
  await run('wrk', [...options, '-s', lua, target.address])
  const { requests, us, status, lost, p50, p99 } = JSON.parse(await readFile(result, 'utf8'))
  if (lost > 0) throw new Error(`${target.address}${target.paths[0]}: ${lost} requests were lost under the load`)
  const perSecond = Math.round(((requests - status) * 1e6) / us)
  return { perSecond, refused: status, p50Ms: p50 / 1_000, p99Ms: p99 / 1_000 }
}

/** Throws unless wrk is there, or root could install it. */
export async function findWrk(): Promise<void> {
  const isThere = () =>
    run('wrk', ['-v']).then(
      () => true,
      // It ends with 1 after it has printed its version.
      (error) => error.code !== 'ENOENT',
    )
  if (await isThere()) return
  if (process.getuid?.() === 0) {
    printStatus('installing wrk')
    await run('apt-get', ['install', '-y', '-qq', 'wrk']).catch(() => undefined)
    if (await isThere()) return
  }
  throw new Error('The reads are loaded by wrk, which is not there: install it (apt-get install wrk).')
}
