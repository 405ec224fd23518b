/**
 * The rules of the house that a linter can only keep if its settings say so: files stay short,
 * the code map is whole, nothing unfinished or of one machine is left lying about.
 */
import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { filesOf as testsOf } from './support/room.ts'

const root = path.join(import.meta.dirname, '..')

t.test('only config.ts reads the environment; a file has at most 300 lines and a name in kebab case', async (t) => {
  const folder = t.testdir({})
  await write(folder, 'src/http/attempt.ts', 'export const home = process.env.HOME\n')
  await write(folder, 'src/http/long.ts', "import './short.ts'\n".repeat(301))
  await write(folder, 'src/http/camelCase.ts', 'export const one = 1\n')
  const found = (await lint(folder)).map(({ category, location }) => `${location.path} ${category}`)
  t.same(
    new Set(found),
    new Set([
      'src/http/attempt.ts lint/style/noProcessEnv',
      'src/http/long.ts lint/style/noExcessiveLinesPerFile',
      'src/http/camelCase.ts lint/style/useFilenamingConvention',
    ]),
  )
})

t.test('each file says at its head what it is in charge of', async (t) => {
  const files = (await filesOf('src', 'tools', 'migrations')).filter(({ name }) => name.endsWith('.ts'))
  const isHeadless = ({ text }: SourceFile) => !text.startsWith('/**\n') && !text.startsWith('/** ')
  t.same(files.filter(isHeadless).map(nameOf), [])
})

t.test('nothing is left unfinished, and nothing names the machine that it was written on', async (t) => {
  const unfinished = /\b(TODO|FIXME|HACK|XXX)\b/
  const machine = /(^|[^a-z.])\/(work|root|home|Users)\/[a-z.]/m
  const exempt = [path.relative(root, import.meta.filename), 'package-lock.json', 'bench/peers/package-lock.json']
  const files = (await filesOf('.')).filter(({ name }) => !exempt.includes(name))
  t.same(files.filter(({ text }) => unfinished.test(text)).map(nameOf), [])
  t.same(files.filter(({ text }) => machine.test(text)).map(nameOf), [])
})

t.test('the lock files name no registry, so that each machine installs from its own', async (t) => {
  for (const file of ['package-lock.json', 'bench/peers/package-lock.json'])
    t.notMatch(await fs.readFile(path.join(root, file), 'utf8'), '"resolved"', file)
})

t.test('the service is started alike everywhere: as for how it takes memory, as `npm start` does', async (t) => {
  // In code a variable is a property: its name, and the value as text.
  const read = async (place: string) =>
    (await fs.readFile(path.join(root, place), 'utf8')).replace(/(MALLOC_\w+): '(\d+)'/g, '$1=$2')
  const flags = (await read('bin/ctg-registry.js')).match(/MALLOC_\w+=\d+|--[\w-]+=\d+/g) ?? []
  t.equal(flags.length, 3)
  for (const place of ['Dockerfile', 'test/support/service.ts']) {
    const said = await read(place)
    t.same(
      flags.filter((flag) => !said.includes(flag)),
      [],
      place,
    )
  }
})

t.test('the code map names every folder of src and every file beside them', async (t) => {
  const [, map = ''] = (await fs.readFile(path.join(root, 'docs/architecture.md'), 'utf8')).split('## Code map')
  const named = [...map.matchAll(/`([\w/-]+\/|[\w-]+\.ts)`/g)].map(([, name]) => name)
  const files = await Array.fromAsync(fs.glob('**/*.ts', { cwd: path.join(root, 'src') }))
  const places = new Set(files.map((file) => (path.dirname(file) === '.' ? file : `${path.dirname(file)}/`)))
  t.same(
    [...places].filter((place) => !named.includes(place)),
    [],
  )
})

t.test('the documents name tests that there are', async (t) => {
  const documents = await Array.fromAsync(fs.glob(['*.md', 'docs/*.md'], { cwd: root }))
  for (const document of documents) {
    const text = await fs.readFile(path.join(root, document), 'utf8')
    const named = [...text.matchAll(/`(test\/[\w/.-]+\.ts)`/g)].map(([, name = '']) => name)
    const found = (await filesOf('test')).map(nameOf)
    t.same(
      named.filter((name) => !found.includes(name)),
      [],
      document,
    )
  }
})

t.test('the links of the documents lead to files, and to headings of theirs', async (t) => {
  const slugOf = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  const broken: string[] = []
  for (const document of await Array.fromAsync(fs.glob(['*.md', 'docs/*.md'], { cwd: root }))) {
    const text = await fs.readFile(path.join(root, document), 'utf8')
    for (const [, file = '', heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path.join(root, file === '' ? document : path.join(path.dirname(document), file))
      const there = await fs.readFile(target, 'utf8').catch(() => null)
      const headings = [...(there ?? '').matchAll(/^#+ (.+)$/gm)].map(([, words = '']) => slugOf(words))
      if (there === null || (heading && !headings.includes(heading))) broken.push(`${document}: ${file}#${heading}`)
    }
  }
  t.same(broken, [])
})

t.test('the README has fewer than 200 lines', async (t) => {
  t.ok((await fs.readFile(path.join(root, 'README.md'), 'utf8')).split('\n').length < 200)
})

t.test('each test file runs in one room', async (t) => {
  const rooms = (await filesOf('test/rooms')).map(({ text }) => [...text.matchAll(/'([^']*\*)'/g)])
  const inRooms = rooms.flatMap((patterns) => testsOf(patterns.map(([, pattern = '']) => pattern)))
  const all = testsOf(['**/*']).filter((file) => !file.startsWith('programs/'))
  t.same(inRooms.sort(), all)
})

interface SourceFile {
  name: string
  text: string
}

const nameOf = ({ name }: SourceFile) => name

/** All files below some folders, but those that git ignores and those of packages. */
async function filesOf(...folders: string[]): Promise<SourceFile[]> {
  const ignored = (await fs.readFile(path.join(root, '.gitignore'), 'utf8')).match(/^[\w.]+(?=\/$)/gm) ?? []
  const names = await Array.fromAsync(
    fs.glob(
      folders.map((folder) => path.posix.join(folder, '**/*')),
      { cwd: root, exclude: (name) => [...ignored, '.git'].includes(path.basename(name)) },
    ),
  )
  const files = await Promise.all(
    names.map(async (name) => {
      const stats = await fs.stat(path.join(root, name))
      return stats.isFile() ? [{ name, text: await fs.readFile(path.join(root, name), 'utf8') }] : []
    }),
  )
  return files.flat()
}

async function write(folder: string, name: string, text: string) {
  await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true })
  await fs.writeFile(path.join(folder, name), text)
}

interface Diagnostic {
  category: string
  location: { path: string; start: { line: number } }
}

/** What the linter says of a folder under the settings of this repository. */
async function lint(folder: string): Promise<Diagnostic[]> {
  await fs.copyFile(path.join(root, 'biome.json'), path.join(folder, 'biome.json'))
  const biome = path.join(root, 'node_modules/.bin/biome')
  const options = ['--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json']
  // The exit code is 1 when something is refused; what was found is printed all the same.
  const { stdout } = await promisify(execFile)(biome, ['lint', ...options, '.'], { cwd: folder }).catch(
    (error) => error,
  )
  return JSON.parse(stdout).diagnostics
}
