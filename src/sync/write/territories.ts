/** Perimeter checks: what of a document lies outside of its perimeter, or of the département of its Caf; and what it renews. */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/**
 * Which organizations lie outside a perimeter: neither their commune or EPCI, nor what it is part of, nor any part of
 * it stands there. Other kinds of territory are wider than a perimeter by nature, and it is no longer known what
 * was part of an EPCI that is gone.
 */
export async function selectOutside(
  db: Database,
  organizationIds: string[],
  perimeter: string[],
): Promise<Set<string>> {
  if (organizationIds.length === 0 || perimeter.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    select o.id from organization o left join territory t on t.kind = o.territory ->> 'kind' and t.code = o.territory ->> 'code'
    where o.id = any(${organizationIds}::uuid[]) and o.territory ->> 'kind' in ('commune', 'epci')
      and not o.territory_key = any(${perimeter})
      and not exists (select from unnest(${perimeter}::text[]) p left join territory e on 'epci:' || e.code = p and e.kind = 'epci'
        where starts_with(p, 'epci:') and e.code is null)
      and not exists (select from unnest(o.department_codes) d where 'departement:' || d = any(${perimeter}))
      and not exists (select from unnest(t.member_codes) m where 'commune:' || m = any(${perimeter}))
      and not exists (select from territory e where t.kind = 'commune' and e.kind = 'epci'
        and e.department_codes && t.department_codes and e.member_codes @> array[t.code] and 'epci:' || e.code = any(${perimeter}))`.execute(
    db,
  )
  return new Set(rows.map(({ id }) => id))
}

/** Which territories of a perimeter lie in no département of the Caf; none where its département is not known. */
export async function selectElsewhere(db: Database, cafId: string, perimeter: string[]): Promise<Set<string>> {
  if (perimeter.length === 0) return new Set()
  const { rows } = await sql<{ key: string }>`
    select p.key from unnest(${perimeter}::text[]) p (key)
      join territory t on t.kind = split_part(p.key, ':', 1) and t.code = split_part(p.key, ':', 2)
      join organization o on o.id = ${cafId}
    where cardinality(o.department_codes) > 0 and not o.department_codes && t.department_codes`.execute(db)
  return new Set(rows.map(({ key }) => key))
}

/** The last day of the convention that another one renews; null while it is not known. */
export async function selectEnd(db: Database, predecessorId: string): Promise<string | null> {
  const { rows } = await sql<{ to: string | null }>`
    select period ->> 'to' as to from convention where id = ${predecessorId}`.execute(db)
  return rows[0]?.to ?? null
}
