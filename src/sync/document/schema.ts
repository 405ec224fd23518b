/**
 * Sync schemas: the convention document, which holds a whole convention with keys in place of ids, and what
 * the registry says of a PUT of it. How a document names what resources hold by id stands in key-mapping.ts too.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { conventions } from '../../domain/conventions/resource.ts'
import { resources } from '../../domain/resources.ts'
import type { Resource } from '../../engine/declaration/resource.ts'
import { exampleIds } from '../../engine/example-ids.ts'
import { resourceTypes } from '../../engine/resource-types.ts'
import { key, sourceName, version } from '../../engine/schema.ts'
import { fieldChanges } from '../../http/schema/field-changes.ts'
import {
  boolean,
  code,
  id,
  instant,
  integer,
  LABEL_MAX,
  list,
  nullable,
  pointer,
  prose,
  ref,
  requestSchema,
  responseSchema,
  text,
} from '../../http/schema/schemas.ts'
import { CHANGES_MAX } from '../../http/server/problem-schema.ts'
import { documentProperties, itemSchemas, readOnlyIn } from './item-schemas.ts'
import { documentLists } from './key-mapping.ts'

/** The most warnings of one answer. */
export const WARNINGS_MAX = 1_000

const listed = Object.entries(documentLists).map(([name, type]): [string, Resource] => [name, resources[type]])

/** The most objects of each list of a document. */
export const documentBounds = Object.fromEntries(
  listed.map(([name, { limit = 0, document }]) => [name, document?.max ?? limit]),
)

const items = listed.map(([name, resource]) => ({ name, resource, ...itemSchemas(resource) }))
const lists = (form: 'written' | 'given') =>
  Object.fromEntries(
    items.map(({ name, resource: { document }, [form]: item }) => [
      name,
      list(ref(item), documentBounds[name] ?? 0, document?.description ?? ''),
    ]),
  )
const { written, given } = documentProperties(conventions)
const optional = (properties: TProperties) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)]))

export const ConventionDocument = requestSchema(
  'ConventionDocument',
  'A whole convention as a source writes it; `id`, `version`, `status` and `period` are ignored (French: convention complète).',
  { ...written, key: Type.Optional(written.key as TSchema), ...optional(lists('written')) },
  readOnlyIn(conventions),
)

export const ConventionDocumentAnswer = responseSchema(
  'ConventionDocumentAnswer',
  'A whole convention as the registry gives it; a PUT of it changes nothing (French: convention complète).',
  { ...given, ...lists('given') },
)

const count = (description: string, example: number) => integer(0, CHANGES_MAX, description, example)

const counts = {
  created: count('How many were created (French: créés).', 1),
  updated: count('How many were changed (French: modifiés).', 0),
  deleted: count('How many were deleted (French: supprimés).', 0),
  unchanged: count('How many stayed as they were (French: inchangés).', 0),
}
const SyncCounts = responseSchema('SyncCounts', 'What a PUT did to the objects of one type (French: décompte).', counts)

const SyncCountsByType = responseSchema(
  'SyncCountsByType',
  'The counts of each type of a document (French: décompte par type).',
  Object.fromEntries(['conventions', ...Object.keys(documentLists)].map((name) => [name, ref(SyncCounts)])),
)

export const SyncReport = responseSchema('SyncReport', 'What a PUT did, in all and by type (French: compte rendu).', {
  ...counts,
  byType: ref(SyncCountsByType),
})
export type SyncReport = Static<typeof SyncReport>

export const Warning = responseSchema('Warning', 'Something unusual that is not refused (French: avertissement).', {
  pointer: pointer(
    'Where it is in the document, as JSON Pointer (French: emplacement).',
    '/signatories/2/organization',
  ),
  code: text(LABEL_MAX, 'Name of the check, for programs (French: code).', 'organization-differs'),
  message: prose(
    'What is unusual, for people (French: message).',
    'The registry has another name for this organization and keeps it.',
  ),
})
export type Warning = Static<typeof Warning>

const operations = ['create', 'update', 'delete', 'unchanged'] as const

export const PlannedChange = responseSchema(
  'PlannedChange',
  'What would be done to an object (French: changement prévu).',
  {
    operation: code(operations, 'What would be done (French: opération).', 'update'),
    type: code(resourceTypes, 'Type of the resource (French: type de ressource).', 'action'),
    key: nullable(key('Key in the source; null of what others made (French: clé).', 'itinerance')),
    id: nullable(id('Identifier; null of what would be created (French: identifiant).', exampleIds.action)),
    changes: fieldChanges,
  },
)
export type PlannedChange = Static<typeof PlannedChange>

export const SyncedObject = responseSchema(
  'SyncedObject',
  'An object that a PUT wrote or left unchanged (French: objet synchronisé).',
  {
    type: code(resourceTypes, 'Type of the resource (French: type de ressource).', 'action'),
    key: nullable(
      key(
        'Key in the source; null of what is not listed and changed with it, such as a predecessor (French: clé).',
        'itinerance',
      ),
    ),
    id: id('Identifier (French: identifiant).', exampleIds.action),
    version: version(),
    operation: code(operations, 'What was done (French: opération).', 'update'),
  },
)
export type SyncedObject = Static<typeof SyncedObject>

const plan = list(
  ref(PlannedChange),
  CHANGES_MAX,
  'What would be done to each object; with `dryRun=true` only (French: changements prévus).',
)

export const SyncResult = responseSchema(
  'SyncResult',
  'The outcome of a PUT of a document (French: résultat de la synchronisation).',
  {
    convention: ref(conventions.Answer),
    report: ref(SyncReport),
    objects: list(
      ref(SyncedObject),
      CHANGES_MAX,
      'Every object of the document, and what else changed with it (French: objets).',
    ),
    plan: Type.Optional(plan),
    warnings: list(ref(Warning), WARNINGS_MAX, 'What is unusual, the first 1,000 (French: avertissements).'),
  },
)
export type SyncResult = Static<typeof SyncResult>

export const PlannedDeletion = responseSchema(
  'PlannedDeletion',
  'What a DELETE of a document would do (French: suppression prévue).',
  {
    dryRun: boolean('Always true: nothing was written (French: simulation).', true),
    status: integer(200, 299, 'The status that the DELETE would have (French: statut HTTP).', 204),
    plan,
  },
)

const sourceOwner = nullable(
  id('Organization to which it belongs; null: to the administrators (French: organisme).', exampleIds.caf),
)

export const SourcePatch = requestSchema(
  'SourcePatch',
  'To whom to hand a source over, as JSON Merge Patch (French: source à transférer).',
  { organizationId: Type.Optional(sourceOwner) },
)
export type SourcePatch = Static<typeof SourcePatch>

export const Source = responseSchema('Source', 'A system that syncs conventions (French: source).', {
  name: sourceName('Name, in lower case (French: nom de la source).'),
  organizationId: sourceOwner,
  createdAt: instant('Instant of its first use (French: date de première utilisation).', '2026-01-01T00:00:00.000Z'),
})
export type Source = Static<typeof Source>

export const SourceConventionPatch = requestSchema(
  'SourceConventionPatch',
  'To which source to hand a convention over (French: convention à transférer).',
  { source: sourceName('The source that has it from now on (French: nouvelle source).') },
)
export type SourceConventionPatch = Static<typeof SourceConventionPatch>

export const SourceConvention = responseSchema(
  'SourceConvention',
  'A convention that a source holds (French: convention synchronisée).',
  {
    key: key('Key of the convention in the source (French: clé).', 'pays-de-l-aigle-2022'),
    conventionId: id('The convention (French: convention).', exampleIds.convention),
    version: version(),
    updatedAt: instant('Instant of its present version (French: date de modification).', '2026-01-01T00:00:00.000Z'),
  },
)
export type SourceConvention = Static<typeof SourceConvention>
