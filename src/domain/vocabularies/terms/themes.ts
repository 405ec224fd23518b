/**
 * The fields of action of a convention. The names follow those of the Caf's national offer; `cooperation` holds what
 * is about running the convention itself.
 */
import type { Theme } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const themeTerms: TermTexts<Theme> = {
  'petite-enfance': {
    label: { fr: 'Petite enfance', en: 'Early childhood' },
    definition: {
      fr: 'Accueil et éveil des enfants de moins de 6 ans : crèches, assistants maternels, relais petite enfance, information des familles.',
      en: 'Care and early learning of children under 6: nurseries, childminders, early childhood centres, information for families.',
    },
    aliases: ['Accueil du jeune enfant', 'Service public de la petite enfance', 'SPPE'],
  },
  enfance: {
    label: { fr: 'Enfance', en: 'Childhood' },
    definition: {
      fr: 'Temps libre des enfants d’âge scolaire, de 3 à 11 ans : accueils de loisirs, accueil périscolaire, vacances.',
      en: 'Leisure time of school-age children, from 3 to 11: leisure centres, before- and after-school care, holidays.',
    },
    aliases: ['Périscolaire', 'Extrascolaire'],
  },
  jeunesse: {
    label: { fr: 'Jeunesse', en: 'Youth' },
    definition: {
      fr: 'Accueil, engagement et accès à l’autonomie des adolescents et des jeunes de 12 à 25 ans.',
      en: 'Reception, commitment and way to independence of teenagers and young people from 12 to 25.',
    },
    aliases: ['Prestation de service jeunes', 'PS jeunes', 'Promeneurs du Net'],
  },
  parentalite: {
    label: { fr: 'Parentalité', en: 'Parenting support' },
    definition: {
      fr: 'Soutien aux parents dans l’éducation de leurs enfants, à chaque âge et lors des changements de la vie familiale.',
      en: 'Support to parents in raising their children, at each age and when family life changes.',
    },
    aliases: ['Soutien à la parentalité', 'Accompagnement à la parentalité'],
  },
  'acces-aux-droits': {
    label: { fr: 'Accès aux droits', en: 'Access to rights' },
    definition: {
      fr: 'Information et accompagnement des habitants pour connaître, demander et garder les droits et services auxquels ils peuvent prétendre.',
      en: 'Information and help for residents to know, claim and keep the rights and services to which they are entitled.',
    },
    aliases: ['Accès aux droits et aux services', 'Lutte contre le non-recours'],
  },
  'inclusion-numerique': {
    label: { fr: 'Inclusion numérique', en: 'Digital inclusion' },
    definition: {
      fr: 'Accès de tous aux équipements, aux compétences et aux démarches numériques, avec un accompagnement humain.',
      en: 'Access of everyone to digital equipment, skills and procedures, with human help.',
    },
    aliases: ['Médiation numérique', 'Conseiller numérique', 'Lutte contre l’illectronisme'],
  },
  'animation-de-la-vie-sociale': {
    label: { fr: 'Animation de la vie sociale', en: 'Community life' },
    definition: {
      fr: 'Projets des centres sociaux, des espaces de vie sociale et des habitants, qui renforcent les liens sociaux et la participation.',
      en: 'Projects of social centres, social life spaces and residents which strengthen social ties and participation.',
    },
    aliases: ['AVS', 'Vie sociale', 'Lien social'],
  },
  logement: {
    label: { fr: 'Logement', en: 'Housing' },
    definition: {
      fr: 'Accès à un logement décent et maintien dans celui-ci : aides au logement, impayés, indécence, habitat des jeunes.',
      en: 'Getting and keeping decent housing: housing benefits, unpaid rent, substandard housing, housing for the young.',
    },
    aliases: ['Habitat', 'Cadre de vie et logement'],
  },
  handicap: {
    label: { fr: 'Handicap', en: 'Disability' },
    definition: {
      fr: 'Accueil et inclusion des personnes en situation de handicap et de leur famille dans les services de tous.',
      en: 'Reception and inclusion of people with disabilities and their families in the services meant for everyone.',
    },
    aliases: ['Inclusion', 'Inclusion handicap'],
  },
  'accompagnement-social': {
    label: { fr: 'Accompagnement social', en: 'Social support' },
    definition: {
      fr: 'Appui d’un travailleur social aux personnes et aux familles lors d’un événement fragilisant : séparation, décès, perte de revenus.',
      en: 'Support of a social worker to people and families through a difficult event: separation, death, loss of income.',
    },
    aliases: ['Travail social', 'Action sociale'],
  },
  insertion: {
    label: { fr: 'Insertion', en: 'Social and work integration' },
    definition: {
      fr: 'Insertion sociale et professionnelle : accès à l’emploi et à la formation, levée des freins, dont la garde d’enfants.',
      en: 'Social and work integration: access to jobs and training, removal of obstacles such as the lack of childcare.',
    },
    aliases: ['Insertion professionnelle', 'Emploi', 'Insertion sociale et professionnelle'],
  },
  mobilite: {
    label: { fr: 'Mobilité', en: 'Mobility' },
    definition: {
      fr: 'Déplacements des habitants vers les services, et services qui vont vers les habitants.',
      en: 'Travel of residents to the services, and services that travel to the residents.',
    },
    aliases: ['Transport', 'Déplacements'],
  },
  sante: {
    label: { fr: 'Santé', en: 'Health' },
    definition: {
      fr: 'Prévention, accès aux soins et santé mentale des familles, en lien avec le contrat local de santé où il existe.',
      en: 'Prevention, access to care and mental health of families, together with the local health contract where there is one.',
    },
    aliases: ['Prévention santé', 'Santé mentale', 'Accès aux soins'],
  },
  autonomie: {
    label: { fr: 'Autonomie', en: 'Independence and ageing' },
    definition: {
      fr: 'Vie autonome des personnes âgées ou en perte d’autonomie, soutien des aidants et lutte contre l’isolement.',
      en: 'Independent life of older people or people losing their independence, support of carers and fight against isolation.',
    },
    aliases: ['Seniors', 'Vieillissement', 'Aidants', 'Personnes âgées'],
  },
  education: {
    label: { fr: 'Éducation', en: 'Education' },
    definition: {
      fr: 'Réussite éducative et scolaire, liens entre les familles, l’école et les accueils : projet éducatif territorial, accompagnement à la scolarité.',
      en: 'Educational and school success, ties between families, school and leisure centres: local education project, help with schooling.',
    },
    aliases: ['Réussite éducative', 'Scolarité', 'PEdT'],
  },
  'culture-sport-loisirs': {
    label: { fr: 'Culture, sport et loisirs', en: 'Culture, sport and leisure' },
    definition: {
      fr: 'Accès des familles aux pratiques culturelles, sportives et de loisirs et aux vacances.',
      en: 'Access of families to culture, sport, leisure and holidays.',
    },
    aliases: ['Culture', 'Sport', 'Loisirs', 'Vacances'],
  },
  'cadre-de-vie': {
    label: { fr: 'Cadre de vie', en: 'Living environment' },
    definition: {
      fr: 'Qualité des lieux de la vie quotidienne : espaces publics, équipements de proximité, environnement, transition écologique.',
      en: 'Quality of everyday places: public spaces, local facilities, environment, ecological transition.',
    },
    aliases: ['Environnement', 'Transition écologique'],
  },
  precarite: {
    label: { fr: 'Lutte contre la précarité', en: 'Fight against poverty' },
    definition: {
      fr: 'Prévention et réduction de la pauvreté, aide aux plus fragiles, hébergement et accès aux biens essentiels.',
      en: 'Prevention and reduction of poverty, help to the most vulnerable, shelter and access to essential goods.',
    },
    aliases: ['Pauvreté', 'Lutte contre les exclusions'],
  },
  alimentation: {
    label: { fr: 'Alimentation', en: 'Food' },
    definition: {
      fr: 'Accès à une alimentation saine et suffisante : restauration collective, aide alimentaire, éducation au goût, projet alimentaire territorial.',
      en: 'Access to enough healthy food: school and nursery meals, food aid, taste education, local food project.',
    },
    aliases: ['Aide alimentaire', 'Projet alimentaire territorial', 'PAT'],
  },
  cooperation: {
    label: { fr: 'Coopération et pilotage', en: 'Cooperation and steering' },
    definition: {
      fr: 'Pilotage, coordination, observation, communication et évaluation de la convention elle-même, portés par les chargés de coopération.',
      en: 'Steering, coordination, monitoring, communication and evaluation of the convention itself, by its cooperation officers.',
    },
    aliases: ['Pilotage', 'Coordination', 'Chargé de coopération CTG', 'Gouvernance'],
  },
}
