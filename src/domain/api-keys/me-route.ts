/** Own key: who the caller is, and what the key may do, so that a program can find out before it writes. */
import { bootstrapAdmin, type KeyRole, keyRoles } from '../../auth/caller.ts'
import { isAtLeast, rights } from '../../auth/policy.ts'
import { limits } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { selectOne } from '../../engine/read/queries.ts'
import type { Services } from '../../engine/read/services.ts'
import { described, sourceName } from '../../engine/schema.ts'
import { problem } from '../../http/errors/problems.ts'
import {
  code,
  integer,
  LABEL_MAX,
  list,
  nullable,
  prose,
  ref,
  responseSchema,
  text,
  title,
} from '../../http/schema/schemas.ts'
import { type Api, operationDocs } from '../../http/server/api.ts'
import { organizations } from '../organizations/resource.ts'
import { selectKey } from './queries.ts'
import { ApiKey } from './schema.ts'

const SOURCES_MAX = 1_000
const OPERATIONS_MAX = 1_000

const count = (description: string, example: number) => integer(0, Number.MAX_SAFE_INTEGER, description, example)

const OwnOperation = responseSchema('OwnOperation', 'An operation that a key may call (French: opération permise).', {
  operationId: text(LABEL_MAX, 'Its name in the OpenAPI document (French: opération).', 'putSourceConvention'),
  right: prose('Of what a key may call it (French: droit).', rights.document.words),
})

const OwnLimits = responseSchema('OwnLimits', 'What a key may use (French: limites).', {
  unitsPerMinute: nullable(
    count(
      'Units of the rate limit in a minute; null: no limit. What is left is in `RateLimit` (French: quota).',
      60_000,
    ),
  ),
  writesAtOnce: count('Writes that run at once for its organization; others wait (French: écritures).', 3),
  syncsAtOnce: count('Bulk syncs at once for its organization (French: synchronisations).', 4),
  bodyBytes: count('The largest body, in bytes (French: taille maximale).', 262_144),
  documentBytes: count('The largest document, alone or as a line (French: taille d’un document).', 8_388_608),
  syncLines: count('The most lines of a bulk sync (French: lignes).', 100_000),
})

export const Me = responseSchema('Me', 'The caller, as the registry knows it (French: appelant).', {
  name: title('What the key is for (French: nom de la clé).', "Système d'information de la Caf de l'Orne"),
  role: code(keyRoles, 'What it may do, a code of `key-roles` (French: rôle).', 'editor'),
  key: described(nullable(ref(ApiKey)), 'The key; null if it is that of the operators (French: clé).'),
  organization: described(
    nullable(ref(organizations.Answer)),
    'The organization to which it belongs; null of administrators only (French: organisme).',
  ),
  sources: list(
    sourceName('A source (French: source).'),
    SOURCES_MAX,
    'The sources that belong to its organization, by name; of an administrator those that belong to nobody. Other names may be taken too, as long as nobody has (French: sources).',
  ),
  operations: list(
    ref(OwnOperation),
    OPERATIONS_MAX,
    'What it may call beside the reads that are open to all (French: opérations permises).',
  ),
  limits: ref(OwnLimits),
})

/** GET of the caller. */
export function meRoute(app: Api, { db }: Services): void {
  const schema = {
    ...operationDocs({
      operationId: 'getMe',
      tag: 'Keys',
      summary: 'Get your own key',
      description:
        'Who you are to the registry: your key (null if it is that of the operators), its role and organization, the sources that belong to it, the operations that you may call and what you may use.',
    }),
    response: { 200: { description: 'The caller.', ...ref(Me) } },
  }
  app.get('/me', { schema, config: { right: rights.me } }, async ({ caller }) => {
    if (caller.kind !== 'key') throw problem('unauthorized', 'This operation needs an API key.')
    const { id, name, role, organizationId } = caller
    const key = id === bootstrapAdmin.id ? undefined : await selectKey(db, caller, id)
    const organization =
      organizationId === null ? undefined : await selectOne(db, organizations, caller, organizationId)
    return {
      ...{ name, role, key: key ?? null, organization: organization ?? null },
      sources: await selectOwnSources(db, organizationId),
      operations: app.rightsOfOperations.flatMap(({ operationId, right }) =>
        isAtLeast(caller, right.role as KeyRole) ? { operationId, right: right.words } : [],
      ),
      limits: {
        unitsPerMinute: app.counting.unitsOfKey,
        ...{ writesAtOnce: limits.writeSlots.perCaller, syncsAtOnce: limits.syncs.perCaller },
        ...{ bodyBytes: limits.bodyBytes, documentBytes: limits.documentBytes, syncLines: limits.sync.lines },
      },
    }
  })
}

async function selectOwnSources(db: Database, organizationId: string | null): Promise<string[]> {
  const own = await db
    .selectFrom('source')
    .select('name')
    .where('organization_id', 'is not distinct from', organizationId)
    .orderBy('name')
    .limit(SOURCES_MAX)
    .execute()
  return own.map(({ name }) => name)
}
