/** A client in TypeScript: made from the committed OpenAPI document, compiled strictly, and run against a registry. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'
import t from 'tap'
import { run } from '../support/programs.ts'
import { compile, openapiFile, storyFolder, tellers } from './story.ts'

t.test('TypeScript: openapi-typescript and openapi-fetch', async (t) => {
  const told = await tellers(t)
  const folder = await storyFolder('typescript')
  await fs.writeFile(path.join(folder, 'api.ts'), astToString(await openapiTS(pathToFileURL(openapiFile))))
  t.equal(await compile(folder, 'story.ts'), '')
  t.equal(await run(folder, process.execPath, 'story.ts', ...told), 'the story is told\n')
})
