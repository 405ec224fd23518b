/**
 * The proof that the feed delivers each change once, in order, and that no read is stale, whatever dies meanwhile:
 *
 *   npm run prove:feed -- [--minutes 1] [--seed N] [--sabotage NAME|all]
 *
 * The exit code is 1 on any error; with a sabotage, when it was not found.
 */
import { parseArgs } from 'node:util'
import { shutdownRequested } from '../../src/ops/shutdown-signal.ts'
import { type Findings, prove } from './prove.ts'
import { type Sabotage, sabotages } from './sabotage.ts'

const MINUTE_MS = 60_000
const FAULTS_SHOWN = 10
const RUNS_OF_A_SABOTAGE = 3

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    sabotage: { type: 'string' },
  },
})
const shutdown = shutdownRequested()
const ms = Number(values.minutes) * MINUTE_MS
const seed = Number(values.seed)
const names = values.sabotage === 'all' ? Object.keys(sabotages) : [values.sabotage]

let isGood = true
for (const name of names) {
  const sabotage = name === undefined ? undefined : sabotages[name]
  if (name !== undefined && !sabotage) throw new Error(`the sabotages are ${Object.keys(sabotages).join(', ')}`)
  console.log(`${name ?? 'the registry as it is'}: seed ${seed}, ${ms / 1_000} s`)
  isGood = (sabotage ? await isFound(name as string, sabotage) : await isProved()) && isGood
}
process.exit(isGood ? 0 : 1)

async function isProved(): Promise<boolean> {
  const total = print(await prove({ ms, seed, sabotage: undefined, shutdown }))
  console.log(total === 0 ? 'proved: nothing is wrong' : `NOT PROVED: ${total} errors; again with --seed ${seed}`)
  return total === 0
}

/** Looks for a mistake by several seeds: on a slow machine too little may happen in one run for it to show. */
async function isFound(name: string, sabotage: Sabotage): Promise<boolean> {
  for (let run = 0; run < RUNS_OF_A_SABOTAGE; run += 1) {
    const findings = await prove({ ms, seed: seed + run, sabotage, shutdown })
    print(findings)
    const shows = sabotage.shows.filter((kind) =>
      kind === 'stale' ? findings.stale > 0 : findings.readers.some(({ verdict }) => verdict[kind] > 0),
    )
    if (shows.length > 0) {
      console.log(`found: ${name} shows as ${shows.join(', ')}\n`)
      return true
    }
    console.log(`not found in run ${run + 1} of ${RUNS_OF_A_SABOTAGE}: ${name}\n`)
  }
  return false
}

/** The number of errors. */
function print({ counts, readers, copies, stale, errors }: Findings): number {
  console.log(
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
  )
  console.table(
    Object.fromEntries(
      readers.map(({ name, delivered, resumed, verdict }) => [name, { delivered, resumed, ...verdict }]),
    ),
  )
  for (const [where, { compared, differing }] of Object.entries(copies))
    console.log(`copies ${where}: ${compared} compared, ${differing} resources differ`)
  console.log(`reads: ${stale} stale`)
  for (const error of errors.slice(0, FAULTS_SHOWN)) console.log(`error: ${error.slice(0, 300)}`)
  if (errors.length > FAULTS_SHOWN) console.log(`... and ${errors.length - FAULTS_SHOWN} more`)
  const delivered = readers.flatMap(({ verdict }) => Object.values(verdict) as number[])
  const differing = Object.values(copies).map((copy) => copy.differing)
  return [...delivered, ...differing, stale, errors.length].reduce((sum, one) => sum + one, 0)
}
