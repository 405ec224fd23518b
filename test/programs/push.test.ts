/** The examples of a push, in TypeScript and in Python, run as the programs that they are: both say and do the same. */
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { apiOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { documentOf, type Fields, read } from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'
import { childEnvironment } from '../support/service.ts'

const examples = path.join(import.meta.dirname, '../../examples')
const programs: Record<string, string[]> = {
  'push.ts': [process.execPath, path.join(examples, 'push.ts')],
  'push.py': ['python3', path.join(examples, 'push.py')],
}

/** Where Python is, which may be none of the folders of the system. */
// biome-ignore lint/style/noProcessEnv: it is the environment that is handed on.
const pathOfPython = { PATH: process.env.PATH ?? '' }

const registry = await openRegistry(t)
const address = await registry.app.listen({ port: 0 })
const api = apiOf(registry)

for (const [name, [program = '', script = '']] of Object.entries(programs))
  t.test(name, async (t) => {
    const source = name.replace('.', '-')
    const folder = t.testdir({})
    const file = (key: string) => path.join(folder, `${key}.json`)
    const write = (key: string, fields: Fields = {}) => writeFile(file(key), JSON.stringify(documentOf(fields)))
    const push = (...options: string[]) => {
      const env = { ...childEnvironment, ...pathOfPython, REGISTRY_KEY: ADMIN_KEY }
      const words = [script, folder, source, '--registry', address, '--link', 'none', ...options]
      return promisify(execFile)(program, words, { env }).then(
        ({ stdout }) => ({ code: 0, said: stdout }),
        ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
      )
    }
    const keys = async () =>
      (await read(registry, `/v1/sources/${source}/conventions`)).body.data.map(({ key }: { key: string }) => key)
    const action = { key: '1', title: 'Relais' }

    await write('2018', { actions: [action] })
    await write('2014-renewed', { predecessor: '2018' })
    t.match(await push('--dry-run'), {
      code: 0,
      said: /2018: create convention 2018\n.*would be: 1 created, .*1 failed/s,
    })
    t.same(await keys(), [], 'a dry run')
    t.match(await push(), { code: 0, said: /done: 2 created, 0 updated, 0 unchanged, 0 deleted, 0 failed/ })
    t.match(await push(), { code: 0, said: /done: 0 created, 0 updated, 2 unchanged/ })

    await rm(file('2014-renewed'))
    const refused = await push('--complete')
    t.match(refused, { code: 2, said: /2014-renewed: delete convention 2014-renewed\n.*--yes allows it/s })
    t.same(await keys(), ['2014-renewed', '2018'])
    t.match(await push('--complete', '--yes'), { code: 0, said: /done: .* 1 unchanged, 1 deleted, 0 failed/ })
    t.same(await keys(), ['2018'])

    const { body } = await api.get(`/actions?source=${source}`)
    await api.change(`/actions/${body.data[0].id}`, { title: 'Par la main' })
    await write('2018', { actions: [{ ...action, title: 'Autre' }] })
    t.match(await push(), { code: 1, said: /2018: 409 .*\n {4}\/actions\/0\/title: sent before .Relais., now .Autre./ })
    t.match(await push('--conflicts', 'overwrite'), { code: 0, said: /2018: update action 1 title\n.*1 updated/s })

    await write('broken', { title: '' })
    t.match(await push(), { code: 1, said: /broken: 422 .*\n {4}\/title: / })
    t.match(await push('--max-deletes', '99999'), { code: 1, said: /maxDeletes/ })
  })
