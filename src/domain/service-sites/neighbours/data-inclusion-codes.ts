/** Codes of data.inclusion for those of the registry; what has no counterpart there is left out. */
import type { Audience, SiteType, Theme } from '../../vocabularies/codes.ts'

/** Whom a service is for. */
export const publics: Partial<Record<Audience, string>> = {
  'tout-public': 'tous-publics',
  'jeunes-enfants': 'familles',
  enfants: 'familles',
  adolescents: 'jeunes',
  'jeunes-adultes': 'jeunes',
  'futurs-parents': 'familles',
  parents: 'familles',
  familles: 'familles',
  'familles-monoparentales': 'familles',
  'personnes-en-situation-de-handicap': 'personnes-en-situation-de-handicap',
  'personnes-agees': 'seniors',
}

/** Audiences that come for their work. */
export const professionals: ReadonlySet<Audience> = new Set([
  'assistants-maternels',
  'professionnels-petite-enfance',
  'professionnels',
  'elus',
  'associations',
  'employeurs',
])

const CHILDCARE = 'famille--garde-denfants'
const PARENTING = 'famille--soutien-a-la-parentalite-et-a-leducation'
const RIGHTS = 'difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits'
const FORMALITIES = 'difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives'
const COMMUNITY = 'remobilisation--lien-social'
const LEISURE = 'remobilisation--activites-sportives-et-culturelles'

export const thematics: Partial<Record<Theme, string>> = {
  'petite-enfance': CHILDCARE,
  enfance: CHILDCARE,
  parentalite: PARENTING,
  'acces-aux-droits': RIGHTS,
  'inclusion-numerique': 'numerique--maitriser-les-fondamentaux-du-numerique',
  'animation-de-la-vie-sociale': COMMUNITY,
  logement: 'logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement',
  'accompagnement-social': 'difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte',
  mobilite: 'mobilite--etre-accompagne-dans-son-parcours-mobilite',
  sante: 'sante--acces-aux-soins',
  autonomie: 'famille--prise-en-charge-personne-dependante',
  education: PARENTING,
  'culture-sport-loisirs': LEISURE,
  alimentation: 'equipement-et-alimentation--alimentation',
}

/** What the type of a site says by itself; of the others their themes say it. */
export const typeThematics: Partial<Record<SiteType, readonly string[]>> = {
  'multi-accueil': [CHILDCARE],
  'micro-creche': [CHILDCARE],
  'creche-familiale': [CHILDCARE],
  'creche-parentale': [CHILDCARE],
  'jardin-d-enfants': [CHILDCARE],
  'halte-garderie': [CHILDCARE],
  'relais-petite-enfance': [CHILDCARE, PARENTING],
  'lieu-accueil-enfants-parents': [PARENTING],
  'maison-d-assistants-maternels': [CHILDCARE],
  'accueil-de-loisirs': [CHILDCARE, LEISURE],
  'accueil-periscolaire': [CHILDCARE],
  'foyer-jeunes-travailleurs': ['logement-hebergement--rechercher-une-solution-dhebergement-temporaire'],
  'centre-social': [COMMUNITY],
  'espace-de-vie-sociale': [COMMUNITY],
  ludotheque: [LEISURE, PARENTING],
  'lieu-ressource-parentalite': [PARENTING],
  'espace-rencontre': ['famille--surmonter-conflits-separation-violence'],
  'mediation-familiale': ['famille--surmonter-conflits-separation-violence'],
  'accompagnement-scolarite': [PARENTING],
  'france-services': [FORMALITIES, RIGHTS, 'numerique--acceder-a-des-services-en-ligne'],
  'accueil-caf': [RIGHTS],
  ccas: [RIGHTS],
  mairie: [FORMALITIES],
}

export const typesOfService: Partial<Record<SiteType, string>> = {
  'relais-petite-enfance': 'information',
  'lieu-accueil-enfants-parents': 'accompagnement',
  'accueil-de-jeunes': 'accompagnement',
  'point-information-jeunesse': 'information',
  'point-accueil-ecoute-jeunes': 'accompagnement',
  'foyer-jeunes-travailleurs': 'accompagnement',
  'centre-social': 'accompagnement',
  'espace-de-vie-sociale': 'accompagnement',
  'lieu-ressource-parentalite': 'information',
  'espace-rencontre': 'accompagnement',
  'mediation-familiale': 'accompagnement',
  'accompagnement-scolarite': 'accompagnement',
  'france-services': 'accompagnement',
  'guichet-unique': 'information',
  'accueil-caf': 'accompagnement',
  ccas: 'accompagnement',
}

/** The networks to which sites of a type belong. */
export const networks: Partial<Record<SiteType, string>> = {
  'point-information-jeunesse': 'reseau-information-jeunesse',
  'foyer-jeunes-travailleurs': 'residences-fjt',
  'france-services': 'france-service',
  'accueil-caf': 'caf',
  ccas: 'ccas-cias',
  mairie: 'communes',
}
