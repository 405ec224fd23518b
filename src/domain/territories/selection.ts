/** Selection of territories: the filters and the orders of their list. */
import { sql } from 'kysely'
import { type Condition, rows } from '../../db/expressions.ts'
import { among, type Filters, severalOf } from '../../engine/declaration/filters.ts'
import { byNumber, type SortKeys } from '../../engine/declaration/orders.ts'
import { keyPattern, territoryKinds } from '../../engine/declaration/territories.ts'
import { code, TITLE_MAX, text } from '../../http/schema/schemas.ts'
import { byTerritory } from './filters.ts'
import { labelWords } from './labels.ts'
import { nameKey, prefixRange } from './names.ts'

const IDS_MAX = 100

export const filters: Filters = {
  name: {
    schema: text(
      TITLE_MAX,
      'Only names that begin so, with their article or without it, and without regard to accents, case, punctuation, and St for Saint (French: nom).',
      'rai',
    ),
    condition: named,
  },
  kind: {
    schema: severalOf(code(territoryKinds, 'Only this kind of territory (French: type de territoire).', 'commune')),
    condition: (kinds: string[]) => among('kind', kinds),
  },
  ...byTerritory({
    words: 'that are, contain or lie in',
    near: ({ keys }) => sql<boolean>`(t.kind, t.code) in (
      select split_part(key, ':', 1), split_part(key, ':', 2) from unnest(${keys}::text[]) key)`,
    inDepartments: (codes) => sql<boolean>`t.department_codes && ${codes}`,
  }),
  ids: {
    schema: severalOf(
      keyPattern('Only these, by kind and code, in this order; unknown ones are left out (French: territoires).'),
      IDS_MAX,
    ),
    condition: (ids: string[]) => sql<boolean>`(t.kind, t.code) in (
      select split_part(id, ':', 1), split_part(id, ':', 2) from unnest(${ids}::text[]) id)`,
  },
}

export const sortKeys: SortKeys = {
  name: { key: sql`t.name_key`, type: 'text' },
  population: byNumber('population'),
}

/** The place of a territory in `ids`. */
export const placeIn = (ids: readonly string[]) => ({
  key: sql`array_position(${ids}::text[], t.kind || ':' || t.code)`,
  type: 'integer' as const,
})

const row = rows<{ t: 'territory' }>()

/** The name begins so as it is written, or without its article. */
function named(prefix: string): Condition {
  const key = nameKey(prefix)
  // Nothing is called by punctuation alone, while every key begins with an empty one.
  if (key === '') return row.lit(false)
  const written = prefixRange(key)
  const label = prefixRange(labelWords(prefix))
  const labelled = row
    .selectFrom('territory_label as l')
    .select(['l.kind', 'l.code'])
    .where('l.key', '>=', label.from)
    .where('l.key', '<', label.before)
    .where('l.is_former', '=', false)
  return row.or([
    row.and([row('t.name_key', '>=', written.from), row('t.name_key', '<', written.before)]),
    row(row.refTuple('t.kind', 't.code'), 'in', labelled.$asTuple('kind', 'code')),
  ])
}
