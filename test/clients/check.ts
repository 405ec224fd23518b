/**
 * Our package, installed from its tarball, and clients in Python and Go: these are made from the committed OpenAPI document by usual generators, compiled without a warning,
 * and run against a registry. Takes a minute and the network, so it is a check of its own: `npm run check:clients`.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import t from 'tap'
import { connect } from '../../clients/typescript/src/registry.ts'
import { installPython, run } from '../support/programs.ts'
import { compile, openapiFile, storyFolder, tellers } from './story.ts'

const PYTHON_GENERATOR = 'openapi-python-client==0.29.1'
const GO_GENERATOR = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'
const TOLD = 'the story is told\n'
const TIMEOUT_MS = 600_000

/** The generator knows no YAML, which is text, and no lines of JSON, which are bytes. */
const PYTHON_CONFIG = `project_name_override: registry
package_name_override: registry
content_type_overrides:
  application/yaml: text/plain
  application/x-ndjson: application/octet-stream
post_hooks: []
`

const GO_CONFIG = `package: main
generate: { models: true, client: true }
output: client.go
output-options: { response-type-suffix: Result }
`

t.setTimeout(TIMEOUT_MS)
const told = await tellers(t)
const packageFolder = path.join(import.meta.dirname, '../../clients/typescript')

t.test(
  'our package follows a registry in ten lines, installed from its tarball',
  { timeout: TIMEOUT_MS },
  async (t) => {
    // Outside of our own folder: nothing but what it depends on is found.
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'registry-client-'))
    t.teardown(() => fs.rm(folder, { recursive: true }))
    await fs.writeFile(path.join(folder, 'package.json'), '{"type": "module"}')
    await run(packageFolder, 'npm', 'pack', '--silent', '--pack-destination', folder)
    const tarball = (await fs.readdir(folder)).find((name) => name.endsWith('.tgz'))
    await run(folder, 'npm', 'install', '--no-audit', '--silent', `./${tarball}`)
    const readme = await fs.readFile(path.join(folder, 'node_modules/@ctg-registry/client/README.md'), 'utf8')
    const [reading = '', following = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
    t.equal(following.split('\n').filter(Boolean).length, 10)
    const [address = '', key = ''] = told
    for (const [name, code] of Object.entries({ 'reading.ts': reading, 'following.ts': following }))
      await fs.writeFile(path.join(folder, name), code.replace('http://127.0.0.1:3000', address))
    t.equal(await compile(folder, 'reading.ts', 'following.ts'), '')
    t.match(await run(folder, process.execPath, 'reading.ts'), 'réseau de parentalité')

    const follower = spawn(process.execPath, ['following.ts'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => follower.kill())
    const lines = readline.createInterface(follower.stdout)[Symbol.asyncIterator]()
    const count = async () => Number(/: (\d+) resources$/.exec((await lines.next()).value ?? '')?.[1])
    const before = await count()
    t.ok(before > 20)
    await connect(address, { key }).POST('/v1/organizations', { body: { kind: 'association', name: 'New' } })
    for (let now = before; now !== before + 1; ) now = await count()
  },
)

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
