/** Described sites: service sites with what stands elsewhere in the registry, for the models of neighbours. */
import { sql } from 'kysely'
import type { Database } from '../../../db/database.ts'
import { parisDay } from '../../../engine/day.ts'
import type { ModelContext } from '../../../engine/declaration/models.ts'
import { definitionOf } from '../../../engine/declaration/resource.ts'
import { selectAnswers } from '../../../engine/read/stored-answers.ts'
import type { DescribedSite, Manager, Site } from './services.ts'

/** Sites from the texts that GET answers: one query for all managers, one for the names of all communes. */
export async function describe(texts: readonly string[], { db, caller, now }: ModelContext): Promise<DescribedSite[]> {
  const sites = texts.map((text): Site => JSON.parse(text))
  const managerIds = [...new Set(sites.flatMap(({ managerId }) => managerId ?? []))]
  const codes = sites.flatMap((site) => [site, ...site.stops].flatMap(({ communeCode }) => communeCode ?? []))
  const managers = await selectAnswers(db, definitionOf('organization'), caller, managerIds)
  const communes = await selectNames(db, [...new Set(codes)])
  const today = parisDay(now)
  return sites.map((site) => {
    const manager = managers.get(site.managerId ?? '')
    return { site, manager: manager ? (JSON.parse(manager.answer) as Manager) : null, communes, today }
  })
}

/** The names of communes by their codes. */
async function selectNames(db: Database, codes: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('territory')
    .select(['code', 'name'])
    .where('kind', '=', 'commune')
    .where('code', '=', sql<string>`any(${codes}::text[])`)
    .execute()
  return new Map(rows.map(({ code, name }) => [code, name]))
}
