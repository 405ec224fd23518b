/** The writes of actions: all that they do is in the row. */
import type { Editing } from '../resource/edit.ts'
import { conventionBounds } from '../resource/schema.ts'
import { actions } from './queries.ts'
import { ActionInput, ActionPatch } from './schema.ts'

export const actionEditing: Editing = {
  resource: actions,
  input: ActionInput,
  patch: ActionPatch,
  limit: conventionBounds.actions,
}
