/**
 * What a service site offers. One site may have several types: a house of services that shelters a nursery and an
 * early childhood centre names both.
 */
import type { SiteType } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const siteTypeTerms: TermTexts<SiteType> = {
  'multi-accueil': {
    label: { fr: 'Multi-accueil', en: 'Nursery (regular and occasional care)' },
    definition: {
      fr: 'Établissement d’accueil du jeune enfant qui propose un accueil régulier et un accueil occasionnel.',
      en: 'Nursery which offers both regular and occasional care.',
    },
    aliases: ['Crèche', 'Crèche collective', 'EAJE', 'Établissement d’accueil du jeune enfant'],
  },
  'micro-creche': {
    label: { fr: 'Micro-crèche', en: 'Micro-nursery' },
    definition: {
      fr: 'Crèche de douze places au plus, aux règles d’encadrement allégées.',
      en: 'Nursery of at most twelve places with lighter staffing rules.',
    },
    aliases: ['Micro crèche'],
  },
  'creche-familiale': {
    label: { fr: 'Crèche familiale', en: 'Family nursery' },
    definition: {
      fr: 'Service qui emploie des assistants maternels accueillant les enfants à leur domicile et les réunit régulièrement.',
      en: 'Service which employs childminders who work at home and regularly meet with the children.',
    },
    aliases: ['Service d’accueil familial', 'SAF'],
  },
  'creche-parentale': {
    label: { fr: 'Crèche parentale', en: 'Parent-run nursery' },
    definition: {
      fr: 'Établissement géré par une association de parents qui participent à l’accueil des enfants.',
      en: 'Nursery run by an association of parents who take part in the care.',
    },
  },
  'jardin-d-enfants': {
    label: { fr: 'Jardin d’enfants', en: 'Kindergarten' },
    definition: {
      fr: 'Établissement qui accueille surtout des enfants de plus de 18 mois jusqu’à l’école.',
      en: 'Place which mostly takes children from 18 months until they start school.',
    },
    aliases: ['Jardin d’éveil'],
  },
  'halte-garderie': {
    label: { fr: 'Halte-garderie', en: 'Drop-in nursery' },
    definition: {
      fr: 'Établissement qui accueille de jeunes enfants pour quelques heures ou quelques demi-journées.',
      en: 'Nursery which takes young children for a few hours or half-days.',
    },
    aliases: ['Halte-jeux', 'Halte garderie itinérante'],
  },
  'relais-petite-enfance': {
    label: { fr: 'Relais petite enfance (RPE)', en: 'Early childhood centre (RPE)' },
    definition: {
      fr: 'Service gratuit qui informe les familles sur les modes d’accueil et accompagne les assistants maternels et les gardes à domicile ; il a succédé en 2021 au relais assistants maternels.',
      en: 'Free service which informs families about childcare and supports childminders and nannies; it followed the childminder centre (RAM) in 2021.',
    },
    aliases: ['RPE', 'RAM', 'Relais assistants maternels', 'RAMPE', 'Relais assistantes maternelles'],
  },
  'lieu-accueil-enfants-parents': {
    label: { fr: 'Lieu d’accueil enfants-parents (LAEP)', en: 'Parent and child drop-in (LAEP)' },
    definition: {
      fr: 'Lieu d’écoute et de jeu, anonyme et sans inscription, qui reçoit des enfants de moins de 6 ans avec un parent ou un adulte familier.',
      en: 'Anonymous place for talk and play, without registration, for children under 6 with a parent or a familiar adult.',
    },
    aliases: ['LAEP', 'Maison verte'],
  },
  'maison-d-assistants-maternels': {
    label: { fr: 'Maison d’assistants maternels (MAM)', en: 'Shared childminder house (MAM)' },
    definition: {
      fr: 'Local hors de leur domicile où plusieurs assistants maternels accueillent ensemble des enfants, chacun employé par les parents.',
      en: 'Premises other than their home where several childminders work together, each employed by the parents.',
    },
    aliases: ['MAM', 'Maison d’assistantes maternelles'],
  },
  'accueil-de-loisirs': {
    label: { fr: 'Accueil de loisirs sans hébergement (ALSH)', en: 'Leisure centre (ALSH)' },
    definition: {
      fr: 'Accueil collectif déclaré de mineurs, sans hébergement, pendant les vacances, le mercredi ou le samedi.',
      en: 'Registered day centre for minors during holidays, on Wednesdays or Saturdays.',
    },
    aliases: ['ALSH', 'Centre de loisirs', 'Centre aéré', 'CLSH'],
  },
  'accueil-periscolaire': {
    label: { fr: 'Accueil périscolaire', en: 'Before- and after-school care' },
    definition: {
      fr: 'Accueil des écoliers avant et après la classe et pendant la pause de midi, les jours d’école.',
      en: 'Care of pupils before and after class and at lunch time, on school days.',
    },
    aliases: ['Garderie périscolaire', 'APS'],
  },
  'accueil-de-jeunes': {
    label: { fr: 'Accueil de jeunes', en: 'Youth club' },
    definition: {
      fr: 'Lieu ouvert aux adolescents et aux jeunes, déclaré ou non, où ils construisent leurs projets avec des animateurs.',
      en: 'Place open to teenagers and young people who build their projects with youth workers.',
    },
    aliases: ['Espace jeunes', 'Local jeunes', 'Maison des jeunes', 'Accueil ados'],
  },
  'point-information-jeunesse': {
    label: { fr: 'Information jeunesse', en: 'Youth information point' },
    definition: {
      fr: 'Lieu labellisé qui informe gratuitement les jeunes sur les études, les métiers, la mobilité, la santé et les droits.',
      en: 'Labelled place which informs young people free of charge on studies, jobs, mobility, health and rights.',
    },
    aliases: ['PIJ', 'BIJ', 'Structure information jeunesse', 'SIJ'],
  },
  'point-accueil-ecoute-jeunes': {
    label: { fr: 'Point accueil écoute jeunes (PAEJ)', en: 'Youth counselling point (PAEJ)' },
    definition: {
      fr: 'Lieu d’écoute gratuit et confidentiel pour les jeunes en mal-être et leur entourage.',
      en: 'Free and confidential counselling for young people in distress and those around them.',
    },
    aliases: ['PAEJ'],
  },
  'foyer-jeunes-travailleurs': {
    label: { fr: 'Foyer de jeunes travailleurs (FJT)', en: 'Young workers’ residence (FJT)' },
    definition: {
      fr: 'Résidence sociale pour jeunes de 16 à 30 ans en emploi, en formation ou en insertion, avec un accompagnement.',
      en: 'Social residence with support for people from 16 to 30 who work, train or look for work.',
    },
    aliases: ['FJT', 'Habitat jeunes', 'Résidence habitat jeunes'],
  },
  'centre-social': {
    label: { fr: 'Centre social', en: 'Social centre' },
    definition: {
      fr: 'Équipement de quartier ou de territoire agréé par la Caf, ouvert à tous, dont le projet est construit avec les habitants.',
      en: 'Local facility approved by the Caf, open to all, whose project is built with the residents.',
    },
    aliases: ['Centre socioculturel', 'Maison de quartier'],
  },
  'espace-de-vie-sociale': {
    label: { fr: 'Espace de vie sociale (EVS)', en: 'Social life space (EVS)' },
    definition: {
      fr: 'Structure associative de proximité agréée par la Caf, qui développe des actions collectives avec les habitants.',
      en: 'Small local structure approved by the Caf which develops group activities with the residents.',
    },
    aliases: ['EVS'],
  },
  ludotheque: {
    label: { fr: 'Ludothèque', en: 'Toy library' },
    definition: {
      fr: 'Lieu de jeu sur place et de prêt de jeux et de jouets.',
      en: 'Place to play and to borrow games and toys.',
    },
    aliases: ['Ludobus'],
  },
  'lieu-ressource-parentalite': {
    label: { fr: 'Lieu ressource parentalité', en: 'Parenting resource place' },
    definition: {
      fr: 'Lieu où les parents trouvent information, écoute, rencontres et orientation : maison des familles, café des parents.',
      en: 'Place where parents find information, a listening ear, meetings and guidance: family house, parents’ café.',
    },
    aliases: ['Maison des familles', 'Maison de la parentalité', 'Café des parents', 'Point info famille'],
  },
  'espace-rencontre': {
    label: { fr: 'Espace de rencontre', en: 'Family contact centre' },
    definition: {
      fr: 'Lieu neutre où un enfant rencontre un parent ou un tiers avec lequel il ne vit pas, souvent sur décision d’un juge.',
      en: 'Neutral place where a child meets a parent or relative with whom it does not live, often by court order.',
    },
    aliases: ['Espace rencontre', 'Point rencontre'],
  },
  'mediation-familiale': {
    label: { fr: 'Médiation familiale', en: 'Family mediation' },
    definition: {
      fr: 'Service où un médiateur diplômé aide une famille en conflit ou en séparation à trouver des accords.',
      en: 'Service in which a qualified mediator helps a family in conflict or separation to reach agreements.',
    },
  },
  'accompagnement-scolarite': {
    label: { fr: 'Accompagnement à la scolarité (CLAS)', en: 'Schooling support (CLAS)' },
    definition: {
      fr: 'Lieu d’un contrat local d’accompagnement à la scolarité : aide aux enfants et aux parents hors du temps scolaire.',
      en: 'Place of a local schooling support contract: help to children and parents outside school hours.',
    },
    aliases: ['CLAS', 'Aide aux devoirs'],
  },
  'france-services': {
    label: { fr: 'France services', en: 'France services house' },
    definition: {
      fr: 'Guichet labellisé où des agents aident aux démarches de plusieurs administrations, dont la Caf et la MSA.',
      en: 'Labelled counter where staff help with the procedures of several administrations, the Caf and the MSA among them.',
    },
    aliases: ['Maison France services', 'MSAP', 'Maison de services au public', 'Bus France services'],
  },
  'guichet-unique': {
    label: { fr: 'Guichet unique', en: 'One-stop family desk' },
    definition: {
      fr: 'Accueil qui réunit l’information et l’inscription des familles pour plusieurs services du territoire.',
      en: 'Desk which brings together information and registration of families for several services of the territory.',
    },
    aliases: ['Guichet famille', 'Portail famille', 'Point d’accueil petite enfance'],
  },
  'accueil-caf': {
    label: { fr: 'Accueil de la Caf', en: 'Caf reception' },
    definition: {
      fr: 'Lieu où la Caf reçoit elle-même les allocataires : siège, antenne, permanence ou point relais.',
      en: 'Place where the Caf itself receives its beneficiaries: head office, branch or surgery.',
    },
    aliases: ['Point relais Caf', 'Permanence Caf', 'Point numérique Caf'],
  },
  ccas: {
    label: { fr: 'Centre d’action sociale (CCAS ou CIAS)', en: 'Social action centre (CCAS or CIAS)' },
    definition: {
      fr: 'Accueil d’un centre communal ou intercommunal d’action sociale.',
      en: 'Reception of a communal or intermunicipal social action centre.',
    },
    aliases: ['CCAS', 'CIAS'],
  },
  mairie: {
    label: { fr: 'Mairie', en: 'Town hall' },
    definition: {
      fr: 'Mairie, mairie déléguée ou siège d’intercommunalité où un service est rendu aux familles.',
      en: 'Town hall, branch or seat of an intermunicipal authority where a service is given to families.',
    },
    aliases: ['Mairie déléguée', 'Mairie annexe'],
  },
  'service-itinerant': {
    label: { fr: 'Service itinérant', en: 'Travelling service' },
    definition: {
      fr: 'Service qui se déplace de lieu en lieu selon un calendrier : bus, camion aménagé, atelier tournant.',
      en: 'Service which goes from place to place by a timetable: bus, fitted van, touring workshop.',
    },
    aliases: ['Bus itinérant', 'RPE itinérant', 'Service mobile'],
  },
  other: {
    label: { fr: 'Autre lieu', en: 'Other place' },
    definition: {
      fr: 'Lieu de service qui n’entre dans aucun autre code de cette liste.',
      en: 'Service site that fits no other code of this list.',
    },
  },
}
