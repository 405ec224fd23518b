/** The README is true: its tour is run as it stands against a service, its table of variables is that of the code. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { ADMIN_KEY } from './support/config.ts'
import { createTestDatabase } from './support/registry.ts'
import { startService } from './support/service.ts'

const run = promisify(execFile)
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

/** The blocks of a section: a command, and the answer that is shown after it. */
function stepsOf(section: string) {
  const [, text = ''] = new RegExp(`^## ${section}\n(.*?)^## `, 'ms').exec(readme) ?? []
  return [...text.matchAll(/```sh\n(.*?)```\n\n```(?:json|text)\n(.*?)```/gs)].map(([, command = '', answer = '']) => ({
    command,
    answer,
  }))
}

/** Requests have another id each time. */
const steady = (text: string) => text.trim().replace(/urn:uuid:[0-9a-f-]{36}/g, 'urn:uuid:')

t.test('every answer of the tour is what the service answers', async (t) => {
  const url = await createTestDatabase(t)
  const { address } = await startService(t, { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, LOAD_EXAMPLE: 'true' })
  const steps = stepsOf('Five minutes')
  t.ok(steps.length >= 8, 'the tour was found')
  for (const { command, answer } of steps) {
    const asked = command.replaceAll('http://localhost:3000', address)
    const { stdout } = await run('bash', ['-c', asked], {
      env: { PATH: '/usr/bin:/bin', KEY: ADMIN_KEY, LANG: 'C.UTF-8' },
    })
    t.equal(steady(stdout), steady(answer), command.slice(0, 80))
  }
})

t.test('the table of variables names just those that the service reads', async (t) => {
  const source = await readFile(new URL('../src/config.ts', import.meta.url), 'utf8')
  const [, table = ''] = /^## Configuration\n(.*?)^## /ms.exec(readme) ?? []
  const told = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
  const read = [...source.matchAll(/read\(\s*'([A-Z_]+)'/g)].map(([, name]) => name)
  t.same(told.sort(), read.sort())
})
