/** What the stories of all clients need: a registry that listens, and a folder of their own to be compiled in. */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Test } from 'tap'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { run } from '../support/programs.ts'
import { openRegistry, type Registry } from '../support/registry.ts'

const tsc = path.join(import.meta.dirname, '../../node_modules/.bin/tsc')
const TYPES = path.join(import.meta.dirname, '../../node_modules/@types')
const STRICT = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--skipLibCheck']
const MODULES = ['--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions']

const NOW = '2026-03-15T12:00:00Z'

export const openapiFile = path.join(import.meta.dirname, '../../openapi/openapi.json')
const workFolder = path.join(import.meta.dirname, '../../.test/clients')

/** A registry with the example that listens, and its address. */
export async function openTellers(t: Test): Promise<Registry & { address: string }> {
  const registry = await openRegistry(t, { now: NOW })
  await loadExample(registry.db, new Date(NOW))
  return { ...registry, address: await registry.app.listen({ port: 0 }) }
}

/** The arguments of a story: the address of a registry with the example, a key for it, the id of a convention. */
export async function tellers(t: Test): Promise<string[]> {
  return [(await openTellers(t)).address, ADMIN_KEY, exampleIds.convention]
}

/** A folder with a copy of the story of a language; what was made there before stays, to be made faster. */
export async function storyFolder(language: string): Promise<string> {
  const folder = path.join(workFolder, language)
  await fs.cp(path.join(import.meta.dirname, language), folder, { recursive: true })
  return folder
}

/** Checks files of a folder as strictly as TypeScript can; answers what the compiler complains of. */
export const compile = (folder: string, ...files: string[]): Promise<string> =>
  run(folder, tsc, '--noEmit', ...STRICT, ...MODULES, '--typeRoots', TYPES, '--types', 'node', ...files)
