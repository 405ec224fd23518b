/** Conditions of lists: what the filters of a request mean for a row `t`. */
import { type Condition, rows } from '../../../db/expressions.ts'
import { type FieldError, invalidParameters } from '../../../http/errors/problems.ts'
import type { FilterContext, Filters } from '../../declaration/filters.ts'
import type { Resource } from '../../declaration/resource.ts'
import type { ResourceTable, ResourceType } from '../../resource-types.ts'

/** The values of the filters of a list, by their names; what is not asked for is missing. */
export type FilterValues = Readonly<Record<string, unknown>> & {
  conventionId?: string[]
  ids?: string[]
  sort?: string
  q?: string
  source?: string
  sourceKey?: string
}

/** The conditions of all filters of a request; a 400 with all values that only the database knows to be wrong. */
export async function conditionsOf(
  resource: Resource,
  values: FilterValues,
  context: Omit<FilterContext, 'refuse'>,
): Promise<Condition[]> {
  const conditions = await filterConditions(resource.filters, values, context)
  const { source, sourceKey } = values
  if (source === undefined) return conditions
  return [...conditions, (resource.syncedBy ?? syncedBy(resource.type))(source, sourceKey)]
}

/** The conditions of these filters; a 400 as above. */
export async function filterConditions(
  filters: Filters,
  values: FilterValues,
  context: Omit<FilterContext, 'refuse'>,
): Promise<Condition[]> {
  const errors: FieldError[] = []
  const conditions = await Promise.all(
    usedFilters(filters, values).map(([parameter, { condition }]) => {
      const refuse: FilterContext['refuse'] = (code, message) => errors.push({ parameter, code, message })
      return condition(values[parameter] as never, { ...context, refuse })
    }),
  )
  if (errors.length > 0) throw invalidParameters(errors)
  return conditions
}

/** The types that a filtered list depends on beside its own; null when it changes with the clock too. */
export function dependenciesOf(resource: Resource, values: FilterValues): ResourceType[] | null {
  const used = usedFilters(resource.filters, values).map(([, filter]) => filter)
  return used.some(({ followsClock }) => followsClock) ? null : used.flatMap(({ dependsOn = [] }) => dependsOn)
}

const row = rows<{ t: ResourceTable }>()

const usedFilters = (filters: Filters, values: FilterValues) =>
  Object.entries(filters).filter(([name]) => values[name] !== undefined)

/** Held by a source, under a key when one is given. */
const syncedBy =
  (type: ResourceType) =>
  (source: string, key: string | undefined): Condition => {
    const ids = row
      .selectFrom('source_key as k')
      .select('k.id')
      .where('k.type', '=', type)
      .where('k.source', '=', source)
    return row('t.id', 'in', key === undefined ? ids : ids.where('k.key', '=', key))
  }

/** Throws a 400 for filters that cannot stand together. */
export function refuseWrongTogether(query: FilterValues): void {
  refuseKeyWithoutSource(query)
  refuseBesideText(query)
}

/** What is found by `q` is of the present, and has its own order. */
function refuseBesideText(query: FilterValues): void {
  if (query.q === undefined) return
  const others = ['asOf', 'sort', 'near'].filter((name) => query[name] !== undefined)
  if (others.length === 0) return
  throw invalidParameters(
    others.map((parameter) => ({
      parameter,
      code: 'not-together',
      message: `${parameter} cannot be combined with q.`,
    })),
  )
}
function refuseKeyWithoutSource({ source, sourceKey }: FilterValues): void {
  if (sourceKey === undefined || source !== undefined) return
  const message = 'sourceKey counts within a source: give source too.'
  throw invalidParameters([{ parameter: 'source', code: 'required', message }])
}
