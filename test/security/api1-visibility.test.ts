/** OWASP API1:2023, object level authorization: who sees what is said twice, as a function and as SQL: both say the same of any caller and any row. */
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { anonymous, type Caller, keyRoles } from '../../src/auth/caller.ts'
import { mayCoordinate, mayManageKey } from '../../src/auth/policy.ts'
import { canSee, canSeeKey, seen, visible, visibleKey } from '../../src/auth/visibility.ts'
import { conjunction } from '../../src/db/expressions.ts'
import type { ApiKey } from '../../src/domain/api-keys/schema.ts'
import { createKey } from '../support/keys.ts'
import { add, column, openTestDatabase } from '../support/rows.ts'

const db = await openTestDatabase(t)
const cafs = [await add(db, 'organization'), await add(db, 'organization'), await add(db, 'organization')]
const conventions: { id: string; isPublic: boolean; cafId: string }[] = []
for (const cafId of cafs)
  for (const state of ['draft', 'signed', 'terminated']) {
    const id = await add(db, 'convention', { caf_id: cafId, state })
    conventions.push({ id, isPublic: state !== 'draft', cafId })
    await add(db, 'action', { convention_id: id })
  }
const keys: ApiKey[] = []
for (const organizationId of [...cafs, null])
  for (const role of keyRoles) {
    if (organizationId === null && role !== 'admin') continue
    keys.push((await createKey(db, role, { role, organizationId })).key)
  }

const holderOf = ({ id, name, role, organizationId }: ApiKey): Caller => ({
  kind: 'key',
  id,
  name,
  role,
  organizationId,
})

const everybody: Caller[] = [anonymous, ...keys.map(holderOf)]
const ids = async (query: ReturnType<typeof sql>) => ((await column(db, query)) as string[]).sort()

t.test('conventions, what is under them and keys are in sight by SQL exactly as by the function', async (t) => {
  for (const one of everybody) {
    const inSight = conventions.filter((convention) => canSee(one, convention)).map(({ id }) => id)
    const own = sql`select t.id from convention t where ${conjunction([visible(one, 'own')])}`
    t.same(await ids(own), inSight.sort(), JSON.stringify(one))
    const under = sql`select t.convention_id from action t where ${conjunction([visible(one, 'convention')])}`
    t.same(await ids(under), inSight)
    t.equal(visible(one, 'always'), undefined)
    const keysInSight = keys.filter((key) => canSeeKey(one, key)).map(({ id }) => id)
    t.same(await ids(sql`select t.id from api_key t where ${conjunction([visibleKey(one)])}`), keysInSight.sort())
  }
})

t.test('what is not known is not public', async (t) => {
  const nullable = fc.option(fc.constantFrom(...cafs))
  const states = fc.option(fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...everybody), states, nullable, async (one, isPublic, cafId) => {
      const condition = seen(one, sql`${isPublic}::boolean`, sql`${cafId}::uuid`)
      const [answer] = await column(db, sql`select ${condition} as seen`)
      return answer === canSee(one, { isPublic: isPublic === true, cafId })
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('whoever may change something sees it, and a higher role may all that a lower one may', async (t) => {
  for (const convention of conventions)
    for (const one of everybody) {
      if (one.kind === 'anonymous') continue
      if (mayCoordinate(one, convention.cafId)) t.ok(canSee(one, convention))
      const higher = { ...one, role: keyRoles[keyRoles.indexOf(one.role) + 1] ?? one.role }
      if (canSee(one, convention)) t.ok(canSee(higher, convention))
      if (mayCoordinate(one, convention.cafId)) t.ok(mayCoordinate(higher, convention.cafId))
      for (const key of keys) {
        if (mayManageKey(one, key)) t.ok(canSeeKey(one, key) && mayManageKey(higher, key))
        if (canSeeKey(one, key)) t.ok(canSeeKey(higher, key))
      }
    }
})
