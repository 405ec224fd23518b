/**
 * Bench command (`npm run bench -- SUITE`): builds a registry full of an invented country, runs one suite against the
 * service and its contenders, prints the results and keeps them in a file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { explain, printStatus } from '../src/ops/console.ts'
import { countsOf, sizes } from './country/country.ts'
import { feed } from './feed.ts'
import { find } from './find.ts'
import { machine } from './harness.ts'
import { reads } from './reads.ts'
import { chartOf, placedIn, type ReadResults, tableOf } from './reads-report.ts'
import { type Row, rows } from './rows.ts'
import { type Options, onStage, type Stage } from './stage.ts'
import { writes } from './writes.ts'

const root = path.join(import.meta.dirname, '..')
const resultsFolder = path.join(import.meta.dirname, 'results')

const suites = { feed, find, reads, writes }

const USAGE = `usage:
  npm run bench -- SUITE [--size S] [--seed N] [--rounds N] [--data-dir FOLDER] [--service FOLDER] [--keep]
    SUITE       ${Object.keys(suites).join(', ')}
    --size      of the country, ${sizes.min} to ${sizes.max}; 0.05 by default, 1 is built in about ten minutes
    --seed      of the country; 1 by default
    --rounds    how often each contender runs; 3 by default for reads, else 5
    --data-dir  where countries that were built stay for the next run; .data/bench by default
    --service   another checkout of the project with its packages installed, which takes turns too, as "before"
    --keep      the result becomes the reference: bench/results/reference-SUITE.json; of reads also chart and docs/speed.md
  of reads:
    --row       of the table, ${rows.map(({ key }) => key).join(', ')}; may be repeated; all by default
    --seconds   of each measurement; 4 by default
    --profile   leaves a profile of the service for each row in bench/results/profiles`

interface Asked extends Options {
  suite: keyof typeof suites
  rounds: number
  seconds: number
  profiles: string | null
  rows: readonly Row[]
  isKept: boolean
}

const asked = readArguments()
if (asked) await run(asked).catch(fail)
else fail(USAGE)

async function run({ suite, rounds, seconds, profiles, rows, isKept, ...options }: Asked): Promise<void> {
  const { size, seed } = options
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  await onStage(options, async (stage: Stage, before) => {
    const versions = { registry: version, node: process.version, postgres: stage.postgres }
    const described = { suite, size, seed, rounds, machine: machine(), versions }
    printStatus(`${suite} at size ${size}: ${JSON.stringify(countsOf(size))}`)
    printStatus(JSON.stringify({ ...described.machine, ...versions }))
    const results = await suites[suite](stage, before, { rounds, seconds, profiles, rows })
    const kept = { ...described, results }
    const isReads = 'measures' in results
    process.stdout.write(`${isReads ? tableOf(results) : words(results)}\n`)
    await keep(`${isKept ? 'reference' : 'latest'}-${suite}`, kept)
    if (isReads && isKept) await publish({ ...kept, results })
  })
}

async function keep(name: string, kept: object): Promise<void> {
  await mkdir(resultsFolder, { recursive: true })
  const file = path.join(resultsFolder, `${name}.json`)
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`)
  printStatus(`kept in ${path.relative(process.cwd(), file)}`)
}

/** The chart and docs/speed.md are made of the result that is kept. */
async function publish(kept: Parameters<typeof placedIn>[1] & { results: ReadResults }): Promise<void> {
  const document = path.join(root, 'docs/speed.md')
  await writeFile(path.join(resultsFolder, 'reference-reads.svg'), chartOf(kept.results))
  await writeFile(document, placedIn(await readFile(document, 'utf8'), kept))
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
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values, positionals } = parseArgs({
      options: {
        ...{ size: text, seed: text, rounds: text, seconds: text, 'data-dir': text, service: text },
        ...{ keep: flag, profile: flag, row: { type: 'string', multiple: true } as const },
      },
      allowPositionals: true,
    })
    const suite = positionals[0] as keyof typeof suites
    const size = Number(values.size ?? 0.05)
    const whole = (given: string | undefined, usual: number) =>
      given === undefined ? usual : Number.parseInt(given, 10)
    const seed = whole(values.seed, 1)
    const rounds = whole(values.rounds, suite === 'reads' ? 3 : 5)
    const seconds = whole(values.seconds, 4)
    const isMeant = Object.hasOwn(suites, suite) && positionals.length === 1 && size >= sizes.min && size <= sizes.max
    if (!isMeant || !(seed >= 0) || !(rounds > 0) || !(seconds > 0)) return undefined
    return {
      ...{ suite, size, seed, rounds, seconds },
      folder: path.resolve(values['data-dir'] ?? path.join(root, '.data', 'bench')),
      before: values.service ?? null,
      rows: rows.filter(({ key }) => values.row?.includes(key) ?? true),
      profiles: values.profile ? path.join(resultsFolder, 'profiles') : null,
      isKept: values.keep,
    }
  } catch {
    return undefined
  }
}

function fail(error: unknown): void {
  printStatus(explain(error))
  process.exitCode = 1
}
