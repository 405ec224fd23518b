/**
 * The words of a convention. Start, end and signature are independent, and all may be unknown: a title and the Caf
 * that coordinates are enough. `status` and `period` are derived and never written.
 */
import { type Static, type TObject, Type } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import { bounds, derived, described, filterBySource, identity, include, partial, record } from '../../engine/schema.ts'
import {
  answer,
  code,
  date,
  distinct,
  id,
  input,
  LABEL_MAX,
  list,
  nullable,
  partialDate,
  prose,
  ref,
  text,
  title,
} from '../../http/schema/schemas.ts'
import { Organization } from '../organizations/schema.ts'
import { communeCode, departmentCode, epciCode, TerritoryInput, TerritoryRef } from '../territories/schema.ts'
import { conventionStates, conventionStatuses, themes } from '../vocabularies/codes.ts'
import {
  DocumentLink,
  DocumentLinkInput,
  documents,
  GovernanceBody,
  GovernanceBodyInput,
  governance,
  Need,
  NeedInput,
  needs,
  Period,
} from './parts.ts'

const PERIMETER = 'Perimeter: EPCI, communes or a département, not the signatories (French: périmètre).'

/** The fields of a convention as it is answered, in the order in which people read them. */
export const conventionFields = {
  title: title(
    'Title as printed (French: intitulé).',
    "Convention territoriale globale des services aux familles du Pays de L'Aigle 2022-2026",
  ),
  reference: nullable(text(LABEL_MAX, "The Caf's own number (French: référence de la Caf).", '2019-350')),
  state: code(
    conventionStates,
    'What its owner says of it; draft when left out, and then seen by keys only (French: état).',
    'signed',
  ),
  status: code(
    conventionStatuses,
    'What it is today in Europe/Paris, derived from its state and period (French: statut).',
    'active',
  ),
  startsOn: nullable(
    partialDate('Start as first signed: year, month or day; its first day counts (French: date de début).', '2022'),
  ),
  endsOn: nullable(
    partialDate('End as first signed: year, month or day; its last day counts (French: date de fin).', '2026'),
  ),
  period: ref(Period),
  signedOn: nullable(partialDate('Signature: year, month or day (French: date de signature).', '2022')),
  terminatedOn: nullable(
    partialDate(
      'Early end, when its state is terminated: its last day counts (French: date de résiliation).',
      '2025-12-31',
    ),
  ),
  cafId: id('The Caf that coordinates it and owns the record (French: Caf pilote).', exampleIds.caf),
  territories: list(ref(TerritoryRef), bounds.territories, PERIMETER),
  themes: distinct(
    code(themes, 'Code of a theme (French: thématique).', 'parentalite'),
    bounds.codes,
    'Themes that it covers (French: thématiques).',
  ),
  summary: nullable(
    prose(
      'A few sentences for everybody (French: résumé).',
      "Deuxième CTG, cosignée par trois communes, pour un accompagnement d'ensemble des familles à chaque étape de leur vie.",
    ),
  ),
  needs: needs(Need),
  governance: governance(GovernanceBody),
  documents: documents(DocumentLink),
  predecessorId: nullable(
    id('The convention that it renews (French: convention précédente).', exampleIds.firstConvention),
  ),
  successorIds: distinct(
    id('A convention that renews it (French: convention suivante).', exampleIds.convention),
    bounds.derived,
    'Conventions that renew it, drafts left out; derived (French: conventions suivantes).',
  ),
  mergedIntoId: nullable(id('The convention that took it in (French: convention absorbante).', exampleIds.convention)),
}

const { status, period, successorIds, ...written } = conventionFields

/** The fields of a convention as it is written. */
export const conventionBody = {
  ...written,
  territories: list(TerritoryInput, bounds.territories, PERIMETER),
  needs: needs(NeedInput),
  governance: governance(GovernanceBodyInput),
  documents: documents(DocumentLinkInput),
}

const stored = { ...identity(exampleIds.convention), ...conventionFields, ...record }

export const Convention = answer(
  'Convention',
  'An agreement of a Caf with a territory for some years (French: convention territoriale globale, CTG).',
  {
    ...stored,
    caf: Type.Optional(ref(Organization)),
    // It refers to itself by name: the constant does not exist yet. What is included includes nothing.
    predecessor: Type.Optional(
      described(
        nullable(Type.Unsafe<Static<TObject<typeof stored>>>({ $ref: 'Convention#' })),
        'With `include=predecessor` (French: convention précédente).',
      ),
    ),
  },
)
export type Convention = Static<typeof Convention>

export const ConventionInput = input(
  'ConventionInput',
  'A convention to create: its title and Caf are enough (French: convention à créer).',
  partial(conventionBody, 'title', 'cafId'),
  derived(Convention, conventionBody),
)
export type ConventionInput = Static<typeof ConventionInput>

export const ConventionPatch = input(
  'ConventionPatch',
  'The fields of a convention to change, as JSON Merge Patch (French: modification d’une convention).',
  partial(conventionBody),
  derived(Convention, conventionBody),
)
export type ConventionPatch = Static<typeof ConventionPatch>

export const conventionInclude = include(['caf', 'predecessor'])

export const ConventionFilter = {
  status: Type.Optional(code(conventionStatuses, 'Only with this status today (French: statut).', 'active')),
  state: Type.Optional(code(conventionStates, 'Only in this state (French: état).', 'signed')),
  cafId: Type.Optional(id('Only those that this Caf coordinates (French: Caf pilote).', exampleIds.caf)),
  predecessorId: Type.Optional(
    id('Only those that renew this convention (French: convention précédente).', exampleIds.firstConvention),
  ),
  communeCode: Type.Optional(
    communeCode('Only those whose perimeter contains this commune, by INSEE code (French: commune).', '61214'),
  ),
  epciCode: Type.Optional(
    epciCode('Only those whose perimeter contains or meets this EPCI, by SIREN (French: EPCI).', '200068468'),
  ),
  departmentCode: Type.Optional(
    departmentCode('Only those whose perimeter contains or meets this département (French: département).', '61'),
  ),
  activeOn: Type.Optional(date('Only those that are active on this day (French: active le).', '2024-06-01')),
  ...filterBySource('pays-de-l-aigle-2022'),
}
