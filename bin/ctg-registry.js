#!/usr/bin/env node
/**
 * Launcher of the service and of its commands: `ctg-registry [start | keys | load | ...]`. It sets what must stand in
 * the environment before a process begins, then replaces itself by that process, which keeps its id and its signals.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const source = path.join(import.meta.dirname, '../src')
const commands = globSync('*.ts', { cwd: path.join(source, 'commands'), exclude: ['command.ts'] })
  .map((file) => path.basename(file, '.ts'))
  .sort()
const [name = 'start', ...parameters] = process.argv.slice(2)

if (name !== 'start' && !commands.includes(name)) {
  console.error(`usage: ctg-registry [start | ${commands.join(' | ')}] ...`)
  process.exit(1)
}
if (existsSync('.env')) process.loadEnvFile()

const { env } = process
const variables = {
  // Few arenas, and what large bodies took is given back.
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
  NODE_COMPILE_CACHE: path.resolve(env.DATA_DIR || '.data', 'compiled'),
  ...env,
}
const main = path.join(source, name === 'start' ? 'main.ts' : `commands/${name}.ts`)
const words = ['--max-semi-space-size=8', main, ...parameters]

if (process.platform === 'win32') {
  // No process can be replaced there: the launcher stays, and leaves Ctrl-C, which both get, to the other one.
  process.on('SIGINT', () => undefined)
  const child = spawn(process.execPath, words, { env: variables, stdio: 'inherit' })
  child.once('exit', (code) => process.exit(code ?? 1))
} else {
  process.execve(process.execPath, [process.execPath, ...words], variables)
}
