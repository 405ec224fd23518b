/**
 * `npm run bench -- SUITE`: builds a registry full of an invented country, runs one suite against the service and
 * against plain SQL through the same driver, prints what came out and keeps it in a file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { explain, tell } from '../src/ops/console.ts'
import { type Country, countsOf, sizes } from './country/country.ts'
import { feed } from './feed.ts'
import { machine } from './harness.ts'
import { reads } from './reads.ts'
import { onStage } from './stage.ts'
import { writes } from './writes.ts'

const suites = { feed, reads, writes }

const USAGE = `usage:
  npm run bench -- SUITE [--size S] [--seed N] [--rounds N] [--data-dir FOLDER] [--out FILE]
    SUITE       ${Object.keys(suites).join(', ')}
    --size      of the country, ${sizes.min} to ${sizes.max}; 0.05 by default
    --seed      of the country; 1 by default
    --rounds    how often each contender runs; 5 by default
    --data-dir  keeps the database there for the next run; by default it is thrown away
    --out       where the result is kept; bench/results/latest-SUITE.json by default`

interface Asked extends Country {
  suite: keyof typeof suites
  rounds: number
  folder: string | null
  out: string
}

const asked = readArguments()
if (asked) await run(asked).catch(fail)
else fail(USAGE)

async function run({ suite, rounds, folder, out, ...country }: Asked): Promise<void> {
  const { version } = JSON.parse(await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8'))
  await onStage({ ...country, folder }, async (stage) => {
    const versions = { registry: version, node: process.version, postgres: stage.postgres }
    tell(`${suite} at size ${country.size}: ${JSON.stringify(countsOf(country.size))}`)
    tell(JSON.stringify({ ...machine(), ...versions }))
    const results = await suites[suite](stage, rounds)
    const kept = { suite, ...country, rounds, machine: machine(), versions, results }
    await mkdir(path.dirname(out), { recursive: true })
    await writeFile(out, `${JSON.stringify(kept, null, 2)}\n`)
    process.stdout.write(`${words(results)}\n`)
    tell(`kept in ${path.relative(process.cwd(), out)}`)
  })
}

/** The results as lines that people read: what, and its numbers. */
function words(results: object, indent = ''): string {
  const lines = Object.entries(results).map(([name, value]) => {
    const isGroup = typeof value === 'object' && Object.values(value).some((one) => typeof one === 'object')
    if (isGroup && !Array.isArray(value)) return `${indent}${name}\n${words(value, `${indent}  `)}`
    const rows = Array.isArray(value) ? value : [value]
    return `${indent}${name}\n${rows.map((row) => `${indent}  ${JSON.stringify(row)}`).join('\n')}`
  })
  return lines.join('\n')
}

function readArguments(): Asked | undefined {
  const text = { type: 'string' } as const
  try {
    const { values, positionals } = parseArgs({
      options: { size: text, seed: text, rounds: text, 'data-dir': text, out: text },
      allowPositionals: true,
    })
    const suite = positionals[0] as keyof typeof suites
    const size = Number(values.size ?? 0.05)
    const [seed, rounds] = [values.seed ?? '1', values.rounds ?? '5'].map((given) => Number.parseInt(given, 10))
    const isMeant = Object.hasOwn(suites, suite) && positionals.length === 1 && size >= sizes.min && size <= sizes.max
    if (!isMeant || !((seed as number) >= 0) || !((rounds as number) > 0)) return undefined
    return {
      suite,
      size,
      seed: seed as number,
      rounds: rounds as number,
      folder: values['data-dir'] ?? null,
      out: values.out ?? path.join(import.meta.dirname, 'results', `latest-${suite}.json`),
    }
  } catch {
    return undefined
  }
}

function fail(error: unknown): void {
  tell(explain(error))
  process.exitCode = 1
}
