/** The documents are true: their commands are run as they stand against a service, the table of variables is that of the code. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type Config, readConfig } from '../../src/config.ts'
import { ADMIN_KEY, variableNames } from '../support/config.ts'
import { createTestDatabase } from '../support/registry.ts'
import { startService } from '../support/service.ts'

const run = promisify(execFile)
const root = path.join(import.meta.dirname, '../..')
const read = (document: string) => readFile(path.join(root, document), 'utf8')
const readme = await read('README.md')

/** Commands, and the answer that is shown after each. */
function stepsOf(text: string) {
  return [...text.matchAll(/```sh\n((?:(?!```).)*)```\n\n```text\n(.*?)```/gs)].map(
    ([, command = '', answer = '']) => ({
      command,
      answer,
    }),
  )
}

/** Requests have another id each time. */
const steady = (text: string) => text.trim().replace(/urn:uuid:[0-9a-f-]{36}/g, 'urn:uuid:')

t.test('every answer in the documents is what the service answers', async (t) => {
  const url = await createTestDatabase(t)
  const { address } = await startService(t, { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, LOAD_EXAMPLE: 'true' })
  const folder = await newFolder(t)
  const firstApp = await read('docs/first-app.md')
  await writeFile(path.join(folder, 'families.mjs'), /```js\n(.*?)```/s.exec(firstApp)?.[1] ?? '')
  const steps = [await read('docs/read.md'), firstApp, readme].map(stepsOf)
  for (const one of steps) t.ok(one.length >= 2, 'the steps were found')
  for (const { command, answer } of steps.flat()) {
    const asked = command.replaceAll('http://127.0.0.1:3000', address)
    const { stdout } = await run('bash', ['-c', asked], {
      cwd: folder,
      env: {
        PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
        KEY: ADMIN_KEY,
        LANG: 'C.UTF-8',
        REGISTRY: address,
      },
    })
    t.equal(steady(stdout), steady(answer), command.slice(0, 80))
    t.notMatch(answer, '"status":"', 'a status is that of the day on which somebody asks: it is not true for ever')
  }
})

t.test('the first command serves the example from an empty folder, and again after a stop', async (t) => {
  const [, command = ''] = /^npm ci && (npm start)$/m.exec(readme) ?? []
  const dataDir = await newFolder(t)
  for (const start of ['first', 'second']) {
    const began = performance.now()
    const { address, stop } = await startByCommand(t, `exec ${command}`, { PORT: '0', DATA_DIR: dataDir })
    const answer = await fetch(`${address}/v1/conventions`)
    t.comment(`${start} start: ${Math.round(performance.now() - began)} ms to the first answer`)
    t.equal(((await answer.json()) as { data: unknown[] }).data.length, 2)
    const [line = ''] = /^KEY=.*$/m.exec(readme) ?? []
    const { stdout } = await runCommand(`${line}; echo "[$KEY]"`, { DATA_DIR: dataDir })
    t.match(stdout, /^\[ctg_[\w-]+\]\n$/, 'a key, and nothing else')
    await t.rejects(runCommand('npm run reset -- --yes', { DATA_DIR: dataDir }), {
      code: 1,
      stderr: /is using the database/,
    })
    t.equal(await stop(), 0)
  }
  await t.rejects(runCommand('echo no | npm run reset', { DATA_DIR: dataDir }), {
    code: 1,
    stderr: /nothing was deleted/,
  })
  t.match((await runCommand('echo yes | npm run reset', { DATA_DIR: dataDir })).stderr, 'deleted')
  t.match((await runCommand('npm run reset -- --yes', { DATA_DIR: dataDir })).stderr, 'there is no database')
})

t.test('npm run dev starts again when a file of the service changes', async (t) => {
  const DATABASE_URL = await createTestDatabase(t)
  const { child } = await startByCommand(t, 'exec npm run dev', { PORT: '0', DATABASE_URL })
  const now = new Date()
  await utimes(path.join(root, 'src/main.ts'), now, now)
  for await (const said of child.stderr) if (/listens on/.test(said)) break
})

t.test('the table of variables names just those that the service reads, with their defaults', async (t) => {
  const [, table = ''] = /^## Configuration\n(.*?)^## /ms.exec(await read('docs/operate.md')) ?? []
  const told = [...table.matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)?/gm)].map(([, name, value = '']) => [name, value])
  const config = readConfig({})
  const fieldOf = (name: string) => name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
  const defaultOf = (name: string) => String(config[fieldOf(name) as keyof Config] ?? '')
  t.same(Object.fromEntries(told), Object.fromEntries(variableNames().map((name) => [name, defaultOf(name)])))
})

async function newFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** An environment in which neither a `.env` of the developer nor their shell says anything about the service. */
const environment = (variables: Record<string, string>) => ({
  // biome-ignore lint/style/noProcessEnv: npm is found as this process finds it.
  ...process.env,
  ...Object.fromEntries([...variableNames(), 'NODE_OPTIONS'].map((name) => [name, ''])),
  ...variables,
})

const runCommand = (command: string, variables: Record<string, string>) =>
  run('sh', ['-c', command], { cwd: root, env: environment(variables) })

/** Runs a command of a terminal until the service that it starts listens. */
async function startByCommand(t: Test, command: string, variables: Record<string, string>) {
  // A group of its own: what a failed test leaves of it can be ended as a whole.
  const child = spawn('sh', ['-c', command], { cwd: root, env: environment(variables), detached: true, stdio: 'pipe' })
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  t.teardown(() => child.exitCode === null && child.pid && process.kill(-child.pid, 'SIGKILL'))
  child.stdout.resume()
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const stop = () => child.kill('SIGTERM') && ended
  for (;;) {
    const isOver = await Promise.race([once(child.stderr, 'data'), ended.then(() => true)])
    const [, address] = /listens on (http:\S+)/.exec(said) ?? []
    if (address !== undefined) return { address, child, stop }
    if (isOver === true) throw new Error(`The service ended: ${said}`)
  }
}
