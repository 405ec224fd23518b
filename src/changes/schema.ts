/** Change feed schemas: a change, a page of changes, and the filters that feed, stream and snapshot share. */
import { type Static, Type } from 'typebox'
import { limits } from '../config.ts'
import { resources } from '../domain/resources.ts'
import { changeOperations } from '../domain/vocabularies/codes.ts'
import type { Resource } from '../engine/declaration/resource.ts'
import { departmentCode } from '../engine/declaration/territories.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { type ResourceType, resourceTypes } from '../engine/resource-types.ts'
import { sourceForm, sourceName, version } from '../engine/schema.ts'
import { nameOf } from '../engine/words.ts'
import {
  boolean,
  code,
  constant,
  extended,
  id,
  instant,
  integer,
  type Keywords,
  LABEL_MAX,
  list,
  nullable,
  oneOf,
  pattern,
  ref,
  responseSchema,
  text,
} from '../http/schema/schemas.ts'

export const CHANGES_MAX = 1_000
const CHANGES_BY_DEFAULT = 100
export const WAIT_SECONDS_MAX = 30
const POSITION_MAX = Number.MAX_SAFE_INTEGER

/** That of the database's integers. */
const FORM_MAX = 2 ** 31 - 1
const EXAMPLE_CURSOR = 'WzIsMCwiZmE0MjUxZjUwYTljMTEyMiIsIkFiQ2RFZkdoIl0'
const EXAMPLE_CHAIN = 'fa4251f50a9c1122fa4251f50a9c1122fa4251f50a9c1122fa4251f50a9c1122'

const body = Type.Unsafe<unknown>({
  anyOf: Object.values(resources).map(({ Answer }: Resource) => ref(Answer)),
  description: 'The resource as GET answered it at that version; left out of a minimal snapshot (French: contenu).',
})

const chain = text(
  64,
  'The chain at that position, a sha256 over all transactions up to it in hexadecimal: copies with the same history have the same one (French: chaîne).',
  EXAMPLE_CHAIN,
)
const place = (description: string) => integer(0, POSITION_MAX, description, 2)
const position = place('The position that it stands at (French: position).')

const ChangeHead = responseSchema('ChangeHead', 'What changes of all types have (French: en-tête d’un changement).', {
  id: text(LABEL_MAX, 'Of the change itself: unique and stable (French: identifiant du changement).', '2-28'),
  resourceId: id('The resource (French: identifiant de la ressource).', exampleIds.convention),
  version: version(),
  position: place(
    'The place of its transaction in the journal, later than that of all before it; not every position has changes for you (French: position).',
  ),
  last: boolean(
    'Whether it is the last of its transaction that you get: after it a copy equals the registry at that position, but for what is hidden from you now (French: dernier de la transaction).',
    true,
  ),
  operation: code(
    changeOperations,
    'What to do with a copy: store `data`, or remove what was deleted or has left your filter or your sight. What has left may come back as an `upsert` of the same version (French: opération).',
    'upsert',
  ),
  conventionId: nullable(id('The convention that it is, or belongs to (French: convention).', exampleIds.convention)),
  source: nullable(sourceName('The source that wrote it (French: source).')),
  actor: nullable(
    text(
      LABEL_MAX,
      'The key that wrote it, for administrators and the Caf of the convention (French: auteur).',
      'bootstrap',
    ),
  ),
  at: instant('When the world could see it, in microseconds (French: date).', '2026-01-01T00:00:00.000000Z'),
})

function changeOf(type: ResourceType) {
  const { Answer }: Resource = resources[type]
  return extended(
    `${(Answer as Keywords).$id}Change`,
    `What happened to one ${nameOf(type)} in one transaction (French: changement).`,
    ChangeHead,
    {
      type: constant(type, 'Type of the resource (French: type de ressource).'),
      data: Type.Unsafe<unknown>({
        ...nullable(ref(Answer)),
        description:
          'The resource as GET answered it at that version; null where a change is no `upsert` (French: contenu).',
      }),
    },
  )
}

export const Change = oneOf(
  'Change',
  'What happened to one resource in one transaction, by the type of the resource. More types may come: skip those that you do not know, or follow by `types` those that you do (French: changement).',
  'type',
  Object.fromEntries(resourceTypes.map((type) => [type, changeOf(type)])),
)
export type Change = Static<typeof Change>

const form = integer(
  1,
  FORM_MAX,
  'The form of bodies: it grows when they get another field, without a new version of any; a copy of another form takes a new snapshot (French: forme).',
  1,
)

export const ChangePage = responseSchema(
  'ChangePage',
  'Changes after a cursor, and where to go on (French: page de changements).',
  {
    data: list(
      ref(Change),
      CHANGES_MAX,
      'The changes, in the order in which the world saw them (French: changements).',
    ),
    next: text(
      limits.cursorCharacters,
      'The `since` of the next request; it moves on when `data` is empty too (French: curseur suivant).',
      EXAMPLE_CURSOR,
    ),
    position: place('Up to where everything has been read (French: position).'),
    chain,
    complete: boolean('Whether everything has been read for now (French: complet).', true),
    form,
    expiresAt: nullable(
      instant(
        'The journal keeps what comes after `next` at least until then, always a full hour in UTC; null: for ever (French: expiration).',
        '2027-01-01T00:00:00.000Z',
      ),
    ),
  },
)
export type ChangePage = Static<typeof ChangePage>

/** Organizations name the bodies of everything else: a copy without them would be full of holes. */
const SHARED = 'Organizations, which all share, always pass.'

/** What a reader follows; a cursor is bound to it. */
const changeFilter = {
  types: Type.Optional(
    Type.Unsafe<string[]>({
      type: 'array',
      items: code(resourceTypes, 'A type of resource (French: type de ressource).', 'convention'),
      minItems: 1,
      maxItems: resourceTypes.length,
      uniqueItems: true,
      description: 'Only these types, separated by commas (French: types de ressource).',
    }),
  ),
  conventionId: Type.Optional(
    id(`Only what belongs to this convention. ${SHARED} (French: convention)`, exampleIds.convention),
  ),
  cafId: Type.Optional(
    id(
      `Only conventions of this Caf, what is under them and their sites. ${SHARED} (French: Caf pilote)`,
      exampleIds.caf,
    ),
  ),
  departmentCode: Type.Optional(
    departmentCode(
      `Only conventions of this département, what is under them and their sites, and sites that are or stop there. ${SHARED} (French: département)`,
      '61',
    ),
  ),
  source: Type.Optional(sourceName(`Only what this source holds, whoever changed it. ${SHARED} (French: source)`)),
  excludeSource: Type.Optional(
    pattern(
      sourceForm,
      'Leaves out what the writes of this source did, organizations too, and what they showed or hid: for a copy that stores the answers to its own writes, and equals the registry with them only (French: source à exclure).',
      'si-de-la-caf',
    ),
  ),
}

const since = Type.Optional(
  text(
    limits.cursorCharacters,
    'Where to go on: `next` of the answer before; `beginning` for all there ever was; left out: now (French: curseur).',
    'beginning',
  ),
)

export const ChangeQuery = Type.Object({
  since,
  limit: Type.Optional(
    integer(
      1,
      CHANGES_MAX,
      `How many to answer at most; ${CHANGES_BY_DEFAULT} when left out (French: limite).`,
      CHANGES_BY_DEFAULT,
    ),
  ),
  wait: Type.Optional(
    integer(
      0,
      WAIT_SECONDS_MAX,
      'Seconds to wait for a change when there is none yet; without `since` the answer comes at once and says where now is (French: attente en secondes).',
      0,
    ),
  ),
  ...changeFilter,
})
export type ChangeQuery = Static<typeof ChangeQuery>

export const StreamQuery = Type.Object({ since, ...changeFilter })
export const defaultLimit = CHANGES_BY_DEFAULT

export const SnapshotQuery = Type.Object({
  minimal: Type.Optional(boolean('Whether to leave out the bodies (French: sans contenu).', true)),
  ...changeFilter,
  excludeSource: Type.Optional(
    sourceName(
      'Leaves nothing out here: it is kept in `next`, and the changes after it leave out what this source writes itself (French: source à exclure).',
    ),
  ),
})
export type SnapshotQuery = Static<typeof SnapshotQuery>

const next = text(
  limits.cursorCharacters,
  'The `since` with which the changes after it begin (French: curseur).',
  EXAMPLE_CURSOR,
)
const at = nullable(instant('When the world could see that position (French: date).', '2026-01-01T00:00:00.000000Z'))

/** A line of a snapshot: the first one, one for each resource, the last one. */
export const SnapshotLine = responseSchema(
  'SnapshotLine',
  'A line of a snapshot: first `next`, `position`, `form`, `at` and `licence`, then a resource a line, last `complete` and `count` (French: ligne d’instantané).',
  {
    next: Type.Optional(next),
    position: Type.Optional(position),
    form: Type.Optional(form),
    at: Type.Optional(at),
    licence: Type.Optional(text(64, 'The licence of the data: its SPDX identifier (French: licence).', 'etalab-2.0')),
    type: Type.Optional(code(resourceTypes, 'Type of the resource (French: type de ressource).', 'convention')),
    id: Type.Optional(id('The resource (French: identifiant).', exampleIds.convention)),
    version: Type.Optional(version()),
    data: Type.Optional(body),
    complete: Type.Optional(boolean('On the last line: nothing is missing (French: complet).', true)),
    count: Type.Optional(
      integer(0, POSITION_MAX, 'On the last line: how many resources there are (French: nombre).', 27),
    ),
  },
)

const TypeDigest = responseSchema(
  'TypeDigest',
  'The digest of all resources of a type (French: empreinte d’un type).',
  {
    count: integer(0, POSITION_MAX, 'How many there are (French: nombre).', 2),
    hash: text(
      64,
      'Sum of the hashes of the resources: 64 hexadecimal digits, zeros where there are none (French: empreinte).',
      EXAMPLE_CHAIN,
    ),
  },
)

const typeDigests = Type.Object(
  Object.fromEntries(resourceTypes.map((type) => [type, Type.Optional(ref(TypeDigest))])),
  {
    description: 'By type; only those asked for (French: par type).',
    examples: [{ convention: { count: 2, hash: EXAMPLE_CHAIN } }],
  },
)

export const Digest = responseSchema('Digest', 'What a copy is compared with (French: empreinte).', {
  position,
  form,
  at,
  next,
  types: typeDigests,
})

const { excludeSource: _written, ...digestFilter } = changeFilter
export const DigestQuery = Type.Object(digestFilter)
export type DigestQuery = Static<typeof DigestQuery>
