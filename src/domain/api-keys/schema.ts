/** API key schemas: owner, role and expiry. One response alone has the secret. */
import { type Static, Type } from 'typebox'
import { keyRoles } from '../../auth/caller.ts'
import { limits } from '../../config.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { derived, version } from '../../engine/schema.ts'
import { form } from '../../http/schema/formats.ts'
import {
  code,
  id,
  instant,
  integer,
  LABEL_MAX,
  nullable,
  pattern,
  requestSchema,
  responseSchema,
  text,
  title,
} from '../../http/schema/schemas.ts'

const EXAMPLE_INSTANT = '2026-01-01T00:00:00.000Z'
const EXAMPLE_SECRET = `ctg_${'Q'.repeat(43)}`

const organizationId = nullable(
  id('Organization whose key it is; null of administrators only (French: organisme).', exampleIds.caf),
)
const role = code(keyRoles, 'What it may do, a code of `key-roles` (French: rôle).', 'editor')
const name = title('What the key is for (French: nom de la clé).', "Système d'information de la Caf de l'Orne")
const expiresAt = nullable(
  instant('Instant from which it is refused; null: none (French: date d’expiration).', '2027-01-01T00:00:00.000Z'),
)

const fields = {
  id: id('Identifier of the key, not the key itself (French: identifiant).', exampleIds.key),
  version: version(),
  organizationId,
  role,
  name,
  prefix: text(
    LABEL_MAX,
    'The first characters of the secret, by which people tell keys apart (French: préfixe).',
    'ctg_QQQQQQQQ',
  ),
  expiresAt,
  formerUntil: nullable(
    instant(
      'Until when the secret before the last rotation works as well (French: fin de validité de l’ancienne clé).',
      EXAMPLE_INSTANT,
    ),
  ),
  revokedAt: nullable(instant('Since when it is revoked (French: date de révocation).', EXAMPLE_INSTANT)),
  lastUsedAt: nullable(
    instant('Its last use, to about a minute; makes no version (French: dernière utilisation).', EXAMPLE_INSTANT),
  ),
  createdAt: instant('Instant of the first version (French: date de création).', EXAMPLE_INSTANT),
  updatedAt: instant('Instant of this version (French: date de modification).', EXAMPLE_INSTANT),
}

export const ApiKey = responseSchema('ApiKey', 'An API key without its secret (French: clé d’API).', fields)
export type ApiKey = Static<typeof ApiKey>

export const NewApiKey = responseSchema('NewApiKey', 'An API key with its new secret (French: nouvelle clé d’API).', {
  ...fields,
  key: nullable(
    pattern(
      form('^ctg_[A-Za-z0-9_-]{43}$', 'ctg_ and 43 of A-Z, a-z, 0-9, _ and -'),
      'The secret, shown this once; null when the answer is given again (French: clé secrète).',
      EXAMPLE_SECRET,
    ),
  ),
})
export type NewApiKey = Static<typeof NewApiKey>

const written = { organizationId: Type.Optional(organizationId), role, name, expiresAt: Type.Optional(expiresAt) }

export const ApiKeyInput = requestSchema(
  'ApiKeyInput',
  'A key to make; only that of an administrator is of no organization (French: clé à créer).',
  written,
  derived(NewApiKey, written),
)
export type ApiKeyInput = Static<typeof ApiKeyInput>

const rotation = {
  overlapSeconds: Type.Optional(
    integer(
      0,
      limits.keyOverlapSecondsMax,
      `How long the former secret still works, in seconds; ${limits.keyOverlapSeconds} when left out (French: durée de recouvrement).`,
      limits.keyOverlapSeconds,
    ),
  ),
}

export const ApiKeyRotation = requestSchema(
  'ApiKeyRotation',
  'How to give a key a new secret (French: renouvellement).',
  rotation,
  derived(NewApiKey, rotation),
)
export type ApiKeyRotation = Static<typeof ApiKeyRotation>
