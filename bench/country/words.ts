/**
 * Words of invented plans, by theme: activity, public and place. They read as those of real plans do and say nothing of
 * any real place.
 */
import type { Audience, SiteType, Theme } from '../../src/domain/vocabularies/codes.ts'

interface Subject {
  theme: Theme
  audiences: readonly Audience[]
  sites: readonly SiteType[]
  /** What the actions of the theme are about, after a verb. */
  objects: readonly string[]
}

export const subjects: readonly Subject[] = [
  {
    theme: 'petite-enfance',
    audiences: ['jeunes-enfants', 'parents', 'assistants-maternels'],
    sites: [
      'multi-accueil',
      'micro-creche',
      'relais-petite-enfance',
      'maison-d-assistants-maternels',
      'halte-garderie',
    ],
    objects: [
      "l'offre d'accueil du jeune enfant",
      'le relais petite enfance',
      "l'accueil en horaires atypiques",
      'la formation des assistants maternels',
      "un guichet unique de l'accueil",
    ],
  },
  {
    theme: 'enfance',
    audiences: ['enfants', 'familles'],
    sites: ['accueil-de-loisirs', 'accueil-periscolaire', 'ludotheque'],
    objects: [
      'les accueils de loisirs du mercredi',
      "l'accueil périscolaire",
      'le projet éducatif de territoire',
      'les séjours de vacances',
    ],
  },
  {
    theme: 'jeunesse',
    audiences: ['adolescents', 'jeunes-adultes'],
    sites: ['accueil-de-jeunes', 'point-information-jeunesse', 'point-accueil-ecoute-jeunes'],
    objects: [
      "l'accueil des jeunes",
      'un conseil des jeunes',
      "l'information jeunesse",
      'la prévention des conduites à risque',
      'les chantiers éducatifs',
    ],
  },
  {
    theme: 'parentalite',
    audiences: ['parents', 'futurs-parents', 'familles-monoparentales'],
    sites: ['lieu-accueil-enfants-parents', 'lieu-ressource-parentalite', 'espace-rencontre', 'mediation-familiale'],
    objects: [
      'le réseau des acteurs de la parentalité',
      "un lieu d'accueil enfants-parents",
      'les temps de répit pour les parents',
      "l'accompagnement à la scolarité",
    ],
  },
  {
    theme: 'acces-aux-droits',
    audiences: ['tout-public', 'familles', 'personnes-agees'],
    sites: ['france-services', 'accueil-caf', 'ccas', 'mairie', 'service-itinerant'],
    objects: [
      'les permanences de proximité',
      'le repérage du non-recours',
      "l'itinérance des services",
      "l'accès aux droits dans les mairies",
    ],
  },
  {
    theme: 'inclusion-numerique',
    audiences: ['tout-public', 'personnes-agees'],
    sites: ['france-services', 'guichet-unique'],
    objects: ['les ateliers numériques', "l'équipement des familles", 'le réseau des aidants numériques'],
  },
  {
    theme: 'animation-de-la-vie-sociale',
    audiences: ['familles', 'associations', 'tout-public'],
    sites: ['centre-social', 'espace-de-vie-sociale'],
    objects: [
      'un espace de vie sociale',
      'le projet du centre social',
      "l'appui aux associations",
      'les fêtes de quartier',
    ],
  },
  {
    theme: 'logement',
    audiences: ['familles', 'jeunes-adultes'],
    sites: ['foyer-jeunes-travailleurs', 'guichet-unique'],
    objects: ['le logement des jeunes', 'la lutte contre le logement non décent', 'la prévention des impayés de loyer'],
  },
]

/** Each with what it is for the offer. */
export const verbs = [
  { word: 'Maintenir', nature: 'maintain' },
  { word: 'Améliorer', nature: 'improve' },
  { word: 'Développer', nature: 'develop' },
  { word: 'Créer ou recréer', nature: 'create' },
  { word: 'Étudier', nature: 'study' },
] as const

export const findings = [
  'Le diagnostic partagé relève des besoins qui ne sont pas couverts dans les communes les plus éloignées.',
  'Les familles disent ne pas connaître les services qui existent.',
  'Les professionnels se connaissent peu et travaillent chacun de leur côté.',
  'Les horaires proposés ne conviennent pas aux parents qui travaillent en décalé.',
  'La part des familles monoparentales a augmenté et leurs trajets sont longs.',
  'Le nombre de naissances baisse, mais les demandes restent plus nombreuses que les places.',
]

export const means = [
  'Réunir deux fois par an les services concernés et tenir un tableau de suivi.',
  'Un temps de coordination est financé et une salle est mise à disposition par la collectivité.',
  "Les permanences tournent d'une commune à l'autre, à jours fixes.",
  'Une convention de partenariat précise qui fait quoi et avec quels moyens.',
  "Un questionnaire est adressé aux familles à l'automne, et ses résultats leur sont rendus.",
  'Les agents suivent une formation commune et partagent leurs outils.',
]

export const results = [
  'Chaque famille trouve une réponse à moins de vingt minutes.',
  'Les services se coordonnent et orientent mieux les familles.',
  'La fréquentation augmente et les publics sont plus variés.',
  'Les places ouvertes sont occupées et le délai de réponse est plus court.',
]

export const openingHours = [
  'Mo-Fr 07:30-18:30',
  'Mo-Fr 09:00-12:00,13:30-17:30',
  'Mo,Tu,Th,Fr 08:30-12:00',
  'We 09:00-17:00',
  'Tu 14:00-18:00; Sa 09:00-12:00',
  'Mo-Fr 08:00-18:00; PH off',
]
