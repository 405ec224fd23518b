/**
 * Postmaster: the first process of a server, known by the file in which it stands and by the folder on its command
 * line. Its backends may outlive it when it is killed.
 */
import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../../config.ts'

const JOIN_POLL_MS = 50

/** The process of the server of a folder, whether or not it is ready; null when none runs. */
export async function findPostmaster(folder: string): Promise<number | null> {
  const file = await readPidFile(folder)
  return file && (await isPostmaster(file.pid, folder)) ? file.pid : null
}

/** The port of a server that runs or is just starting, once it is ready; null if it ended meanwhile. */
export async function joinServer(folder: string): Promise<number | null> {
  const deadline = Date.now() + limits.embeddedStartSeconds * 1_000
  while (Date.now() < deadline) {
    const file = await readPidFile(folder)
    if (!file) return null
    if (file.isReady) return file.port
    await sleep(JOIN_POLL_MS)
  }
  throw new Error(`The embedded Postgres in ${folder} is running but does not get ready.`)
}

/**
 * Removes what a killed server left, which would keep the next one from starting: its file, which may name a zombie or,
 * by now, a stranger; and backends, which keep its shared memory. The port that it had; null when there was no file.
 */
export async function clearRemains(folder: string): Promise<number | null> {
  const file = await readPidFile(folder)
  if (!file) return null
  await endOrphans(folder)
  await rm(path.join(folder, 'postmaster.pid'), { force: true })
  return file.port || null
}

/** A backend that waits ends with its server; one that computes would go on for as long as its statement takes. */
async function endOrphans(folder: string): Promise<void> {
  if (process.platform !== 'linux') return
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (pid > 0 && (await isOrphan(pid, folder)))
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
  }
}

/** A process of Postgres in this folder that is neither a postmaster nor the child of one that runs. */
async function isOrphan(pid: number, folder: string): Promise<boolean> {
  const link = (name: string) => readlink(`/proc/${pid}/${name}`).catch(() => '')
  if ((await link('cwd')) !== folder || path.basename(await link('exe')) !== 'postgres') return false
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])
  return !(await isPostmaster(pid, folder)) && !(await isPostmaster(parent, folder))
}

/** Line 1 of postmaster.pid is the process, line 4 the port, line 8 the state; null without a whole file. */
async function readPidFile(folder: string) {
  const text = await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' } : null
}

/** A zombie has an empty command line and a stranger with the same number another one. */
async function isPostmaster(pid: number, folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return isRunning(pid)
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.split('\0').includes(folder)
}

/** Whether a process lives, whoever it belongs to. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
