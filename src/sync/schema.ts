/**
 * The words of the sync: the convention document, which holds a whole convention with keys in place of ids, and what
 * the registry says of a PUT of it. How a document names what resources hold by id stands in references.ts too.
 */
import { type Static, type TSchema, Type } from 'typebox'
import { Convention, conventionBody, conventionFields } from '../domain/conventions/schema.ts'
import { resourceTypes } from '../domain/vocabularies/codes.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { conventionBounds, derived, key, partial, sourceName, version } from '../engine/schema.ts'
import {
  answer,
  code,
  id,
  input,
  instant,
  integer,
  LABEL_MAX,
  list,
  nullable,
  pointer,
  prose,
  ref,
  text,
} from '../http/schema/schemas.ts'
import {
  DocumentAction,
  DocumentActionAnswer,
  DocumentAmendment,
  DocumentAmendmentAnswer,
  DocumentAxis,
  DocumentAxisAnswer,
  DocumentOrganization,
  DocumentOrganizationAnswer,
  DocumentServiceSite,
  DocumentServiceSiteAnswer,
  DocumentSignatory,
  DocumentSignatoryAnswer,
  keyed,
  keyedIdentity,
} from './item-schemas.ts'

/** The most objects of each kind that one convention, and so its document, holds. */
export const documentBounds = {
  organizations: 2_000,
  ...conventionBounds,
} as const

/** All that a document may hold, and as much again that it may delete. */
export const CHANGES_MAX = 12_000
const WARNINGS_MAX = 1_000
const FIELDS_MAX = 100

const conventionReferences = {
  cafId: ['caf', key('Key of the Caf that coordinates it (French: Caf pilote).', 'caf-orne')],
  predecessorId: [
    'predecessor',
    nullable(
      key(
        'Key of the convention that it renews, in the same source (French: convention précédente).',
        'pays-de-l-aigle-2018',
      ),
    ),
  ],
  mergedIntoId: [
    'mergedInto',
    nullable(
      key(
        'Key of the convention that took it in, in the same source (French: convention absorbante).',
        'pays-de-l-aigle-2022',
      ),
    ),
  ],
} as const

const identity = keyedIdentity('pays-de-l-aigle-2022', exampleIds.convention)
const { successorIds, ...fields } = conventionFields

const organizations = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.organizations, 'Organizations that the document names (French: organismes).')
const amendments = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.amendments, 'Dated changes of the convention (French: avenants).')
const signatories = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.signatories, 'Organizations that are bound (French: signataires).')
const axes = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.axes, 'Axes of the plan, in order (French: axes).')
const actions = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.actions, 'Actions of the plan (French: fiches action).')
const serviceSites = <T extends TSchema>(item: T) =>
  list(ref(item), documentBounds.serviceSites, 'Service sites linked to the convention (French: lieux de service).')

export const ConventionDocument = input(
  'ConventionDocument',
  'A whole convention as a source writes it; `id`, `version`, `status` and `period` are ignored (French: convention complète).',
  partial(
    {
      ...identity,
      ...keyed({ ...fields, ...conventionBody }, conventionReferences),
      organizations: organizations(DocumentOrganization),
      amendments: amendments(DocumentAmendment),
      signatories: signatories(DocumentSignatory),
      axes: axes(DocumentAxis),
      actions: actions(DocumentAction),
      serviceSites: serviceSites(DocumentServiceSite),
    },
    'title',
    'caf',
  ),
  derived(Convention, conventionBody),
)
export type ConventionDocument = Static<typeof ConventionDocument>

export const ConventionDocumentAnswer = answer(
  'ConventionDocumentAnswer',
  'A whole convention as the registry gives it; a PUT of it changes nothing (French: convention complète).',
  {
    ...identity,
    ...keyed(fields, conventionReferences),
    organizations: organizations(DocumentOrganizationAnswer),
    amendments: amendments(DocumentAmendmentAnswer),
    signatories: signatories(DocumentSignatoryAnswer),
    axes: axes(DocumentAxisAnswer),
    actions: actions(DocumentActionAnswer),
    serviceSites: serviceSites(DocumentServiceSiteAnswer),
  },
)
export type ConventionDocumentAnswer = Static<typeof ConventionDocumentAnswer>

const count = (description: string, example: number) => integer(0, CHANGES_MAX, description, example)

const counts = {
  created: count('How many were created (French: créés).', 1),
  updated: count('How many were changed (French: modifiés).', 0),
  deleted: count('How many were deleted (French: supprimés).', 0),
  unchanged: count('How many stayed as they were (French: inchangés).', 0),
}
export const SyncCounts = answer('SyncCounts', 'What a PUT did to the objects of one type (French: décompte).', counts)
export type SyncCounts = Static<typeof SyncCounts>

export const SyncCountsByType = answer(
  'SyncCountsByType',
  'The counts of each type of a document (French: décompte par type).',
  {
    conventions: ref(SyncCounts),
    organizations: ref(SyncCounts),
    amendments: ref(SyncCounts),
    signatories: ref(SyncCounts),
    axes: ref(SyncCounts),
    actions: ref(SyncCounts),
    serviceSites: ref(SyncCounts),
  },
)
export type SyncCountsByType = Static<typeof SyncCountsByType>

export const SyncReport = answer('SyncReport', 'What a PUT did, in all and by type (French: compte rendu).', {
  ...counts,
  byType: ref(SyncCountsByType),
})
export type SyncReport = Static<typeof SyncReport>

export const Warning = answer('Warning', 'Something unusual that is not refused (French: avertissement).', {
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

/** What a PUT would do to an object. */
const plannedOperations = ['create', 'update', 'delete'] as const

export const PlannedChange = answer('PlannedChange', 'A change that a PUT would make (French: changement prévu).', {
  operation: code(plannedOperations, 'What would be done (French: opération).', 'update'),
  type: code(resourceTypes, 'Type of the resource (French: type de ressource).', 'action'),
  key: nullable(key('Key in the source (French: clé).', 'itinerance')),
  id: nullable(id('Identifier; null of what would be created (French: identifiant).', exampleIds.action)),
  fields: list(
    text(LABEL_MAX, 'Name of a field (French: nom du champ).', 'title'),
    FIELDS_MAX,
    'Fields that would change (French: champs modifiés).',
  ),
})
export type PlannedChange = Static<typeof PlannedChange>

export const SyncResult = answer(
  'SyncResult',
  'The outcome of a PUT of a document (French: résultat de la synchronisation).',
  {
    convention: ref(Convention),
    report: ref(SyncReport),
    plan: Type.Optional(
      list(
        ref(PlannedChange),
        CHANGES_MAX,
        'What would be done; with `dryRun=true` only (French: changements prévus).',
      ),
    ),
    warnings: list(ref(Warning), WARNINGS_MAX, 'What is unusual, the first 1,000 (French: avertissements).'),
  },
)
export type SyncResult = Static<typeof SyncResult>

const sourceOwner = nullable(
  id('Organization to which it belongs; null: to the administrators (French: organisme).', exampleIds.caf),
)

export const SourcePatch = input(
  'SourcePatch',
  'To whom to hand a source over, as JSON Merge Patch (French: source à transférer).',
  partial({ organizationId: sourceOwner }),
)
export type SourcePatch = Static<typeof SourcePatch>

export const Source = answer('Source', 'A system that syncs conventions (French: source).', {
  name: sourceName('Name, in lower case (French: nom de la source).'),
  organizationId: sourceOwner,
  createdAt: instant('Instant of its first use (French: date de première utilisation).', '2026-01-01T00:00:00.000Z'),
})
export type Source = Static<typeof Source>

export const SourceConvention = answer(
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
