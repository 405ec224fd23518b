/**
 * What an organization is, which is also the capacity in which it signs. A body that fits two kinds takes the
 * narrower one: a CCAS is a public institution, and is `ccas`.
 */
import type { OrganizationKind } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const organizationKindTerms: TermTexts<OrganizationKind> = {
  caf: {
    label: { fr: 'Caisse d’allocations familiales (Caf)', en: 'Family allowance fund (Caf)' },
    definition: {
      fr: 'Organisme de la branche famille de la Sécurité sociale dans un département, qui verse les prestations familiales, soutient les services aux familles et coordonne les CTG.',
      en: 'Body of the family branch of social security in a département, which pays family benefits, supports services to families and coordinates the CTGs.',
    },
    aliases: ['CAF', 'Caisse d’allocations familiales', 'Caisse des allocations familiales'],
  },
  msa: {
    label: { fr: 'Mutualité sociale agricole (MSA)', en: 'Agricultural social security fund (MSA)' },
    definition: {
      fr: 'Caisse qui gère toute la protection sociale des exploitants et des salariés agricoles et de leur famille.',
      en: 'Fund which manages all the social security of farmers, farm workers and their families.',
    },
    aliases: ['MSA', 'Mutualité sociale agricole'],
  },
  epci: {
    label: { fr: 'Intercommunalité (EPCI à fiscalité propre)', en: 'Intermunicipal authority (EPCI)' },
    definition: {
      fr: 'Établissement public de coopération intercommunale à fiscalité propre : communauté de communes, d’agglomération, communauté urbaine ou métropole.',
      en: 'Grouping of communes that levies its own taxes: community of communes, agglomeration community, urban community or metropolis.',
    },
    aliases: ['EPCI', 'Communauté de communes', 'Communauté d’agglomération', 'Communauté urbaine', 'Métropole'],
  },
  ept: {
    label: { fr: 'Établissement public territorial (EPT)', en: 'Territorial public institution (EPT)' },
    definition: {
      fr: 'Groupement de communes sans fiscalité propre au sein de la Métropole du Grand Paris.',
      en: 'Grouping of communes without taxes of its own within the metropolis of Greater Paris.',
    },
    aliases: ['EPT'],
  },
  commune: {
    label: { fr: 'Commune', en: 'Commune' },
    definition: {
      fr: 'Commune, y compris commune nouvelle, représentée par son maire.',
      en: 'Commune (municipality), new communes included, represented by its mayor.',
    },
    aliases: ['Ville', 'Mairie', 'Commune nouvelle'],
  },
  departement: {
    label: { fr: 'Département', en: 'Département' },
    definition: {
      fr: 'Collectivité départementale, ou collectivité qui en exerce les compétences, chef de file de l’action sociale.',
      en: 'Département authority, or the authority with its powers, which leads social action.',
    },
    aliases: ['Conseil départemental', 'Conseil général'],
  },
  region: {
    label: { fr: 'Région', en: 'Region' },
    definition: {
      fr: 'Collectivité régionale, représentée par son conseil.',
      en: 'Regional authority, represented by its council.',
    },
    aliases: ['Conseil régional'],
  },
  etat: {
    label: { fr: 'État', en: 'State service' },
    definition: {
      fr: 'Service de l’État : préfecture, direction départementale ou régionale, agence régionale de santé.',
      en: 'State service: prefecture, departmental or regional directorate, regional health agency.',
    },
    aliases: ['Préfecture', 'Sous-préfecture', 'DDETS', 'SDJES', 'ARS'],
  },
  'education-nationale': {
    label: { fr: 'Éducation nationale', en: 'National education service' },
    definition: {
      fr: 'Services de l’Éducation nationale : rectorat, direction des services départementaux, écoles, collèges et lycées publics.',
      en: 'Services of the ministry of education: regional and departmental directorates, state schools.',
    },
    broader: 'etat',
    aliases: ['DSDEN', 'Rectorat', 'Collège', 'Lycée', 'École'],
  },
  cpam: {
    label: { fr: 'Caisse primaire d’assurance maladie (CPAM)', en: 'Health insurance fund (CPAM)' },
    definition: {
      fr: 'Organisme local de l’assurance maladie du régime général.',
      en: 'Local body of the general health insurance scheme.',
    },
    aliases: ['CPAM', 'Assurance maladie', 'CGSS'],
  },
  carsat: {
    label: { fr: 'Caisse d’assurance retraite et de la santé au travail (Carsat)', en: 'Pension fund (Carsat)' },
    definition: {
      fr: 'Organisme régional de l’assurance retraite du régime général, engagé dans la prévention de la perte d’autonomie.',
      en: 'Regional body of the general pension scheme, also active in preventing loss of independence.',
    },
    aliases: ['Carsat', 'CARSAT', 'Cnav', 'Assurance retraite'],
  },
  'france-travail': {
    label: { fr: 'France Travail', en: 'Public employment service (France Travail)' },
    definition: {
      fr: 'Opérateur public de l’emploi, appelé Pôle emploi jusqu’à la fin de 2023.',
      en: 'Public employment service, called Pôle emploi until the end of 2023.',
    },
    aliases: ['Pôle emploi', 'ANPE'],
  },
  ccas: {
    label: { fr: 'Centre communal d’action sociale (CCAS)', en: 'Communal social action centre (CCAS)' },
    definition: {
      fr: 'Établissement public d’une commune, chargé de l’action sociale de proximité.',
      en: 'Public institution of a commune in charge of local social action.',
    },
    broader: 'etablissement-public',
    aliases: ['CCAS'],
  },
  cias: {
    label: { fr: 'Centre intercommunal d’action sociale (CIAS)', en: 'Intermunicipal social action centre (CIAS)' },
    definition: {
      fr: 'Établissement public d’une intercommunalité, chargé de l’action sociale qu’elle a déclarée d’intérêt communautaire.',
      en: 'Public institution of an intermunicipal authority in charge of its share of social action.',
    },
    broader: 'etablissement-public',
    aliases: ['CIAS'],
  },
  'caisse-des-ecoles': {
    label: { fr: 'Caisse des écoles', en: 'Schools fund' },
    definition: {
      fr: 'Établissement public d’une commune qui aide les enfants scolarisés : restauration, loisirs, réussite éducative.',
      en: 'Public institution of a commune which helps schoolchildren: meals, leisure, educational success.',
    },
    broader: 'etablissement-public',
    aliases: ['CDE'],
  },
  syndicat: {
    label: { fr: 'Syndicat de communes ou syndicat mixte', en: 'Syndicate of public bodies' },
    definition: {
      fr: 'Groupement sans fiscalité propre de communes ou d’autres collectivités, créé pour gérer des services en commun.',
      en: 'Grouping of communes or other authorities, without taxes of its own, set up to run services together.',
    },
    aliases: ['SIVU', 'SIVOM', 'Syndicat intercommunal', 'Syndicat mixte'],
  },
  petr: {
    label: { fr: 'Pôle d’équilibre territorial et rural (PETR)', en: 'Rural balance pole (PETR)' },
    definition: {
      fr: 'Syndicat mixte d’intercommunalités qui porte un projet de territoire commun ; forme actuelle de nombreux pays.',
      en: 'Syndicate of intermunicipal authorities with a common territorial project.',
    },
    broader: 'syndicat',
    aliases: ['PETR', 'Pays'],
  },
  'mission-locale': {
    label: { fr: 'Mission locale', en: 'Local youth employment centre' },
    definition: {
      fr: 'Organisme qui accompagne les jeunes de 16 à 25 ans sortis de l’école vers l’emploi et l’autonomie.',
      en: 'Body which helps young people from 16 to 25 who have left school towards work and independence.',
    },
    aliases: ['Missions locales', 'PAIO'],
  },
  association: {
    label: { fr: 'Association', en: 'Association' },
    definition: {
      fr: 'Association à but non lucratif, y compris fédération, centre social associatif ou crèche parentale.',
      en: 'Non-profit association, including federations, social centres and parent-run nurseries.',
    },
    aliases: ['Association loi 1901', 'Familles rurales', 'Fédération'],
  },
  mutuelle: {
    label: { fr: 'Mutuelle', en: 'Mutual society' },
    definition: {
      fr: 'Société de personnes à but non lucratif du code de la mutualité, qui peut gérer des services aux familles.',
      en: 'Non-profit mutual insurance society, which may run services to families.',
    },
    aliases: ['Mutualité française'],
  },
  hopital: {
    label: { fr: 'Établissement de santé', en: 'Health care institution' },
    definition: {
      fr: 'Hôpital, clinique, maternité ou centre médico-psychologique, public ou privé.',
      en: 'Hospital, clinic, maternity or mental health centre, public or private.',
    },
    aliases: ['Hôpital', 'Centre hospitalier', 'CMP', 'CAMSP'],
  },
  'bailleur-social': {
    label: { fr: 'Bailleur social', en: 'Social landlord' },
    definition: {
      fr: 'Organisme qui loue des logements sociaux : office public ou entreprise sociale pour l’habitat.',
      en: 'Body which lets social housing: public housing office or social housing company.',
    },
    aliases: ['HLM', 'Office public de l’habitat', 'OPH'],
  },
  entreprise: {
    label: { fr: 'Entreprise', en: 'Company' },
    definition: {
      fr: 'Société ou entreprise individuelle, dont les gestionnaires privés de crèches ou de micro-crèches.',
      en: 'Company or sole trader, including private managers of nurseries.',
    },
    aliases: ['Société', 'Gestionnaire privé'],
  },
  'etablissement-public': {
    label: { fr: 'Autre établissement public', en: 'Other public institution' },
    definition: {
      fr: 'Établissement public national ou local qui n’a pas de code plus précis dans cette liste.',
      en: 'National or local public institution that has no narrower code in this list.',
    },
    aliases: ['EPA', 'EPIC', 'Groupement d’intérêt public', 'GIP'],
  },
  other: {
    label: { fr: 'Autre organisme', en: 'Other body' },
    definition: {
      fr: 'Organisme qui n’entre dans aucun autre code de cette liste, ou dont la nature n’est pas connue.',
      en: 'Body that fits no other code of this list, or whose nature is not known.',
    },
  },
}
