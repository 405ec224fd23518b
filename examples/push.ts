/**
 * Push of a folder of convention documents to a source of the registry: a dry run first, whose plan is shown, then the
 * sync.
 *
 *   npm run push -- FOLDER SOURCE [--registry URL] [--complete] [--conflicts keep|overwrite] [--link none]
 *                   [--max-deletes N] [--dry-run] [--yes]
 *
 * Each file NAME.json of the folder is one document; without a `key` of its own its key is NAME. With --complete what the
 * source holds and the folder does not is deleted. Before anything is deleted it asks, unless --yes is given. The API key
 * is taken from REGISTRY_KEY. It ends with 0 when the source holds what the folder does, with 1 on conflicts and errors,
 * with 2 when it was not allowed to go on. `push.py` is the same in Python.
 */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createInterface as asking } from 'node:readline/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { parseArgs } from 'node:util'
import type { components } from '../clients/typescript/src/generated/schema.ts'

type Line = components['schemas']['SyncLine']
type Problem = components['schemas']['Problem']

interface Document {
  key: string
  predecessor?: string | null
  mergedInto?: string | null
}

const flag = { type: 'boolean', default: false } as const
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    registry: { type: 'string', default: 'http://127.0.0.1:3000' },
    conflicts: { type: 'string' },
    link: { type: 'string' },
    'max-deletes': { type: 'string' },
    ...{ complete: flag, 'dry-run': flag, yes: flag },
  },
})
const [folder, source] = positionals
if (folder === undefined || source === undefined) throw new Error('usage: npm run push -- FOLDER SOURCE')

async function push(lines: string[], source: string): Promise<number> {
  if (lines.length === 0) return say(`There is no document in ${folder}.`, 1)
  say(`dry run of ${lines.length} documents`)
  const tried = await run(lines, source, true)
  const deleted = show(tried.results)
  say(`would be: ${summary(tried.end)}`)
  // A dry run tries each document by itself, and knows nothing of those before it.
  const isMeant = tried.results.every(({ problem }) => !problem || isExpected(problem))
  if (!isMeant || tried.end.created === undefined || (tried.end.problem && !tried.end.failed)) return 1
  if (options['dry-run']) return 0
  // Nor does it say what a complete sync deletes while one of them fails.
  const isUnknown = options.complete && (tried.end.failed ?? 0) > 0
  if ((deleted > 0 || isUnknown) && !options.yes) {
    say(isUnknown ? 'What is not in the folder would be deleted.' : `${deleted} objects would be deleted.`)
    if (!(await isAllowed())) return say('Nothing was sent; --yes allows it.', 2)
  }
  say('sync')
  const { end } = await run(lines, source, false)
  return say(`done: ${summary(end)}`, isDone(end) ? 0 : 1)
}

/** The documents of a folder, each as a line, in the order of their keys; what a convention renews comes first. */
async function linesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  const documents = new Map<string, Document>()
  for (const name of names) {
    const document = JSON.parse(await readFile(path.join(folder, name), 'utf8'))
    document.key ??= path.parse(name).name
    documents.set(document.key, document)
  }
  const ordered: string[] = []
  const add = (key: string | null | undefined) => {
    const document = documents.get(key ?? '')
    if (!document) return
    documents.delete(document.key)
    add(document.predecessor)
    add(document.mergedInto)
    ordered.push(JSON.stringify(document))
  }
  for (const key of [...documents.keys()]) add(key)
  return ordered
}

/** Sends all and shows the progress; answers the result of each line and the last one. */
async function run(lines: string[], source: string, dryRun: boolean): Promise<{ results: Line[]; end: Line }> {
  const started = performance.now()
  const results: Line[] = []
  let end: Line = { complete: false }
  for await (const text of await send(lines, source, dryRun)) {
    const line: Line = JSON.parse(text)
    if (line.complete !== undefined) end = line
    else results.push(line)
    const done = Math.min(results.length, lines.length)
    const left = Math.round(((performance.now() - started) / Math.max(done, 1) / 1_000) * (lines.length - done))
    process.stderr.write(`\r${done} of ${lines.length}, ${Math.floor((100 * done) / lines.length)} %, ${left} s left `)
  }
  process.stderr.write('\n')
  for (const { key, status, problem } of results) if (problem) say(`${key}: ${status} ${explain(problem)}`)
  if (end.problem) say(explain(end.problem))
  return { results, end }
}

/** The lines of the answer as they come. */
async function send(lines: string[], source: string, dryRun: boolean): Promise<AsyncIterable<string>> {
  const url = new URL(`/v1/sources/${encodeURIComponent(source)}/sync`, options.registry)
  const { conflicts, link, 'max-deletes': maxDeletes } = options
  const query = { conflicts, link, maxDeletes, ...(dryRun && { dryRun }), ...(options.complete && { complete: true }) }
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  // biome-ignore lint/style/noProcessEnv: every user of the machine would see a secret on the command line.
  const key = process.env.REGISTRY_KEY
  const headers = { 'content-type': 'application/x-ndjson', ...(key && { authorization: `Bearer ${key}` }) }
  const answer = await fetch(url, { method: 'POST', headers, body: lines.join('\n') })
  if (!answer.ok || !answer.body) {
    say(`${options.registry}: ${explain((await answer.json()) as Problem)}`)
    process.exit(1)
  }
  return createInterface(Readable.fromWeb(answer.body as ReadableStream))
}

/** A problem in words: what is wrong, then each of its errors and conflicts. */
function explain({ detail, errors = [], conflicts = [] }: Problem): string {
  return [
    detail,
    ...errors.map(({ pointer, parameter, message }) => `${pointer ?? parameter}: ${message}`),
    ...conflicts.map(({ pointer, base, yours, ours }) => {
      const [before, now, registry] = [base, yours, ours].map((value) => JSON.stringify(value))
      return `${pointer}: sent before ${before}, now ${now}, in the registry ${registry}`
    }),
  ].join('\n    ')
}

/** Shows the plan, without what stays as it is; answers how many objects would be deleted. */
function show(results: Line[]): number {
  let deleted = 0
  for (const { key, plan = [] } of results)
    for (const { operation, type, key: own, id, changes } of plan) {
      if (operation === 'unchanged') continue
      if (operation === 'delete') deleted += 1
      say(`${key}: ${operation} ${type} ${own ?? id} ${changes.map(({ field }) => field).join(', ')}`.trimEnd())
    }
  return deleted
}

async function isAllowed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const terminal = asking({ input: process.stdin, output: process.stderr })
  const word = await terminal.question('Go on? [y/N] ')
  terminal.close()
  return word.trim().toLowerCase() === 'y'
}

/** Whether a document only renews one of the folder that is not there yet. */
const isExpected = ({ errors = [] }: Problem) =>
  errors.length > 0 &&
  errors.every(
    ({ pointer, code }) => /^\/(predecessor|mergedInto)$/.test(pointer ?? '') && code === 'unknown-reference',
  )

const isDone = ({ complete, failed = 0 }: Line) => complete === true && failed === 0

const summary = ({ created = 0, updated = 0, unchanged = 0, deleted = 0, failed = 0 }: Line) =>
  `${created} created, ${updated} updated, ${unchanged} unchanged, ${deleted} deleted, ${failed} failed`

function say<T>(text: string, result?: T): T {
  console.log(text)
  return result as T
}

process.exitCode = await push(await linesOf(folder), source)
