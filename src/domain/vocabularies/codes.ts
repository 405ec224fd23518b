/**
 * Codes of the contract: closed lists, each written once, here or in the room below that needs it. Schemas take their
 * enumerations from these tuples, and the vocabularies give each code its labels and its definition. Codes of the field
 * are French because many of them have no English; states, kinds and operations of the registry are English. Lists only
 * ever grow.
 */
import { versionOperations } from '../../engine/declaration/forms.ts'
import { resourceTypes } from '../../engine/resource-types.ts'

/** What figures are about. */
export const areaKinds = ['country', 'region', 'departement', 'caf'] as const

export const themes = [
  'petite-enfance',
  'enfance',
  'jeunesse',
  'parentalite',
  'acces-aux-droits',
  'inclusion-numerique',
  'animation-de-la-vie-sociale',
  'logement',
  'handicap',
  'accompagnement-social',
  'insertion',
  'mobilite',
  'sante',
  'autonomie',
  'education',
  'culture-sport-loisirs',
  'cadre-de-vie',
  'precarite',
  'alimentation',
  'cooperation',
] as const

export const audiences = [
  'tout-public',
  'jeunes-enfants',
  'enfants',
  'adolescents',
  'jeunes-adultes',
  'futurs-parents',
  'parents',
  'familles',
  'familles-monoparentales',
  'personnes-en-situation-de-handicap',
  'personnes-agees',
  'assistants-maternels',
  'professionnels-petite-enfance',
  'professionnels',
  'elus',
  'associations',
  'employeurs',
] as const

export const organizationKinds = [
  'caf',
  'msa',
  'epci',
  'ept',
  'commune',
  'departement',
  'region',
  'etat',
  'education-nationale',
  'cpam',
  'carsat',
  'france-travail',
  'ccas',
  'cias',
  'caisse-des-ecoles',
  'syndicat',
  'petr',
  'mission-locale',
  'association',
  'mutuelle',
  'hopital',
  'bailleur-social',
  'entreprise',
  'etablissement-public',
  'other',
] as const

export const siteTypes = [
  'multi-accueil',
  'micro-creche',
  'creche-familiale',
  'creche-parentale',
  'jardin-d-enfants',
  'halte-garderie',
  'relais-petite-enfance',
  'lieu-accueil-enfants-parents',
  'maison-d-assistants-maternels',
  'accueil-de-loisirs',
  'accueil-periscolaire',
  'accueil-de-jeunes',
  'point-information-jeunesse',
  'point-accueil-ecoute-jeunes',
  'foyer-jeunes-travailleurs',
  'centre-social',
  'espace-de-vie-sociale',
  'ludotheque',
  'lieu-ressource-parentalite',
  'espace-rencontre',
  'mediation-familiale',
  'accompagnement-scolarite',
  'france-services',
  'guichet-unique',
  'accueil-caf',
  'ccas',
  'mairie',
  'service-itinerant',
  'other',
] as const

export const fundingSchemes = [
  'bonus-territoire',
  'bonus-mixite-sociale',
  'bonus-inclusion-handicap',
  'prestation-de-service-unique',
  'prestation-de-service',
  'pilotage-ctg',
  'reaap',
  'clas',
  'plan-mercredi',
  'fonds-publics-et-territoires',
  'piaje',
  'fonds-propres',
  'subvention',
  'other',
] as const

/** What a writer says of a convention; its status on a day follows from it and from the period. */
export const conventionStates = ['draft', 'signed', 'terminated'] as const

/** What a convention is on a day: derived, never written. */
export const conventionStatuses = ['draft', 'upcoming', 'active', 'expired', 'terminated'] as const

export const amendmentKinds = [
  'add-signatory',
  'remove-signatory',
  'extend-period',
  'change-content',
  'change-perimeter',
  'merge',
  'other',
] as const

export const governanceKinds = ['steering', 'technical', 'thematic', 'other'] as const

export const documentKinds = [
  'convention',
  'amendment',
  'diagnosis',
  'action-plan',
  'sites',
  'evaluation',
  'deliberation',
  'publication',
  'linked-contract',
  'other',
] as const

export const identifierSchemes = ['caf-code', 'rna', 'finess', 'uai', 'other'] as const

export const natures = ['maintain', 'improve', 'develop', 'create', 'study'] as const

export const priorities = ['high', 'medium', 'low'] as const

export const actionStatuses = ['planned', 'ongoing', 'completed', 'suspended', 'abandoned'] as const

export const indicatorKinds = ['means', 'output', 'result', 'impact'] as const

export const reviewDecisions = ['continue', 'adapt', 'stop', 'carry-over'] as const

/** What a change of the feed asks a copy to do. */
export const changeOperations = ['upsert', 'left', 'delete'] as const

/** Kinds of entries of the audit. */
export const auditKinds = ['write', 'key', 'refusal'] as const

/** What the audit knows to have been written. */
export const auditTypes = [...resourceTypes, 'key'] as const

/** What the audit knows to have been done. */
export const auditOperations = [...versionOperations, 'cleared', 'rotated', 'revoked'] as const

export type OrganizationKind = (typeof organizationKinds)[number]
export type Theme = (typeof themes)[number]
export type Audience = (typeof audiences)[number]
export type SiteType = (typeof siteTypes)[number]
