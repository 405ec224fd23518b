/**
 * For whom an action or a site works. The ages of the definitions are inclusive and in completed years; they part
 * the young without overlap, while a real service may take several of them.
 */
import type { Audience } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const audienceTerms: TermTexts<Audience> = {
  'tout-public': {
    label: { fr: 'Tout public', en: 'Everyone' },
    definition: {
      fr: 'Tous les habitants, sans condition d’âge ni de situation.',
      en: 'All residents, whatever their age and situation.',
    },
    aliases: ['Habitants', 'Population'],
  },
  'jeunes-enfants': {
    label: { fr: 'Jeunes enfants (0-5 ans)', en: 'Young children (0-5)' },
    definition: {
      fr: 'Enfants de la naissance à 5 ans révolus, avant l’école élémentaire.',
      en: 'Children from birth to 5 years, before primary school.',
    },
    aliases: ['0-3 ans', '0-6 ans', 'Tout-petits'],
  },
  enfants: {
    label: { fr: 'Enfants (6-11 ans)', en: 'Children (6-11)' },
    definition: {
      fr: 'Enfants de 6 à 11 ans, en âge d’école élémentaire.',
      en: 'Children from 6 to 11 years, of primary school age.',
    },
    aliases: ['3-11 ans', '6-12 ans', 'Écoliers'],
  },
  adolescents: {
    label: { fr: 'Adolescents (12-17 ans)', en: 'Teenagers (12-17)' },
    definition: {
      fr: 'Jeunes mineurs de 12 à 17 ans, en âge de collège ou de lycée.',
      en: 'Minors from 12 to 17 years, of secondary school age.',
    },
    aliases: ['11-17 ans', 'Collégiens', 'Lycéens', 'Ados'],
  },
  'jeunes-adultes': {
    label: { fr: 'Jeunes adultes (18-25 ans)', en: 'Young adults (18-25)' },
    definition: {
      fr: 'Jeunes majeurs de 18 à 25 ans, en études, en emploi ou en recherche d’insertion.',
      en: 'Young people from 18 to 25 years, studying, working or looking for work.',
    },
    aliases: ['16-25 ans', 'Jeunes'],
  },
  'futurs-parents': {
    label: { fr: 'Futurs parents', en: 'Parents-to-be' },
    definition: {
      fr: 'Personnes qui attendent un enfant, par naissance ou par adoption.',
      en: 'People who are expecting a child, by birth or by adoption.',
    },
    broader: 'familles',
    aliases: ['Femmes enceintes'],
  },
  parents: {
    label: { fr: 'Parents', en: 'Parents' },
    definition: {
      fr: 'Pères, mères et autres adultes qui élèvent un enfant.',
      en: 'Fathers, mothers and other adults who bring up a child.',
    },
    broader: 'familles',
  },
  familles: {
    label: { fr: 'Familles', en: 'Families' },
    definition: {
      fr: 'Parents et enfants ensemble, quelle que soit la forme de la famille.',
      en: 'Parents and children together, whatever the form of the family.',
    },
  },
  'familles-monoparentales': {
    label: { fr: 'Familles monoparentales', en: 'Single-parent families' },
    definition: {
      fr: 'Familles dans lesquelles un seul parent vit avec un ou plusieurs enfants.',
      en: 'Families in which one parent alone lives with one or more children.',
    },
    broader: 'familles',
    aliases: ['Parents isolés', 'Parents solos'],
  },
  'personnes-en-situation-de-handicap': {
    label: { fr: 'Personnes en situation de handicap', en: 'People with disabilities' },
    definition: {
      fr: 'Enfants et adultes en situation de handicap, reconnu ou non.',
      en: 'Children and adults with a disability, officially recognised or not.',
    },
    aliases: ['Personnes handicapées', 'Enfants porteurs de handicap'],
  },
  'personnes-agees': {
    label: { fr: 'Personnes âgées', en: 'Older people' },
    definition: {
      fr: 'Personnes de 60 ans et plus, autonomes ou en perte d’autonomie.',
      en: 'People of 60 years and over, independent or losing their independence.',
    },
    aliases: ['Seniors', 'Aînés', 'Retraités'],
  },
  'assistants-maternels': {
    label: { fr: 'Assistants maternels', en: 'Registered childminders' },
    definition: {
      fr: 'Professionnels agréés par le département qui accueillent de jeunes enfants à leur domicile ou en maison d’assistants maternels.',
      en: 'Professionals approved by the département who look after young children at home or in a shared house.',
    },
    broader: 'professionnels-petite-enfance',
    aliases: ['Assistantes maternelles', 'Ass mat', 'Nourrices agréées'],
  },
  'professionnels-petite-enfance': {
    label: { fr: 'Professionnels de la petite enfance', en: 'Early childhood professionals' },
    definition: {
      fr: 'Personnes dont le métier est d’accueillir de jeunes enfants, en établissement, à leur domicile ou chez les parents.',
      en: 'People whose job is to care for young children, in a nursery, at home or at the parents’ home.',
    },
    broader: 'professionnels',
    aliases: ['Gardes d’enfants à domicile', 'Auxiliaires de puériculture', 'Éducateurs de jeunes enfants'],
  },
  professionnels: {
    label: { fr: 'Professionnels', en: 'Professionals' },
    definition: {
      fr: 'Agents, animateurs, travailleurs sociaux et autres professionnels des services du territoire.',
      en: 'Staff, youth leaders, social workers and other professionals of the services of the territory.',
    },
    aliases: ['Partenaires', 'Acteurs locaux', 'Animateurs'],
  },
  elus: {
    label: { fr: 'Élus', en: 'Elected representatives' },
    definition: {
      fr: 'Élus des communes, des intercommunalités et des autres collectivités du territoire.',
      en: 'Elected members of the councils of the territory.',
    },
    aliases: ['Élus locaux'],
  },
  associations: {
    label: { fr: 'Associations', en: 'Associations' },
    definition: {
      fr: 'Associations du territoire, leurs bénévoles et leurs dirigeants.',
      en: 'Associations of the territory, their volunteers and those who run them.',
    },
    aliases: ['Bénévoles', 'Tissu associatif'],
  },
  employeurs: {
    label: { fr: 'Employeurs', en: 'Employers' },
    definition: {
      fr: 'Entreprises et autres employeurs, dont les parents qui emploient un assistant maternel ou une garde à domicile.',
      en: 'Companies and other employers, including parents who employ a childminder or a nanny.',
    },
    aliases: ['Entreprises', 'Particuliers employeurs', 'Parents employeurs'],
  },
}
