/**
 * Generate command: writes an invented country, one convention document a line, for `npm run load` or a PUT of each.
 */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { explain, printProgress, printStatus } from '../src/ops/console.ts'
import { type Country, countsOf, documentsOf, sizes } from './country/country.ts'

const USAGE = `usage:
  npm run generate -- --out FILE [--seed N] [--size S]
    --out   the file to write; - for the standard output
    --seed  a whole number; the same one gives the same bytes; 1 by default
    --size  ${sizes.min} to ${sizes.max}; 1, the default, has as many conventions, actions and sites as the country`

const asked = readArguments()
if (!asked) {
  printStatus(USAGE)
  process.exitCode = 1
} else {
  const target = asked.out === '-' ? process.stdout : createWriteStream(asked.out)
  await pipeline(Readable.from(lines(asked)), target).catch((error) => {
    printStatus(explain(error))
    process.exitCode = 1
  })
}

async function* lines(country: Country) {
  const { conventions, actions, serviceSites } = countsOf(country.size)
  let written = 0
  for await (const document of documentsOf(country)) {
    yield `${JSON.stringify(document)}\n`
    written += 1
    printProgress(`generated ${written} of ${conventions} conventions`)
  }
  printStatus(
    `generated ${conventions} conventions with ${actions} actions and ${serviceSites} sites, all of it invented`,
  )
}

function readArguments(): (Country & { out: string }) | undefined {
  try {
    const { values } = parseArgs({
      options: { seed: { type: 'string' }, size: { type: 'string' }, out: { type: 'string' } },
    })
    const { seed = '1', size = '1', out } = values
    const isMeant = /^\d{1,15}$/.test(seed) && Number(size) >= sizes.min && Number(size) <= sizes.max
    return isMeant && out ? { seed: Number(seed), size: Number(size), out } : undefined
  } catch {
    return undefined
  }
}
