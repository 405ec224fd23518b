/** What the stories of all clients need: a registry that listens, and a folder of their own to be compiled in. */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Test } from 'tap'
import { exampleIds } from '../../src/engine/example-ids.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openRegistry } from '../support/registry.ts'

const NOW = '2026-03-15T12:00:00Z'

export const openapiFile = path.join(import.meta.dirname, '../../openapi/openapi.json')
const workFolder = path.join(import.meta.dirname, '../../.test/clients')

/** The arguments of a story: the address of a registry with the example, a key for it, the id of a convention. */
export async function tellers(t: Test): Promise<string[]> {
  const { app, db } = await openRegistry(t, { now: NOW })
  await loadExample(db, new Date(NOW))
  return [await app.listen({ port: 0 }), ADMIN_KEY, exampleIds.convention]
}

/** A folder with a copy of the story of a language; what was made there before stays, to be made faster. */
export async function storyFolder(language: string): Promise<string> {
  const folder = path.join(workFolder, language)
  await fs.cp(path.join(import.meta.dirname, language), folder, { recursive: true })
  return folder
}
