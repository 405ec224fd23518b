/**
 * Imports go one way, from the top floor to the ground. The table is here; what it allows is read from every file.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import ts from 'typescript'

const root = path.join(import.meta.dirname, '..')

/**
 * The floors of a folder from the top down: a place imports from the floors below its own, never from beside it.
 * `*` stands for the files of the folder that are not named. A folder without a row may import within itself freely.
 */
const floors: Record<string, string[]> = {
  src: [
    'main.ts commands',
    'app.ts',
    'body-worker.ts',
    'site seed.ts',
    'sync changes audit search statistics',
    'domain',
    'engine',
    'auth ops',
    'http db',
    'config.ts',
    'variables.ts',
  ],
  'src/domain': [
    'constraints.ts',
    'resources.ts',
    'actions amendments api-keys axes conventions organizations service-sites signatories',
    'territories',
    'vocabularies',
  ],
  'src/engine': ['routes.ts', 'write', 'read', 'cache', 'declaration', '*'],
  'src/engine/read': ['list', '*', 'formats'],
  'src/engine/write': ['*', 'decide', 'locks.ts rows.ts turns.ts'],
  'src/sync': ['routes.ts', 'bulk', '*', 'write', 'document'],
  'src/http': ['openapi', 'server', 'input', 'limits', 'output', 'errors', 'schema'],
}

/** What the rooms of the domain may import of each other although they stand on one floor. */
const shared = /^src\/domain\/[\w-]+\/(resource|rules|parts|filters)\.ts$/

/** Who may import a package. */
const packages: Record<string, RegExp> = {
  pg: /^(src\/db\/(database|embedded\/\w+)|bench\/contenders\/hand-written)\.ts$/,
  kysely: /^(?!src\/http\/)/,
}

interface Import {
  from: string
  to: string
}

/** Why an import is refused; null when it is allowed. */
function refusal({ from, to }: Import): string | null {
  const allowed = packages[to]
  if (allowed) return allowed.test(from) ? null : `${to} is for others`
  if (from.startsWith('migrations/')) return isFile(to) ? 'a migration stays as it was written' : null
  if (to === 'src/main.ts') return 'main is a process of its own'
  if (!from.startsWith('src/') || !isFile(to)) return null
  if (!to.startsWith('src/')) return 'the service does not need what stands beside it'
  if (to.endsWith('/routes.ts') && !to.startsWith('src/engine/') && from !== 'src/app.ts' && !beside(from, to))
    return 'app.ts alone registers routes'
  return risesAt('src', from, to)
}

const isFile = (to: string) => to.endsWith('.ts') || to.endsWith('.json')
const beside = (from: string, to: string) => path.dirname(from) === path.dirname(to)

/** The floor by floor comparison of two files under a folder, and then under the folder that they share. */
function risesAt(folder: string, from: string, to: string): string | null {
  const rows = floors[folder]
  if (!rows) return null
  const [upper, lower] = [from, to].map((file) => file.slice(folder.length + 1).split('/')[0] ?? '')
  if (upper === lower && !upper?.endsWith('.ts')) return risesAt(`${folder}/${upper}`, from, to)
  const [high, low] = [upper, lower].map((place) => floorOf(rows, place ?? ''))
  if (high === -1 || low === -1) return `${folder} has no floor for ${high === -1 ? upper : lower}`
  if (high === low && (rows[high ?? 0] === '*' || shared.test(to))) return null
  return (high ?? 0) < (low ?? 0) ? null : `${upper} does not stand above ${lower}`
}

function floorOf(rows: string[], place: string): number {
  const named = rows.findIndex((row) => row.split(' ').includes(place))
  return named === -1 && place.endsWith('.ts') ? rows.indexOf('*') : named
}

/** The imports that lie on a circle, or between two: what is left when files at either end are taken away. */
function circlesOf(imports: readonly Import[]): Import[] {
  const importing = new Set(imports.map(({ from }) => from))
  const imported = new Set(imports.map(({ to }) => to))
  const left = imports.filter(({ from, to }) => importing.has(to) && imported.has(from))
  return left.length === imports.length ? left : circlesOf(left)
}

const arrows = (drawn: string): Import[] =>
  drawn.split(' ').map((arrow) => {
    const [from = '', to = ''] = arrow.split('>')
    return { from, to }
  })

/** Every import of the files of some folders, of types too: paths from the root, or names of packages. */
async function importsOf(...folders: string[]): Promise<Import[]> {
  const files = await Array.fromAsync(
    fs.glob(
      folders.map((folder) => `${folder}/**/*.ts`),
      { cwd: root, exclude: (name) => ['node_modules', 'generated', 'dist'].includes(path.basename(name)) },
    ),
  )
  const found = await Promise.all(
    files.map(async (from) => {
      const { importedFiles } = ts.preProcessFile(await fs.readFile(path.join(root, from), 'utf8'))
      return importedFiles.map(({ fileName }) => ({
        from,
        to: fileName.startsWith('.') ? path.join(path.dirname(from), fileName) : fileName,
      }))
    }),
  )
  return found.flat()
}

const imports = await importsOf('src', 'tools', 'migrations', 'test', 'bench', 'examples', 'clients')

t.test('every import goes down', async (t) => {
  t.ok(imports.length > 1_000)
  t.ok((floors.src ?? []).length <= 11)
  const refused = imports.map((one) => ({ ...one, why: refusal(one) })).filter(({ why }) => why)
  t.same(refused, [])
})

t.test('what runs without the packages of developers needs none of them', async (t) => {
  const { devDependencies } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'))
  const runs = /^(src|migrations|examples|clients)\//
  const needs = (to: string) => Object.keys(devDependencies).some((name) => `${to}/`.startsWith(`${name}/`))
  t.same(
    imports.filter(({ from, to }) => runs.test(from) && needs(to)),
    [],
  )
})

t.test('no files import each other in a circle, not even types', async (t) => {
  t.same(circlesOf(imports), [])
  t.same(circlesOf(arrows('a>b b>c c>d')), [])
  t.same(circlesOf(arrows('start>a a>b b>c c>a c>end')), arrows('a>b b>c c>a'))
})

t.test('what runs up, or beside, or to what is not for all, is refused', async (t) => {
  const attempts: [from: string, to: string][] = [
    ['src/config.ts', 'src/http/errors/problems.ts'],
    ['src/http/errors/problems.ts', 'src/db/database.ts'],
    ['src/http/errors/problems.ts', 'src/http/input/body.ts'],
    ['src/http/errors/problems.ts', 'kysely'],
    ['src/db/database.ts', 'src/http/errors/problems.ts'],
    ['src/db/roles.ts', 'pg'],
    ['src/auth/caller.ts', 'src/engine/declaration/resource.ts'],
    ['src/auth/caller.ts', 'src/ops/health.ts'],
    ['src/engine/declaration/resource.ts', 'src/engine/read/queries.ts'],
    ['src/engine/read/queries.ts', 'src/engine/write/rows.ts'],
    ['src/engine/row-mapper.ts', 'src/engine/declaration/resource.ts'],
    ['src/engine/read/queries.ts', 'src/engine/read/list/filters.ts'],
    ['src/engine/write/decide/decide.ts', 'src/engine/write/write.ts'],
    ['src/engine/write/rows.ts', 'src/domain/axes/resource.ts'],
    ['src/domain/axes/resource.ts', 'src/domain/organizations/writes.ts'],
    ['src/domain/axes/resource.ts', 'src/domain/vocabularies/routes.ts'],
    ['src/domain/axes/resource.ts', 'src/domain/resources.ts'],
    ['src/domain/territories/schema.ts', 'src/domain/conventions/resource.ts'],
    ['src/sync/write/put.ts', 'src/changes/feed.ts'],
    ['src/sync/write/put.ts', 'src/domain/service-sites/routes.ts'],
    ['src/sync/document/items.ts', 'src/sync/write/put.ts'],
    ['src/site/home.ts', 'src/app.ts'],
    ['src/app.ts', 'src/commands/command.ts'],
    ['src/commands/load.ts', 'src/main.ts'],
    ['src/commands/load.ts', 'tools/tables.ts'],
    ['src/seed.ts', 'test/support/api.ts'],
    ['src/new-room/file.ts', 'src/config.ts'],
    ['src/http/file.ts', 'src/http/errors/problems.ts'],
    ['migrations/001-dates-and-order.ts', 'src/config.ts'],
    ['test/house.test.ts', 'pg'],
    ['bench/main.ts', 'src/main.ts'],
  ]
  for (const [from, to] of attempts) t.ok(refusal({ from, to }), `${from} -> ${to}`)
})
