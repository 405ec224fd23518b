/** The conventions in the database: how a row becomes a body, what the filters of their lists mean. */
import { sql } from 'kysely'
import { touches } from '../../engine/change-set.ts'
import { equal, type FilterOf, heldBy } from '../../engine/read/filters.ts'
import type { Condition } from '../../engine/read/queries.ts'
import { defineResource } from '../../engine/resource.ts'
import { carriesNoDraft, conventionRules, departmentsOfPerimeter } from './rules.ts'
import { Convention, type ConventionFilter, conventionBody } from './schema.ts'

export const conventions = defineResource({
  type: 'convention',
  table: 'convention',
  path: '/v1/conventions',
  visibility: 'own',
  schema: Convention,
  writable: conventionBody,
  defaults: { state: 'draft' },
  rules: conventionRules,
  checks: [carriesNoDraft],
  derivedColumns: (change, { departments }) =>
    touches(change, 'territories') ? { department_codes: departmentsOfPerimeter(change, departments) } : {},
})

export function conventionConditions(filter: FilterOf<typeof ConventionFilter>): (Condition | undefined)[] {
  return [
    equal('status', filter.status),
    equal('state', filter.state),
    equal('caf_id', filter.cafId),
    equal('predecessor_id', filter.predecessorId),
    filter.communeCode === undefined ? undefined : meets(keysOfCommune(filter.communeCode)),
    filter.epciCode === undefined ? undefined : meets(keysOfEpci(filter.epciCode)),
    filter.departmentCode === undefined ? undefined : lies(filter.departmentCode),
    filter.activeOn === undefined ? undefined : activeOn(filter.activeOn),
    heldBy('convention', filter.source, filter.sourceKey),
  ]
}

/** The perimeter contains or meets a territory: it names one of these keys. */
const meets = (keys: ReturnType<typeof sql>): Condition => sql<boolean>`t.territory_keys && array(${keys})`

const keysOfCommune = (code: string) => sql`
  values ('commune:' || ${code}::text), ('departement:' || department_of(${code}))
  union all select 'region:' || unnest(c.region_codes) from territory c where c.kind = 'commune' and c.code = ${code}
  union all select 'epci:' || e.code from territory e
    where e.kind = 'epci' and e.department_codes @> array[department_of(${code})] and e.member_codes @> array[${code}::text]`

const keysOfEpci = (code: string) => sql`
  values ('epci:' || ${code}::text)
  union all select 'commune:' || unnest(e.member_codes) from territory e where e.kind = 'epci' and e.code = ${code}
  union all select 'departement:' || unnest(e.department_codes) from territory e where e.kind = 'epci' and e.code = ${code}
  union all select 'region:' || unnest(e.region_codes) from territory e where e.kind = 'epci' and e.code = ${code}`

/** The perimeter, or a part of it, lies in a département. */
const lies = (code: string): Condition => sql<boolean>`t.department_codes @> array[${code}::text]`

/** As `status_on` in the database says it: an unknown start is past, an unknown end not reached. */
const activeOn = (day: string): Condition => sql<boolean>`
  status_on(t.state, t.from_day, t.to_day, t.terminated_day, ${day}::date) = 'active'`
