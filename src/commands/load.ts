/**
 * Load command: puts files of convention documents as a source would, one by one: a JSON list, one document alone, or
 * one on each line (NDJSON). It reports the errors of a document and goes on with the next.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { readClock } from '../db/clock.ts'
import { closeDatabase, type Database, openDatabase } from '../db/database.ts'
import { sourceForm } from '../engine/schema.ts'
import { printProgress, printStatus } from '../ops/console.ts'
import { seed } from '../seed.ts'
import { checkFile } from '../sync/file.ts'
import { type Loaded, loadFile } from '../sync/load.ts'
import { putOptions } from '../sync/put-parameters.ts'
import { type DocumentLink, NO_LINK } from '../sync/write/duplicates.ts'
import { type ConflictRule, conflictRules } from '../sync/write/reconcile.ts'
import { at, errorLines, runCommand } from './command.ts'

const USAGE = `usage:
  npm run load -- FILE [--source NAME] [--max-deletes N] [--conflicts RULE] [--link none] [--warnings]
    FILE        convention documents: a JSON list, one document, or one on each line (NDJSON)
    --source    the source that holds them: 1 to 50 of a-z, 0-9 and -; by default the name of the file
    --max-deletes  how many objects each document may delete; by default 20, and a fifth of what there is from 5 on
    --conflicts who wins where people changed in the registry what a document changes too: overwrite (the
                document) or keep (the registry); by default such a document fails
    --link      none: a document under a new key is another convention than one of the same Caf, perimeter and time that
                is there already; by default such a document fails
    --warnings  tells the warnings too, not only how many there are`

const SOURCE_CHARACTERS = 50

interface LoadArguments {
  file: string
  source: string
  warnings: boolean
  maxDeletes: number | undefined
  conflicts: ConflictRule
  link: DocumentLink
}

const args = readArguments()
if (args) {
  // Before a database is started for it.
  await checkFile(args.file).catch((error) => {
    printStatus(errorLines(error))
    process.exit(1)
  })
  await runCommand(async (url, config) => {
    await seed(url, { ...config, loadExample: false }, printStatus)
    const db = openDatabase(url, { connections: 1 })
    await load(db, args).finally(() => closeDatabase(db))
  })
} else {
  printStatus(USAGE)
  process.exitCode = 1
}

async function load(db: Database, { file, source, warnings, ...options }: LoadArguments) {
  const { now } = await readClock(db)
  const progress = startProgress(source, warnings)
  for await (const loaded of loadFile(db, file, { source, now, options: putOptions(options) })) progress.add(loaded)
  printStatus(progress.words())
  if (progress.hasFailed()) process.exitCode = 1
}

/** What the command line asks for; undefined when the arguments are wrong. */
function readArguments(): LoadArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: {
        source: { type: 'string' },
        'max-deletes': { type: 'string' },
        conflicts: { type: 'string' },
        link: { type: 'string' },
        warnings: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const [file, ...rest] = positionals
    if (file === undefined || rest.length > 0) return undefined
    const source = values.source ?? sourceOf(file)
    const maxDeletes = values['max-deletes'] === undefined ? undefined : Number(values['max-deletes'])
    const conflicts = conflictRules.find((rule) => rule === values.conflicts)
    const isUsable =
      new RegExp(sourceForm.pattern).test(source) &&
      /^\d*$/.test(values['max-deletes'] ?? '') &&
      conflicts === values.conflicts &&
      [undefined, NO_LINK].includes(values.link)
    return isUsable ? { file, source, warnings: values.warnings, maxDeletes, conflicts, link: values.link } : undefined
  } catch {
    return undefined
  }
}

/** The name of a file as that of a source: `Pays de l'Aigle.json` is `pays-de-l-aigle`. */
function sourceOf(file: string): string {
  const letters = path.parse(file).name.normalize('NFD').toLowerCase().replace(/\p{M}/gu, '')
  return letters
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SOURCE_CHARACTERS)
    .replace(/^-|-$/g, '')
}

function startProgress(source: string, tellsWarnings: boolean) {
  const start = performance.now()
  const counts = { created: 0, updated: 0, unchanged: 0, failed: 0 }
  let done = 0
  let warned = 0
  function summary() {
    const rate = Math.round((done * 1000) / (performance.now() - start))
    const { created, updated, unchanged, failed } = counts
    const outcomes = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`
    return `${source}: documents: ${done} (${outcomes}), warnings: ${warned}, ${rate} a second`
  }
  function add({ place, outcome, warnings, error }: Loaded) {
    done++
    counts[outcome]++
    warned += warnings.length
    for (const { pointer, message } of tellsWarnings ? warnings : [])
      printStatus(`${place}: warning: ${at(pointer, message)}`)
    if (error) for (const line of errorLines(error).split('\n')) printStatus(`${place}: ${line}`)
    printProgress(summary())
  }
  return { add, words: summary, hasFailed: () => counts.failed > 0 }
}
