/** The checker that runs after fuzz and concurrency tests finds what is broken behind the back of the service. */
import { sql } from 'kysely'
import t from 'tap'
import { columnOf } from '../../../src/engine/row-mapper.ts'
import { newConvention, newWorld } from '../../support/api.ts'
import { fullDocument, getDocument, put } from '../../support/documents.ts'
import { brokenRules } from '../../support/invariants.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const { api, caf, convention } = await newWorld(registry)
const draft = await newConvention(api, caf.id, { state: 'draft' })
await put(registry, 'whole', fullDocument())
const { body } = await getDocument(registry, 'whole')
const broken = () => brokenRules(registry.db, registry.clock.now())
const idOf = (list: string, i = 0) => body[list][i].id

/** What somebody does with the database, past all triggers and constraints, and what is found then. */
const sabotage: [what: string, statement: ReturnType<typeof sql>, found: RegExp][] = [
  ['a number twice', sql`update axis set number = 1 where id = ${idOf('axes', 2)}`, /axis .*\/number duplicate/],
  ['a tree in a circle', sql`update axis set parent_id = id where id = ${idOf('axes')}`, /axis .*\/parentId cycle/],
  [
    'an organization bound twice',
    sql`update signatory set organization_id = ${idOf('organizations')} where convention_id = ${body.id}`,
    /organizationId bound-twice/,
  ],
  [
    'a lead that is gone',
    sql`update action set lead_id = uuidv7() where id = ${idOf('actions')}`,
    /leadId unknown-reference/,
  ],
  [
    'a site that is not linked',
    sql`delete from convention_site where convention_id = ${body.id}`,
    /serviceSiteIds\/0 unknown-reference/,
  ],
  [
    'a status of yesterday',
    sql`update convention set status = 'upcoming' where id = ${body.id}`,
    /convention .* is derived/,
  ],
  ['an end before its start', sql`update convention set ends_on = '1999' where id = ${body.id}`, /endsOn before-start/],
  [
    'days of another amendment',
    sql`update signatory set bound = '(,)' where id = ${idOf('signatories', 2)}`,
    /signatory .* is bound/,
  ],
  [
    'a source by the key of another one',
    sql`update organization set sources = '[{"source": "caf-61", "key": "caf"}]' where id = ${idOf('organizations', 1)}`,
    /caf-61 caf names several/,
  ],
  [
    'a source that is forgotten',
    sql`update organization set sources = '[]' where id = ${idOf('organizations', 2)}`,
    /caf-61 .* names no organization/,
  ],
  ...(['convention', 'organization'] as const).map((table): (typeof sabotage)[number] => [
    `the département of another ${table}`,
    sql`update ${sql.table(table)} set department_codes = '{75}' where id = ${table === 'convention' ? body.id : idOf('organizations')}`,
    new RegExp(`${table} .* lies elsewhere`),
  ]),
  ...(['predecessorId', 'mergedIntoId'] as const).map((field): (typeof sabotage)[number] => [
    `a circle of ${field}`,
    sql`update convention set ${sql.ref(columnOf(field))} = case id when ${body.id} then ${convention.id}::uuid else ${body.id}::uuid end
      where id in (${body.id}, ${convention.id})`,
    new RegExp(`${field} comes back`),
  ]),
  [
    'a circle of carried actions',
    sql`update action set carried_from_id = case id when ${idOf('actions')} then ${idOf('actions', 1)}::uuid else ${idOf('actions')}::uuid end
      where convention_id = ${body.id}`,
    /carriedFromId comes back/,
  ],
  [
    'a draft that is named by another Caf',
    sql`update convention set state = 'draft', predecessor_id = ${draft.id} where id = ${body.id}`,
    /predecessorId draft/,
  ],
]

t.test('an untouched database is whole', async (t) => {
  await api.create('/conventions', { title: 'C', cafId: caf.id, predecessorId: draft.id })
  t.same(await broken(), [])
})

t.test('each rule that is broken is found', async (t) => {
  const { db } = registry
  await sql`alter table signatory drop constraint signatory_bound_once`.execute(db)
  await sql`alter table axis drop constraint axis_number, drop constraint axis_root`.execute(db)
  await sql`alter table convention drop constraint convention_ends_after_start`.execute(db)
  for (const [what, statement, found] of sabotage) {
    const before = new Set(await broken())
    await db.transaction().execute(async (trx) => {
      // Neither foreign keys nor triggers but those of the journal.
      await sql`set local session_replication_role = replica`.execute(trx)
      await statement.execute(trx)
    })
    const lines = (await broken()).filter((line) => !before.has(line))
    t.ok(
      lines.some((line) => found.test(line)),
      `${what}: ${lines.join('; ')}`,
    )
  }
})
