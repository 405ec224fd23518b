/**
 * Search by type: indexes of organizations and of conventions alone. In those of all texts what is found among them lies
 * under all that actions and sites have with the same words.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  for (const type of ['organization', 'convention'])
    for (const [name, column, more] of [
      ['words', 'words', ''],
      ['title', 'title_words', ''],
      ['name', 'name gin_trgm_ops', ' and name is not null'],
    ])
      await sql`create index ${sql.id(`search_text_${name}_${type}`)} on search_text using gin (${sql.raw(`${column}`)})
        with (fastupdate = off) where type = ${sql.lit(type)}${sql.raw(`${more}`)}`.execute(db)
}
