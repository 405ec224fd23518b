/**
 * Recount: the figures of coverage and renewals worked out in memory from the bodies of the journal and the table of
 * territories, as plainly as their definition reads. It shares no code with the statement that it checks.
 */
import { sql } from 'kysely'
import type { Caller } from '../../src/auth/caller.ts'
import { canSee } from '../../src/auth/visibility.ts'
import type { Database } from '../../src/db/database.ts'

interface Territory {
  kind: string
  code: string
  name: string
  population: number | null
  department_codes: string[]
  region_codes: string[]
  member_codes: string[]
  former_codes: string[]
}

interface Body {
  state: string
  starts_on: string | null
  signed_on: string | null
  terminated_on: string | null
  period: { from: string | null; to: string | null }
  caf_id: string
  territories: { kind: string; code: string }[]
  successor_ids: string[]
}

/** A version of a convention, in the order of positions. */
interface Version {
  id: string
  at: string
  isEnd: boolean
  body: Body
}

interface Caf {
  id: string
  name: string
  department_codes: string[]
}

export interface Records {
  territories: Territory[]
  versions: Version[]
  cafs: Caf[]
}

/** All that figures follow from. */
export async function readRecords(db: Database): Promise<Records> {
  const { rows: territories } = await sql<Territory>`select * from territory order by kind, code`.execute(db)
  const { rows: versions } = await sql<Version>`
    select h.id, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, h.operation = 'deleted' as "isEnd", h.body
    from change h join commit c using (tx)
    where h.type = 'convention' and h.operation in ('created', 'updated', 'deleted') order by c.position`.execute(db)
  const { rows: cafs } = await sql<Caf>`select id, name, department_codes from organization where kind = 'caf'`.execute(
    db,
  )
  return { territories, versions, cafs }
}

const firstDay = (date: string) => `${date}-01-01`.slice(0, 10)
const lastDay = (date: string) => {
  const [year = '', month = '12', day] = date.split('-')
  return day ? date : new Date(Date.UTC(Number(year), Number(month), 0)).toISOString().slice(0, 10)
}

function isActive({ state, starts_on, signed_on, terminated_on, period }: Body, day: string): boolean {
  const start = starts_on ?? signed_on
  if (state === 'terminated' && (terminated_on === null || day > lastDay(terminated_on))) return false
  return !(start !== null && day < firstDay(start)) && !(period.to !== null && day > period.to)
}

/** What stood at an instant and may be counted for a caller: no drafts, and nothing that is hidden from them today. */
function countedAt({ versions }: Records, caller: Caller, at?: string): Body[] {
  const then = new Map<string, Version>()
  const today = new Map<string, Version>()
  for (const version of versions) {
    if (at === undefined || version.at <= at) then.set(version.id, version)
    today.set(version.id, version)
  }
  return [...then.values()].flatMap(({ id, isEnd, body }) => {
    const { state, caf_id: cafId } = (today.get(id) as Version).body
    const isSeen = at === undefined || canSee(caller, { isPublic: state !== 'draft', cafId })
    return !isEnd && body.state !== 'draft' && isSeen ? [body] : []
  })
}

function communesOf({ territories }: Records, { kind, code }: { kind: string; code: string }): Territory[] {
  const communes = territories.filter((one) => one.kind === 'commune')
  if (kind !== 'commune') {
    const members = territories.find((one) => one.kind === kind && one.code === code)?.member_codes ?? []
    return communes.filter((one) => members.includes(one.code))
  }
  const today = communes.filter((one) => one.code === code)
  return today.length > 0 ? today : communes.filter((one) => one.former_codes.includes(code))
}

/** The communes of perimeters, each once. */
const perimeterOf = (records: Records, bodies: Body[], known: Map<string, Territory[]>): Set<Territory> =>
  new Set(
    bodies.flatMap(({ territories }) =>
      territories.flatMap((one) => {
        const key = `${one.kind}:${one.code}`
        const found = known.get(key) ?? communesOf(records, one)
        known.set(key, found)
        return found
      }),
    ),
  )

const codesOf = (territories: Iterable<Territory>) => new Set([...territories].map(({ code }) => code))

const peopleIn = (communes: Iterable<Territory>) =>
  [...communes].reduce((sum, { population }) => sum + (population ?? 0), 0)

/** Recounts figures of these records. */
export function recounter(records: Records) {
  const known = new Map<string, Territory[]>()
  const ofKind = (kind: string) => records.territories.filter((one) => one.kind === kind)
  const communes = ofKind('commune')
  const epcis = ofKind('epci').map(({ member_codes: members }) => members)
  const perimeter = (bodies: Body[]) => perimeterOf(records, bodies, known)
  const byKey = new Map(records.territories.map((one) => [`${one.kind}:${one.code}`, one]))
  const departmentsOf = ({ territories }: Body) =>
    territories.flatMap(({ kind, code }) => byKey.get(`${kind}:${code}`)?.department_codes ?? [])

  /** What conventions cover of an area that has these communes, and which of them meet it. */
  function figuresOf(area: Set<Territory>, bodies: Body[], meets: (body: Body) => boolean) {
    const codes = codesOf(area)
    const around = epcis.filter((members) => members.some((code) => codes.has(code)))
    const population = peopleIn(area)
    const [ending, open] = [true, false].map((has) => bodies.filter(({ period }) => (period.to !== null) === has))
    const ended = perimeter(ending as Body[])
    const part = (covered: Set<Territory>, before: Set<Territory>, conventions: Body[]) => {
      const inside = [...covered].filter((one) => codes.has(one.code) && !before.has(one))
      const [own, earlier] = [codesOf(covered), codesOf(before)]
      const isWhole = (members: string[], of: Set<string>) => members.every((code) => of.has(code))
      const people = peopleIn(inside)
      return {
        conventions: conventions.filter(meets).length,
        epcis: around.filter((members) => isWhole(members, own) && !isWhole(members, earlier)).length,
        communes: inside.length,
        population: people,
        share: population === 0 ? null : Math.round((people / population) * 10_000) / 10_000,
      }
    }
    return {
      total: { epcis: around.length, communes: area.size, population },
      covered: part(ended, new Set(), ending as Body[]),
      withoutEnd: part(perimeter(bodies), ended, open as Body[]),
    }
  }

  function areasOf(counted: Body[], active: Body[]): [string, unknown][] {
    const inside = (codes: readonly string[]) =>
      communes.filter((one) => one.department_codes.some((code) => codes.includes(code)))
    const meeting = (codes: readonly string[]) => (body: Body) => departmentsOf(body).some((one) => codes.includes(one))
    const outer = [...ofKind('region'), ...ofKind('departement')].map(({ kind, code, department_codes: codes }) => {
      const figures = figuresOf(new Set(inside(codes)), active, meeting(codes))
      return [`${kind} ${code}`, figures] as [string, unknown]
    })
    const cafs = records.cafs
      .filter(({ id }) => counted.some((body) => body.caf_id === id))
      .map(({ id, department_codes: codes }) => {
        const own = active.filter((body) => body.caf_id === id)
        const area = new Set([...inside(codes), ...perimeter(own)])
        return [`caf ${id}`, figuresOf(area, own, () => true)] as [string, unknown]
      })
    return [['country', figuresOf(new Set(communes), active, () => true)], ...outer, ...cafs]
  }

  return {
    /** By kind and code, or id. */
    coverage(caller: Caller, validOn: string, at?: string): Map<string, unknown> {
      const counted = countedAt(records, caller, at)
      const active = counted.filter((body) => isActive(body, validOn))
      return new Map(areasOf(counted, active))
    },
    /** By month; `null` without a known end. */
    renewals(caller: Caller, at?: string): Map<string, unknown> {
      const monthOf = ({ period }: Body) => String(period.to?.slice(0, 7) ?? null)
      const byMonth = Map.groupBy(countedAt(records, caller, at), monthOf)
      return new Map([...byMonth].map(([month, bodies]) => [month, renewalsOf(bodies)]))
    },
  }

  function renewalsOf(bodies: Body[]) {
    const places = perimeter(bodies)
    const renewed = bodies.filter(({ successor_ids: ids }) => ids.length > 0).length
    return { conventions: bodies.length, renewed, communes: places.size, population: peopleIn(places) }
  }
}
