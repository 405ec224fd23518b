/** The writes of actions: all that they do is in the row. Who leads one may follow it up. */
import { sql } from 'kysely'
import { demandReach, reachOfAction, rights } from '../../auth/policy.ts'
import { isAdmin, organizationOf } from '../../auth/visibility.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { type Ask, allowUnderConvention, selectCaf, selectIsBinding } from '../../engine/write/authorize.ts'
import type { Editing } from '../../engine/write/edit.ts'
import { actions } from './queries.ts'
import { ActionInput, ActionPatch } from './schema.ts'

export const actionEditing: Editing = {
  resource: actions,
  input: ActionInput,
  patch: ActionPatch,
  limit: conventionBounds.actions,
  rights: { create: rights.underConvention, update: rights.action, delete: rights.underConvention },
  allow: (ask) => (ask.before && ask.body !== undefined ? allowChange(ask) : allowUnderConvention(ask)),
}

async function allowChange(ask: Ask): Promise<void> {
  if (isAdmin(ask.caller)) return
  const conventionId = ask.conventionId as string
  const cafId = await selectCaf(ask.db, conventionId)
  const leadId = ask.before?.leadId as string | null
  const isLed = leadId !== null && leadId === organizationOf(ask.caller)
  const isBinding = isLed && (await selectIsBinding(ask, sql`${conventionId}::uuid`))
  demandReach(reachOfAction(ask.caller, { cafId, leadId, isBinding }), ask.body)
}
