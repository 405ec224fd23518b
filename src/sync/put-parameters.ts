/** Parameters of a PUT of a document, alone or as a line of many. */
import { type Static, Type } from 'typebox'
import { form } from '../http/schema/formats.ts'
import { boolean, code, integer, pattern } from '../http/schema/schemas.ts'
import { CHANGES_MAX } from '../http/server/problem-schema.ts'
import { NO_LINK } from './write/duplicates.ts'
import { conflictRules } from './write/reconcile.ts'
import type { PutRequest } from './write/resolve.ts'

export const putParameters = {
  dryRun: Type.Optional(
    boolean('Whether only to answer what would be done: `plan` lists it and nothing is written.', true),
  ),
  conflicts: Type.Optional(
    code(
      conflictRules,
      'Who wins where people changed in the registry what the document changes too: the document (`overwrite`) or the registry (`keep`). Left out, the answer is a 409 that lists all of them (French: règle de conflit).',
      'keep',
    ),
  ),
  link: Type.Optional(
    pattern(
      form(`^(${NO_LINK}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`, 'none, or an id'),
      'What the document means under a new key, where such a convention is there already: the id of one that no source has takes it over, `none` makes another one (French: rattachement). Ignored once the source has the key.',
      NO_LINK,
    ),
  ),
  maxDeletes: Type.Optional(
    integer(
      0,
      CHANGES_MAX,
      'How many objects the document may delete (French: nombre maximal de suppressions). Left out, more than 20 are refused, and so is more than a fifth of what the source holds under the convention from 5 on: a document that lost a part on its way deletes nothing.',
      30,
    ),
  ),
}
const PutParameters = Type.Object(putParameters)
type PutParameters = { [K in keyof Static<typeof PutParameters>]: Static<typeof PutParameters>[K] | undefined }

/** What the parameters ask of a PUT. */
export type PutOptions = Pick<PutRequest, 'dryRun' | 'conflicts' | 'link' | 'maxDeletes'>

export const putOptions = ({ dryRun = false, conflicts, link, maxDeletes }: PutParameters): PutOptions => ({
  dryRun,
  ...(conflicts !== undefined && { conflicts }),
  ...(link !== undefined && { link }),
  ...(maxDeletes !== undefined && { maxDeletes }),
})
