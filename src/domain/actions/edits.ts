/** The writes of actions. Who leads one may follow it up. */
import { sql } from 'kysely'
import { demandReach, reachOfAction, rights } from '../../auth/policy.ts'
import { type Ask, authorizeUnderConvention, bindingFact } from '../../engine/write/authorize.ts'
import type { WriteRules } from '../../engine/write/target.ts'
import { actions } from './queries.ts'
import { ActionInput, ActionPatch } from './schema.ts'

export const actionWrites: WriteRules = {
  resource: actions,
  input: ActionInput,
  patch: ActionPatch,
  rights: { create: rights.underConvention, update: rights.action, delete: rights.underConvention },
  authorize: (ask) => (ask.before && ask.body !== undefined ? authorizeChange(ask) : authorizeUnderConvention(ask)),
  facts: (caller, now) => bindingFact(caller, now, sql`c.id`),
}

function authorizeChange({ caller, before, convention, facts, body }: Ask): void {
  const leadId = (before?.leadId ?? null) as string | null
  const cafId = convention?.cafId as string
  demandReach(reachOfAction(caller, { cafId, leadId, isBinding: facts.is_binding === true }), body)
}
