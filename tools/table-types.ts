/** Types of all tables of a database, as the driver reads and Kysely writes them. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { closeDatabase, openDatabase } from '../src/db/database.ts'

const generator = path.join(import.meta.dirname, '../node_modules/kysely-codegen/dist/cli/bin.js')

/** As the driver reads them: dates and instants are text. */
const types = ['--date-parser', 'string', '--type-mapping', '{"timestamptz":"string"}']

/** Writes the types of the tables of a database to a file; with `--verify` throws when it is not what it would write. */
export async function writeTableTypes(url: string, file: string, options: readonly string[] = []): Promise<void> {
  const overrides = ['--overrides', JSON.stringify({ columns: await ownColumns(url) })]
  const source = ['--dialect', 'postgres', '--url', url, '--exclude-pattern', '(kysely_*|past.*)']
  const output = ['--log-level', 'error', '--out-file', file, ...options]
  await promisify(execFile)(process.execPath, [generator, ...source, ...types, ...overrides, ...output])
}

/** The columns that the database alone writes: generated ones, and those that the journal sets; `never` to be written. */
async function ownColumns(url: string): Promise<Record<string, string>> {
  const db = openDatabase(url, { connections: 1 })
  const { rows } = await sql<{ column: string; type: string }>`
    select table_name || '.' || column_name as column,
      case when ltrim(udt_name, '_') like 'int_' and udt_name <> 'int8' then 'number' else 'string' end
        || case when udt_name like '\\_%' then '[]' else '' end
        || case when is_nullable = 'YES' then ' | null' else '' end as type
    from information_schema.columns
    where table_schema = current_schema() and (is_generated = 'ALWAYS' or identity_generation = 'ALWAYS'
      or column_name in ('tx', 'version', 'created_at', 'updated_at') and table_name in (select name from journaled))
    order by table_name, ordinal_position`
    .execute(db)
    .finally(() => closeDatabase(db))
  return Object.fromEntries(rows.map(({ column, type }) => [column, `ColumnType<${type}, never, never>`]))
}
