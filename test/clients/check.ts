/**
 * Clients in Python and Go: made from the committed OpenAPI document by usual generators, compiled without a warning,
 * and run against a registry. Takes a minute and the network, so it is a check of its own: `npm run check:clients`.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { installPython, run } from '../support/programs.ts'
import { openapiFile, storyFolder, tellers } from './story.ts'

const PYTHON_GENERATOR = 'openapi-python-client==0.29.1'
const GO_GENERATOR = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'
const TOLD = 'the story is told\n'
const TIMEOUT_MS = 600_000

/** The generator knows no YAML; it is text. */
const PYTHON_CONFIG = `project_name_override: registry
package_name_override: registry
content_type_overrides:
  application/yaml: text/plain
  application/x-ndjson: text/plain
post_hooks: []
`

const GO_CONFIG = `package: main
generate: { models: true, client: true }
output: client.go
output-options: { response-type-suffix: Result }
`

t.setTimeout(TIMEOUT_MS)
const told = await tellers(t)

t.test('Python: openapi-python-client', { timeout: TIMEOUT_MS }, async (t) => {
  const folder = await storyFolder('python')
  await installPython(folder, PYTHON_GENERATOR)
  await fs.writeFile(path.join(folder, 'config.yaml'), PYTHON_CONFIG)
  const options = ['--path', openapiFile, '--config', 'config.yaml', '--meta', 'none', '--output-path', 'registry']
  await run(folder, 'venv/bin/openapi-python-client', 'generate', ...options, '--overwrite', '--fail-on-warning')
  await run(folder, 'venv/bin/python', '-W', 'error', '-m', 'compileall', '-q', '-f', 'registry', 'story.py')
  t.equal(await run(folder, 'venv/bin/python', '-W', 'error', 'story.py', ...told), TOLD)
})

t.test('Go: oapi-codegen', { timeout: TIMEOUT_MS }, async (t) => {
  const folder = await storyFolder('go')
  await fs.writeFile(path.join(folder, 'config.yaml'), GO_CONFIG)
  // What is downloaded for it is told as if it were a warning, so the first run is another one.
  await run(folder, 'go', 'run', GO_GENERATOR, '-version')
  t.equal(await run(folder, 'go', 'run', GO_GENERATOR, '-config', 'config.yaml', openapiFile), '', 'without a warning')
  await run(folder, 'go', 'mod', 'download')
  t.equal(await run(folder, 'go', 'vet', '.'), '', 'without a warning')
  t.equal(await run(folder, 'go', 'run', '.', ...told), TOLD)
})
