/** The compiler holds declarations to the tables. */
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { pascal } from '../../src/engine/words.ts'

const root = path.join(import.meta.dirname, '../..')
const tables = path.join(root, 'src/db/tables.ts')
const text = fs.readFileSync(tables, 'utf8')
const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)

const fileOf = ({ path: url }: Resource) => path.join(root, `src/domain/${url.split('/').at(-1)}/resource.ts`)
const all = Object.values<Resource>(resources)

/** What the compiler says of each declaration with another text of the types of tables: the places, as they are written. */
function errorsWith(changed: string): Map<string, string[]> {
  const host = ts.createCompilerHost(options)
  const getSourceFile = host.getSourceFile.bind(host)
  host.getSourceFile = (name, version, ...rest) =>
    path.resolve(name) === tables ? ts.createSourceFile(name, changed, version) : getSourceFile(name, version, ...rest)
  const program = ts.createProgram(all.map(fileOf), { ...options, noEmit: true }, host)
  return new Map(
    all.map((resource) => {
      const source = program.getSourceFile(fileOf(resource))
      const found = program.getSemanticDiagnostics(source)
      return [resource.type, found.map(({ start = 0, length = 0 }) => source?.text.slice(start, start + length) ?? '')]
    }),
  )
}

/** The columns of a table with the names that `rename` gives them. */
const withColumns = (table: string, rename: (column: string) => string) => (all: string) =>
  all.replace(new RegExp(`export interface ${table} \\{[^}]*\\}`), (body) =>
    body.replace(/^ {2}(\w+)(?=: )/gm, (_, column: string) => `  ${rename(column)}`),
  )

t.test('a column that is renamed is reported in its declaration, at its field if it has one', async (t) => {
  const renamed = all.reduce(
    (changed, { type }) => withColumns(pascal(type), (column) => `${column}_renamed`)(changed),
    text,
  )
  const errors = errorsWith(renamed)
  for (const { type, declared } of all) {
    const found = errors.get(type) ?? []
    for (const field of Object.keys(declared)) t.ok(found.includes(field), `${type}.${field}`)
    t.ok(
      found.some((place) => !Object.hasOwn(declared, place)),
      `${type}: what is hidden`,
    )
  }
})
