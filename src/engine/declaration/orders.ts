/**
 * Orders that readers may ask of a list by `sort`: each is a key of a row `t` that is never null, so that a page goes on
 * by comparing keys; rows with the same key come by id. A row without the value counts as the last one.
 */
import { type RawBuilder, sql } from 'kysely'
import { type TProperties, Type } from 'typebox'
import type { KeyType } from '../../http/output/pagination.ts'
import { code } from '../../http/schema/schemas.ts'

export interface SortKey {
  key: RawBuilder<unknown>
  type: KeyType
}
/** By the names of fields. */
export type SortKeys = Readonly<Record<string, SortKey>>

/** As people read it: accents, case and punctuation make no difference. The indexes have the same expression. */
export const byText = (column: string): SortKey => ({
  key: sql`reading_key(${sql.ref(`t.${column}`)}) collate "C"`,
  type: 'text',
})

/** By an expression that is a day or null. */
export const byDay = (day: RawBuilder<unknown>): SortKey => ({ key: sql`coalesce(${day}, 'infinity')`, type: 'date' })

/** By a whole number or null. */
export const byNumber = (column: string): SortKey => ({
  key: sql`coalesce(${sql.ref(`t.${column}`)}, 2147483647)`,
  type: 'integer',
})

/** The orders of a resource: its own, and by its versions. */
export const sortKeysOf = (own: SortKeys = {}): SortKeys => ({
  ...own,
  createdAt: { key: sql`t.created_at`, type: 'timestamptz' },
  updatedAt: { key: sql`t.updated_at`, type: 'timestamptz' },
})

/** The parameter `sort`. */
export function sortParameter(keys: SortKeys): TProperties {
  const names = Object.keys(keys)
  const [first = ''] = names
  const description =
    'Order of the list: the name of a field, with `-` before it from the last to the first. What lacks the field counts as last (French: ordre).'
  return { sort: Type.Optional(code([...names, ...names.map((name) => `-${name}`)], description, first)) }
}
