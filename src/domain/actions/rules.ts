/** Rights of actions: who leads one may follow it up. */
import { type RawBuilder, sql } from 'kysely'
import type { Caller } from '../../auth/caller.ts'
import { assertWritable, writableOfAction } from '../../auth/policy.ts'
import { authorizeUnderConvention, bindingFact, type WriteRequest } from '../../engine/authorize.ts'

/** Throws a 403 unless the caller may do this to an action. */
export function authorizeAction(request: WriteRequest): void {
  const { caller, before, convention, facts, body } = request
  if (!before || body === undefined) authorizeUnderConvention(request)
  else {
    const leadId = (before.leadId ?? null) as string | null
    const cafId = convention?.cafId as string
    assertWritable(writableOfAction(caller, { cafId, leadId, isBinding: facts.is_binding === true }), body)
  }
}

/** Whether the convention of an action binds the caller's organization. */
export const actionFacts = (caller: Caller, now: Date): RawBuilder<unknown> => bindingFact(caller, now, sql`c.id`)
