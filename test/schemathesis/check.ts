/**
 * Schemathesis, from PyPI in an environment of its own, against the service as a process and the document that it
 * serves: all checks, examples, boundaries, random requests and sequences of them, valid and invalid, without a key
 * and with one that may do everything.
 *
 *   npm run check:schemathesis -- [--examples 50] [--seed N] [--as nobody|admin] [--operation ID] [--minutes 30]
 *
 * The exit code is 1 on any finding. What it finds is repeated by its seed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ADMIN_KEY } from '../support/config.ts'
import { installPython } from '../support/programs.ts'
import { startExample } from '../support/service.ts'

const MINUTE_MS = 60_000
const SCHEMATHESIS = 'schemathesis==4.32.5'
const HERE = import.meta.dirname
const WORK = path.join(HERE, '../../.test/schemathesis')

/** Who asks, and what the configuration says of it. */
const CALLERS: Record<string, string> = {
  nobody: '',
  admin: `\n[auth.openapi.apiKey]\nbearer = "${ADMIN_KEY}"\n`,
}

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    as: { type: 'string', multiple: true, default: Object.keys(CALLERS) },
    operation: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '30' },
  },
})

const closers: (() => unknown)[] = []
const owner = { teardown: (close: () => unknown) => void closers.push(close) }
try {
  process.exitCode = await check()
} finally {
  for (const close of closers.reverse()) await close()
}

/** The exit code. */
async function check(): Promise<number> {
  await fs.mkdir(WORK, { recursive: true })
  await installPython(WORK, SCHEMATHESIS)
  const { examples, seed } = values
  console.log(`Schemathesis with ${examples} examples an operation; again with --examples ${examples} --seed ${seed}`)
  // Each has a registry of its own, so that the same seed meets the same things.
  const passed = await Promise.all(values.as.map((caller) => ask(caller)))
  return passed.every((one) => one) ? 0 : 1
}

/** Whether a caller finds nothing. Its report is printed when it is whole, for several run at once. */
async function ask(caller: string): Promise<boolean> {
  const configuration = CALLERS[caller]
  if (configuration === undefined) throw new Error(`the callers are ${Object.keys(CALLERS).join(', ')}`)
  const folder = path.join(WORK, `${caller}-${process.pid}`)
  owner.teardown(() => fs.rm(folder, { recursive: true, force: true }))
  await fs.mkdir(folder, { recursive: true })
  await fs.cp(path.join(HERE, 'hooks.py'), path.join(folder, 'hooks.py'))
  const common = await fs.readFile(path.join(HERE, 'schemathesis.toml'), 'utf8')
  await fs.writeFile(path.join(folder, 'schemathesis.toml'), common + configuration)
  const { address } = await startExample(owner, path.join(folder, 'data'))
  const started = Date.now()
  const { code, report } = await run(folder, [
    'run',
    `${address}/openapi.json`,
    `--max-examples=${values.examples}`,
    `--seed=${values.seed}`,
    '--no-color',
    // Sequences of requests follow links from one operation to another.
    ...(values.operation.length > 0 ? ['--phases=examples,coverage,fuzzing'] : []),
    ...values.operation.map((id) => `--include-operation-id=${id}`),
  ])
  console.log(
    `${report}\n${caller}: ${Math.round((Date.now() - started) / 1_000)} s, ${code === 0 ? 'nothing' : 'FOUND'}`,
  )
  return code === 0
}

/** What takes too long is ended, which counts as a finding. */
async function run(folder: string, words: string[]): Promise<{ code: number | null; report: string }> {
  const timeout = Number(values.minutes) * MINUTE_MS
  const child = spawn(path.join(WORK, 'venv/bin/schemathesis'), words, { cwd: folder, timeout })
  owner.teardown(() => child.kill())
  let report = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      report += chunk
    })
  const [code] = await once(child, 'close')
  return { code, report }
}
