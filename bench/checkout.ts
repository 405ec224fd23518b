/**
 * Checkout of the project, this one or another commit of it: how its database is built and its service is run, both by
 * its own npm scripts, so that two versions can take turns even where their tables differ.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

const ADMIN_KEY = 'a-key-of-the-bench-that-is-of-no-use-elsewhere'

export interface Service {
  /** E.g. http://127.0.0.1:41234. */
  address: string
  pid: number
  /** Ends it as an operator would, and waits until it has ended. */
  stop(): Promise<void>
}

export interface Checkout {
  /** The folder with its package.json. */
  root: string
  scripts: Record<string, string>
  /** Of its migrations: checkouts with the same digest can share a database. */
  digest: string
  /** May read and write everything. */
  key: string
}

export async function openCheckout(root: string): Promise<Checkout> {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  return { root, scripts, digest: await digestOf(path.join(root, 'migrations')), key: ADMIN_KEY }
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(path.join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}

/** Runs an npm script to its end, with no variables but these; throws unless it succeeds. */
export async function runScript(
  checkout: Checkout,
  name: string,
  variables: Record<string, string>,
  ...rest: string[]
) {
  const [code] = await once(launch(checkout, name, variables, rest), 'close')
  if (code !== 0) throw new Error(`npm run ${name} ended with ${code} in ${checkout.root}`)
}

/**
 * Starts the service as `npm start` does, with its log lines sent to nowhere and no limit by caller, for the load comes
 * from one address. Resolves once it listens.
 */
export async function startService(checkout: Checkout, variables: Record<string, string>): Promise<Service> {
  const fixed = { PORT: '0', RATE_LIMIT: '0', BOOTSTRAP_ADMIN_KEY: checkout.key, LOAD_EXAMPLE: 'false' }
  const service = launch(checkout, 'start', { ...fixed, ...variables }, [], 'pipe')
  return listening(service)
}

/** By `exec` the script's shell becomes the process itself: its id is that of the service. */
function launch({ root, scripts }: Checkout, name: string, variables: object, rest: string[], stderr?: 'pipe') {
  const script = [scripts[name]?.replace(/^node /, 'exec $&'), ...rest.map((one) => `'${one}'`)].join(' ')
  return spawn(script, {
    cwd: root,
    shell: true,
    env: { PATH: path.dirname(process.execPath), ...variables },
    stdio: ['ignore', 'ignore', stderr ?? 'inherit'],
  })
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill()
})

/** A process that says on its standard error where it listens; it does not outlive this one. */
export async function listening(child: ChildProcess): Promise<Service> {
  running.add(child)
  const ended = once(child, 'close').finally(() => running.delete(child))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  let said = ''
  for await (const chunk of child.stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    said += chunk
    const address = /listens on (http:\S+)/.exec(said)?.[1]
    if (address === undefined) continue
    child.stderr?.resume()
    return { address, pid: child.pid as number, stop }
  }
  await stop()
  throw new Error(`a contender did not start: ${said}`)
}
