/**
 * Coverage: what active conventions cover of each area, in one statement. It counts by commune, so that nobody is counted
 * twice where perimeters overlap; an EPCI is covered once all its communes are. What only conventions without a known
 * end cover stands apart: an end that is unknown counts as not reached, however long ago it began.
 */
import { sql } from 'kysely'
import type { Caller } from '../auth/caller.ts'
import { isActiveOn } from '../domain/conventions/filters.ts'
import { areaKinds } from '../domain/vocabularies/codes.ts'
import type { ReadContext } from '../engine/read/as-of.ts'
import { byCommune, isCounted } from './perimeters.ts'
import type { Coverage } from './schema.ts'

type AreaKind = Coverage['kind']

interface Figures {
  conventions: number
  epcis: number
  communes: number
  population: number
}

interface Row {
  kind: AreaKind
  code: string
  name: string
  total: Omit<Figures, 'conventions'>
  covered: Figures
  without_end: Figures
}

export interface CoverageQuestion {
  validOn: string
  kinds?: readonly AreaKind[] | undefined
}

/** The coverage of the areas of these kinds, by default all: by kind, and then by code, Cafs by name. */
export async function selectCoverage(
  reading: ReadContext,
  caller: Caller,
  { validOn, kinds = areaKinds }: CoverageQuestion,
): Promise<Coverage[]> {
  const { rows } = await sql<Row>`
    with known as materialized (
      select t.id, t.caf_id, t.territory_keys, t.department_codes, t.to_day is not null as has_end, ${isActiveOn(validOn)} as is_active
      from convention t where ${isCounted(caller, reading)}
    ), active as materialized (select * from known where is_active),
    ${communes}, ${covers}, ${areas}, ${figures}
    select a.kind, a.code, a.name, ${total} as total, ${figuresOf('ended')} as covered, ${figuresOf('open')} as without_end
    from area a left join whole w on w.kind = a.kind and w.area = a.code
      left join inside i on i.kind = a.kind and i.area = a.code left join met m on m.kind = a.kind and m.area = a.code
    where a.kind = any(${kinds})
    order by array_position(${areaKinds}::text[], a.kind), case a.kind when 'caf' then a.name end, a.code`.execute(
    reading.db,
  )
  return rows.map((row) => toCoverage(row, validOn, reading.asOf))
}

/** Communes of today, and patches: those of one EPCI in one département, which every area but a Caf's is made of. */
const communes = sql`
  commune as materialized (
    select c.code, coalesce(c.population, 0) as population, c.department_codes[1] as department, c.region_codes[1] as region, e.code as epci
    from territory c left join (select code, unnest(member_codes) as member from territory where kind = 'epci') e on e.member = c.code
    where c.kind = 'commune'
  ), patch as materialized (
    select department, region, epci, count(*) as communes, sum(population) as population from commune group by department, region, epci)`

/** What is covered by all conventions (no `caf`) and by those of each Caf; `open`: only by those without a known end. */
const covers = sql`
  cover as materialized (
    select coalesce(caf_id::text, '') as caf, commune, bool_or(has_end) as has_end
    from ${byCommune('active', ['caf_id', 'has_end'])} covered group by grouping sets ((commune), (caf_id, commune))
  ), cover_patch as materialized (
    select v.caf, c.department, c.region, c.epci, count(*) as communes, sum(c.population) as population,
      count(*) filter (where v.has_end) as ended, coalesce(sum(c.population) filter (where v.has_end), 0) as population_ended
    from cover v join commune c on c.code = v.commune group by v.caf, c.department, c.region, c.epci
  ), epci_cover as materialized (
    select v.caf, v.epci, sum(v.communes) = cardinality(e.member_codes) as is_whole, sum(v.ended) = cardinality(e.member_codes) as is_ended
    from cover_patch v join territory e on e.kind = 'epci' and e.code = v.epci group by v.caf, v.epci, e.member_codes)`

/** Areas by name, and the patches in each. Of a Caf those of its départements, and beyond them what it covers. */
const areas = sql`
  caf as materialized (
    select o.id::text as code, o.name, o.department_codes from organization o where o.id in (select caf_id from known)
  ), area (kind, code, name) as materialized (
    select 'country', '', 'France'
    union all select kind, code, name from territory where kind in ('region', 'departement')
    union all select 'caf', code, name from caf
  ), within (kind, area, caf, epci, communes, population) as (
    select o.kind, o.area, '', p.epci, p.communes, p.population from patch p cross join ${outerAreas('p')}
    union all
    select 'caf', caf.code, caf.code, p.epci, p.communes, p.population from caf join patch p on p.department = any(caf.department_codes)
    union all
    select 'caf', v.caf, v.caf, v.epci, v.communes, v.population from cover_patch v join caf on caf.code = v.caf
    where v.department <> all(caf.department_codes)
  ), covered (kind, area, communes, population, ended, population_ended) as (
    select o.kind, o.area, v.communes, v.population, v.ended, v.population_ended
    from cover_patch v cross join ${outerAreas('v')} where v.caf = ''
    union all select 'caf', caf, communes, population, ended, population_ended from cover_patch where caf <> '')`

/** By area: what conventions with a known end cover (`ended`), what only others do (`open`), how many there are. */
const figures = sql`
  whole as (
    select w.kind, w.area, count(w.epci) as epcis, sum(w.communes) as communes, sum(w.population) as population,
      count(*) filter (where e.is_ended) as epcis_ended, count(*) filter (where e.is_whole and not e.is_ended) as epcis_open
    from (select kind, area, caf, epci, sum(communes) as communes, sum(population) as population
        from within group by kind, area, caf, epci) w
      left join epci_cover e on e.caf = w.caf and e.epci = w.epci
    group by w.kind, w.area
  ), inside as (
    select kind, area, sum(ended) as communes_ended, sum(population_ended) as population_ended,
      sum(communes - ended) as communes_open, sum(population - population_ended) as population_open
    from covered group by kind, area
  ), meeting (kind, area, id, has_end) as (
    select 'country', '', id, has_end from active
    union all select 'caf', caf_id::text, id, has_end from active
    union all select 'departement', unnest(department_codes), id, has_end from active
    union all (
      select distinct 'region', unnest(d.region_codes), a.id, a.has_end from active a
        join territory d on d.kind = 'departement' and d.code = any(a.department_codes))
  ), met as (
    select kind, area, count(*) filter (where has_end) as conventions_ended, count(*) filter (where not has_end) as conventions_open
    from meeting group by kind, area)`

/** The areas `o` that a patch lies in whole, whoever covers it. */
function outerAreas(patch: string) {
  const [department, region] = [sql.ref(`${patch}.department`), sql.ref(`${patch}.region`)]
  return sql`lateral (
    values ('country', ''), ('departement', ${department}), ('region', ${region})) o (kind, area)`
}

/** An object of columns, by their names in it; what there is none of counts as 0. */
const objectOf = (columns: Readonly<Record<string, string>>) =>
  sql`json_build_object(${sql.join(Object.entries(columns).map(([name, column]) => sql`${sql.lit(name)}, coalesce(${sql.ref(column)}, 0)`))})`

const total = objectOf({ epcis: 'w.epcis', communes: 'w.communes', population: 'w.population' })

const figuresOf = (by: 'ended' | 'open') =>
  objectOf({
    conventions: `m.conventions_${by}`,
    epcis: `w.epcis_${by}`,
    communes: `i.communes_${by}`,
    population: `i.population_${by}`,
  })

function toCoverage({ kind, code, name, total, covered, without_end }: Row, validOn: string, asOf?: string): Coverage {
  const withShare = (figures: Figures) => ({ ...figures, share: shareOf(figures.population, total.population) })
  return {
    kind,
    code: kind === 'departement' || kind === 'region' ? code : null,
    cafId: kind === 'caf' ? code : null,
    name,
    validOn,
    asOf: asOf ?? null,
    total,
    covered: withShare(covered),
    withoutEnd: withShare(without_end),
  }
}

const shareOf = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000)
