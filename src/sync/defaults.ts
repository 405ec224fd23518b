/** What a document leaves to the registry and another organization tells: the role of a signatory, names of funders. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Entry, Fields } from './items.ts'
import type { OrganizationPlan } from './organizations.ts'

interface Told {
  kind: string
  name: string
}

/** Fills in roles and names of funders; a name that was filled in before stays as it was written then. */
export async function completeEntries(db: Database, entries: Entry[], { bodies }: OrganizationPlan): Promise<void> {
  const incomplete = entries.flatMap(({ type, body, current }) => [
    ...(type === 'signatory' && !body.role ? [{ fields: body, field: 'role' as const, id: body.organizationId }] : []),
    ...unnamedLines(body).map((line) => ({ fields: line, field: 'funderName' as const, id: line.funderId, current })),
  ])
  const asked = incomplete.map(({ id }) => id).filter((id) => typeof id === 'string' && !bodies.has(id)) as string[]
  const others = await selectOrganizations(db, asked)
  for (const { fields, field, id, ...rest } of incomplete) {
    const organization = bodies.get(id as string) ?? others.get(id as string)
    const before = 'current' in rest ? nameBefore(rest.current, id) : undefined
    fields[field] = field === 'role' ? (organization?.kind ?? null) : (before ?? organization?.name ?? null)
  }
}

const linesOf = (body: Fields | undefined) => (body?.funding ?? []) as Fields[]
const unnamedLines = (body: Fields) => linesOf(body).filter((line) => line?.funderId && !line.funderName)
const nameBefore = (current: Fields | undefined, id: unknown) =>
  linesOf(current).find(({ funderId }) => funderId === id)?.funderName

async function selectOrganizations(db: Database, ids: string[]): Promise<Map<string, Told>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<
    Told & { id: string }
  >`select id, kind, name from organization where id = any(${ids}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}
