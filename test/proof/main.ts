/**
 * The proof that the feed delivers each change once, in order, and that no read is stale, whatever dies meanwhile:
 *
 *   npm run prove:feed -- [--minutes 1] [--seed N] [--sabotage NAME|all]
 *
 * The exit code is 1 on any fault; with a sabotage, when it was not found.
 */
import { parseArgs } from 'node:util'
import { shutdownRequested } from '../../src/ops/shutdown-signal.ts'
import { type Findings, prove } from './prove.ts'
import { sabotages } from './sabotage.ts'

const MINUTE_MS = 60_000
const FAULTS_SHOWN = 10

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
  const findings = await prove({ ms, seed, sabotage, shutdown })
  const total = print(findings)
  const shows = sabotage?.shows.filter((kind) =>
    kind === 'stale' ? findings.stale > 0 : findings.readers.some(({ verdict }) => verdict[kind] > 0),
  )
  if (shows) console.log(shows.length > 0 ? `found: ${name} shows as ${shows.join(', ')}\n` : `NOT FOUND: ${name}\n`)
  else console.log(total === 0 ? 'proved: nothing is wrong' : `NOT PROVED: ${total} faults; again with --seed ${seed}`)
  if (shows ? shows.length === 0 : total > 0) isGood = false
}
process.exit(isGood ? 0 : 1)

/** The number of faults. */
function print({ counts, readers, copies, stale, faults }: Findings): number {
  console.log(
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
  )
  console.table(
    Object.fromEntries(readers.map(({ name, told, resumed, verdict }) => [name, { told, resumed, ...verdict }])),
  )
  for (const [where, { compared, differing }] of Object.entries(copies))
    console.log(`copies ${where}: ${compared} compared, ${differing} resources differ`)
  console.log(`reads: ${stale} stale`)
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`fault: ${fault.slice(0, 300)}`)
  if (faults.length > FAULTS_SHOWN) console.log(`... and ${faults.length - FAULTS_SHOWN} more`)
  const told = readers.flatMap(({ verdict }) => Object.values(verdict) as number[])
  const differing = Object.values(copies).map((copy) => copy.differing)
  return [...told, ...differing, stale, faults.length].reduce((sum, one) => sum + one, 0)
}
