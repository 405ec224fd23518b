/** Schemas of bulk sync: its parameters, and a line of its answer. */
import { type Static, Type } from 'typebox'
import { limits } from '../../config.ts'
import { key } from '../../engine/schema.ts'
import { boolean, code, integer, list, nullable, ref, responseSchema } from '../../http/schema/schemas.ts'
import { CHANGES_MAX, ProblemBody } from '../../http/server/problem-schema.ts'
import { PlannedChange, SyncedObject, SyncReport, WARNINGS_MAX, Warning } from '../document/schema.ts'
import { putParameters } from '../put-parameters.ts'
import { NO_LINK } from '../write/duplicates.ts'

export const SyncQuery = Type.Object({
  ...putParameters,
  link: Type.Optional(
    code(
      [NO_LINK],
      'That what comes under a new key is never a convention which is there already; left out, such a line is a 409 `duplicate-convention` (French: rattachement).',
      NO_LINK,
    ),
  ),
  objects: Type.Optional(boolean('Whether each line of the answer lists the objects of its document.', true)),
  complete: Type.Optional(
    boolean(
      'Whether the lines are all that the source holds: what it no longer sends is deleted after the last one, if every line was read and succeeded.',
      true,
    ),
  ),
})
export type SyncQuery = Static<typeof SyncQuery>

const count = (description: string, example: number) =>
  Type.Optional(integer(0, limits.sync.lines, `On the last line: ${description}`, example))

/** A line of the answer: one for each document, one for each deletion, the last one. */
export const SyncLine = responseSchema(
  'SyncLine',
  'A line of the answer of a bulk sync: for each document `line`, `key`, `status` and what a PUT would answer, or a `problem`; for each convention that is deleted because it was not sent the same without `line`; at the end `complete` and the counts (French: ligne de résultat).',
  {
    line: Type.Optional(integer(1, Number.MAX_SAFE_INTEGER, 'The line of the body, from 1 (French: ligne).', 1)),
    key: Type.Optional(
      nullable(key('The key of the convention; null where it cannot be read (French: clé).', 'pays-de-l-aigle-2022')),
    ),
    status: Type.Optional(
      integer(200, 599, 'The status that a PUT, or a DELETE, of it alone would have (French: statut HTTP).', 200),
    ),
    report: Type.Optional(ref(SyncReport)),
    warnings: Type.Optional(
      list(ref(Warning), WARNINGS_MAX, 'What is unusual in the document (French: avertissements).'),
    ),
    objects: Type.Optional(
      list(ref(SyncedObject), CHANGES_MAX, 'Every object of the document, with `objects=true` (French: objets).'),
    ),
    plan: Type.Optional(
      list(ref(PlannedChange), CHANGES_MAX, 'What would be done, with `dryRun=true` (French: changements prévus).'),
    ),
    problem: Type.Optional(ref(ProblemBody)),
    complete: Type.Optional(
      boolean(
        'On the last line: the whole body was read, and with `complete=true` all is deleted that it does not hold; else `problem` says why not (French: complet).',
        true,
      ),
    ),
    created: count('how many conventions were created (French: créées).', 1),
    updated: count('how many were changed (French: modifiées).', 1),
    unchanged: count('how many stayed as they were (French: inchangées).', 20),
    failed: count('how many lines, or deletions, have a problem (French: en échec).', 0),
    deleted: count('how many conventions were deleted because they were not sent (French: supprimées).', 0),
  },
)
export type SyncLine = Static<typeof SyncLine>
