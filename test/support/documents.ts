/**
 * Convention documents for tests: a small valid one with named places of the Pays de L'Aigle, the paths of sync, and
 * what the database holds before and after. A test says only what it is about.
 */
import { sql } from 'kysely'
import { resources } from '../../src/domain/resources.ts'
import { ADMIN_KEY } from './config.ts'
import type { Answer, Registry, RequestOptions } from './registry.ts'

export const SOURCE = 'caf-61'

export type Fields = Record<string, unknown>

export const CAF = {
  key: 'caf',
  kind: 'caf',
  name: "Caisse d'allocations familiales de l'Orne",
  territory: 'departement:61',
}
export const CDC = {
  key: 'cdc',
  kind: 'epci',
  name: "Communauté de communes des Pays de L'Aigle",
  siren: '200068468',
  territory: 'epci:200068468',
}
export const LAIGLE = {
  key: 'l-aigle',
  kind: 'commune',
  name: "L'Aigle",
  siren: '216102145',
  territory: 'commune:61214',
}
export const RAI = { key: 'rai', kind: 'commune', name: 'Rai', siren: '216103424', territory: 'commune:61342' }
export const AUBE = { key: 'aube', kind: 'commune', name: 'Aube', siren: '216100081', territory: 'commune:61008' }

export const THEMES = ['petite-enfance', 'enfance', 'jeunesse', 'parentalite']

/** A signed convention 2022-2026 with the Caf alone, and the changes of a test. */
export const documentOf = (changes: Fields = {}): Fields => ({
  title: "Convention territoriale globale du Pays de L'Aigle",
  state: 'signed',
  startsOn: '2022',
  endsOn: '2026',
  caf: 'caf',
  territories: ['epci:200068468'],
  themes: THEMES,
  organizations: [CAF],
  ...changes,
})

/** A document with something of each type, all of it named by something else. */
export const fullDocument = (changes: Fields = {}): Fields =>
  documentOf({
    organizations: [CAF, CDC, LAIGLE, RAI],
    amendments: [{ key: 'avenant-1', kinds: ['add-signatory'], effectiveOn: '2023-01' }],
    signatories: [
      { key: 'caf', organization: 'caf' },
      { key: 'cdc', organization: 'cdc' },
      { key: 'rai', organization: 'rai', amendment: 'avenant-1' },
    ],
    axes: [
      { key: '1', title: 'Soutenir la parentalité' },
      { key: '1.1', parent: '1', title: 'Ouvrir des lieux' },
      { key: '2', title: "Faciliter l'accès aux droits" },
    ],
    actions: [
      {
        key: 'reseau',
        code: '1',
        title: 'Réseau de parentalité',
        axes: ['1.1', '2'],
        lead: 'cdc',
        partners: ['caf', 'rai'],
      },
      {
        key: 'itinerance',
        code: '2',
        title: 'Services itinérants',
        axes: ['2'],
        serviceSites: ['bus'],
        funding: [{ year: 2023, funder: 'caf', plannedCents: 100_000 }],
      },
    ],
    serviceSites: [
      { key: 'bus', name: 'Bus des familles', types: ['service-itinerant'], manager: 'cdc', itinerant: true },
    ],
    ...changes,
  })

export const documentPath = (key: string, source = SOURCE) =>
  `/v1/sources/${source}/conventions/${encodeURIComponent(key)}`

/** PUT of a document with the key that may do everything. */
export const put = (
  registry: Registry,
  key: string,
  document: unknown,
  options: RequestOptions & {
    source?: string
    dryRun?: boolean
    maxDeletes?: number
    conflicts?: string | undefined
    /** Whether a new key means a convention that is there already: by default it does not; null asks. */
    link?: string | null
  } = {},
) => {
  const { source, dryRun, maxDeletes, conflicts, link = 'none', ...rest } = options
  const query = [
    dryRun ? 'dryRun=true' : [],
    maxDeletes === undefined ? [] : `maxDeletes=${maxDeletes}`,
    conflicts === undefined ? [] : `conflicts=${conflicts}`,
    link === null ? [] : `link=${link}`,
  ]
    .flat()
    .join('&')
  return registry.request('PUT', `${documentPath(key, source)}${query && `?${query}`}`, {
    key: ADMIN_KEY,
    body: document,
    ...rest,
  })
}

/** GET of a path with the key that may see everything. */
export const read = (registry: Registry, path: string, options: RequestOptions = {}) =>
  registry.request('GET', path, { key: ADMIN_KEY, ...options })

export const getDocument = (registry: Registry, key: string, source = SOURCE) =>
  read(registry, documentPath(key, source))

/** The pointers and codes of a problem, sorted: `/actions/0/title required`. */
export const errorsOf = ({ body }: Answer): string[] =>
  (body?.errors ?? []).map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`).sort()

export const warningsOf = ({ body }: Answer): string[] =>
  (body?.warnings ?? []).map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`).sort()

/** Created, updated, deleted, unchanged. */
export const countsOf = ({ body }: Answer) => {
  const { created, updated, deleted, unchanged } = body.report
  return [created, updated, deleted, unchanged]
}

const tables = Object.values(resources).map(({ table }) => table)

/** The version of every resource as `table id version`, and how many transactions the journal holds. */
export async function stateOf({ db }: Registry): Promise<{ versions: string[]; commits: number }> {
  const each = tables.map(
    (table) => sql`select ${table} || ' ' || id || ' ' || version as line from ${sql.table(table)}`,
  )
  const { rows } = await sql<{ line: string }>`${sql.join(each, sql` union all `)} order by line`.execute(db)
  const commits = await sql<{ count: string }>`select count(*) from commit`.execute(db)
  return { versions: rows.map(({ line }) => line), commits: Number(commits.rows[0]?.count) }
}

/** The resources that differ between two states: `table id version` of the later one. */
export const changedBetween = (before: { versions: string[] }, after: { versions: string[] }) =>
  after.versions.filter((line) => !before.versions.includes(line))

/** POST by hand, of what no source holds; the body that was created. */
export async function create(registry: Registry, path: string, body: Fields): Promise<Fields & { id: string }> {
  const answer = await registry.request('POST', path, { key: ADMIN_KEY, body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}
