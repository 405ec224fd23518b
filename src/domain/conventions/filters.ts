/** Filters of conventions, as conditions on a row `t`. */
import { type RawBuilder, sql } from 'kysely'
import { type Condition, rows } from '../../db/expressions.ts'

const t = rows<{ t: 'convention' }>()

/** The perimeter contains a commune. */
export const perimeterHasCommune = (code: string): Condition =>
  perimeterIntersects(sql`
  values ('commune:' || ${code}::text), ('departement:' || department_of(${code}))
  union all select 'region:' || unnest(c.region_codes) from territory c where c.kind = 'commune' and c.code = ${code}
  union all select 'epci:' || e.code from territory e
    where e.kind = 'epci' and e.department_codes @> array[department_of(${code})] and e.member_codes @> array[${code}::text]`)

/** The perimeter contains or meets an EPCI. */
export const perimeterMeetsEpci = (code: string): Condition =>
  perimeterIntersects(sql`
  values ('epci:' || ${code}::text)
  union all select 'commune:' || unnest(e.member_codes) from territory e where e.kind = 'epci' and e.code = ${code}
  union all select 'departement:' || unnest(e.department_codes) from territory e where e.kind = 'epci' and e.code = ${code}
  union all select 'region:' || unnest(e.region_codes) from territory e where e.kind = 'epci' and e.code = ${code}`)

/** The perimeter names one of these keys. */
const perimeterIntersects = (keys: RawBuilder<unknown>): Condition =>
  sql<boolean>`${t.ref('t.territory_keys')} && array(${keys})`

/** The perimeter, or a part of it, lies in a département. */
export const inDepartment = (code: string): Condition =>
  sql<boolean>`${t.ref('t.department_codes')} @> array[${code}::text]`

const statusColumns = [t.ref('t.state'), t.ref('t.from_day'), t.ref('t.to_day'), t.ref('t.terminated_day')]

/** As `status_on` in the database says it: an unknown start is past, an unknown end not reached. */
export const activeOn = (day: string): Condition => sql<boolean>`
  status_on(${sql.join(statusColumns)}, ${day}::date) = 'active'`
