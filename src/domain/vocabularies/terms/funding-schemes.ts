/**
 * By what a funding line is paid: the schemes of the Caf first, then the means of others. An amount names its payer
 * beside the scheme, so a scheme here says nothing of who pays.
 */
import type { FundingScheme } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const fundingSchemeTerms: TermTexts<FundingScheme> = {
  'bonus-territoire': {
    label: { fr: 'Bonus territoire CTG', en: 'CTG territory bonus' },
    definition: {
      fr: 'Complément versé par la Caf au gestionnaire d’un service soutenu par une collectivité signataire d’une CTG, par place, par heure ou par poste ; il remplace la prestation de service enfance jeunesse du contrat enfance jeunesse.',
      en: 'Supplement paid by the Caf to the manager of a service supported by a local authority that signed a CTG, per place, hour or post; it replaces the payment of the former childhood and youth contract.',
    },
    aliases: ['PSEJ', 'Prestation de service enfance jeunesse', 'CEJ', 'Contrat enfance jeunesse', 'Bonus CTG'],
  },
  'bonus-mixite-sociale': {
    label: { fr: 'Bonus mixité sociale', en: 'Social mix bonus' },
    definition: {
      fr: 'Complément de la prestation de service unique versé aux établissements d’accueil du jeune enfant dont les familles paient en moyenne de faibles participations.',
      en: 'Supplement to the single service payment for nurseries whose families pay low fees on average.',
    },
    validFrom: '2019',
  },
  'bonus-inclusion-handicap': {
    label: { fr: 'Bonus inclusion handicap', en: 'Disability inclusion bonus' },
    definition: {
      fr: 'Complément de la prestation de service unique versé aux établissements d’accueil du jeune enfant qui accueillent des enfants en situation de handicap.',
      en: 'Supplement to the single service payment for nurseries that take in children with disabilities.',
    },
    validFrom: '2019',
  },
  'prestation-de-service-unique': {
    label: { fr: 'Prestation de service unique (PSU)', en: 'Single service payment (PSU)' },
    definition: {
      fr: 'Aide au fonctionnement versée par la Caf aux établissements d’accueil du jeune enfant, qui complète la participation des familles calculée selon leurs ressources.',
      en: 'Operating aid paid by the Caf to nurseries on top of the income-based fees of the families.',
    },
    broader: 'prestation-de-service',
    aliases: ['PSU'],
  },
  'prestation-de-service': {
    label: { fr: 'Prestation de service', en: 'Service payment' },
    definition: {
      fr: 'Aide au fonctionnement versée par la Caf à un service agréé ou conventionné, en part de son prix de revient dans la limite d’un plafond.',
      en: 'Operating aid paid by the Caf to an approved service, as a share of its costs up to a ceiling.',
    },
    aliases: ['PS', 'PSO', 'Prestation de service ordinaire', 'PS ALSH', 'PS RPE', 'PS LAEP'],
  },
  'pilotage-ctg': {
    label: { fr: 'Pilotage du projet de territoire', en: 'CTG steering payment' },
    definition: {
      fr: 'Cofinancement par la Caf des postes de chargés de coopération, du diagnostic et de l’ingénierie de la CTG.',
      en: 'Co-funding by the Caf of the cooperation officers, the diagnosis and the engineering of the CTG.',
    },
    aliases: ['Chargé de coopération CTG', 'Bonus pilotage', 'Ingénierie CTG'],
  },
  reaap: {
    label: {
      fr: 'Réseaux d’écoute, d’appui et d’accompagnement des parents (Reaap)',
      en: 'Parent support networks (Reaap)',
    },
    definition: {
      fr: 'Financement d’actions collectives menées avec et pour les parents, dans le cadre du fonds national parentalité.',
      en: 'Funding of group activities run with and for parents, from the national parenting fund.',
    },
    aliases: ['REAAP', 'Fonds national parentalité', 'FNP'],
  },
  clas: {
    label: {
      fr: 'Contrat local d’accompagnement à la scolarité (CLAS)',
      en: 'Local schooling support contract (CLAS)',
    },
    definition: {
      fr: 'Financement d’un accompagnement des enfants et de leurs parents hors du temps scolaire, distinct du soutien scolaire.',
      en: 'Funding of help to children and their parents outside school hours, other than private tuition.',
    },
    aliases: ['CLAS', 'Accompagnement à la scolarité', 'PS CLAS'],
  },
  'plan-mercredi': {
    label: { fr: 'Plan mercredi', en: 'Wednesday plan' },
    definition: {
      fr: 'Aide majorée aux accueils de loisirs du mercredi qui respectent une charte de qualité et s’inscrivent dans un projet éducatif territorial.',
      en: 'Raised aid for Wednesday leisure centres that follow a quality charter within a local education project.',
    },
    validFrom: '2018-09',
    aliases: ['Bonification plan mercredi'],
  },
  'fonds-publics-et-territoires': {
    label: { fr: 'Fonds publics et territoires', en: 'Publics and territories fund' },
    definition: {
      fr: 'Fonds de la branche famille qui soutient, sur projet, l’adaptation des services aux besoins de publics et de territoires particuliers.',
      en: 'Fund of the family branch which supports, project by project, services suited to particular publics and territories.',
    },
    aliases: ['FPT'],
  },
  piaje: {
    label: {
      fr: 'Plan d’investissement pour l’accueil du jeune enfant (Piaje)',
      en: 'Early childhood investment plan (Piaje)',
    },
    definition: {
      fr: 'Aide à l’investissement pour créer des places d’accueil du jeune enfant ou pour aménager des locaux.',
      en: 'Capital grant to create childcare places for young children or to fit out premises.',
    },
    aliases: ['PIAJE', 'Plan crèche', 'PPICC'],
  },
  'fonds-propres': {
    label: { fr: 'Fonds propres', en: 'Own funds' },
    definition: {
      fr: 'Part que le porteur de l’action ou le gestionnaire du service paie sur son propre budget.',
      en: 'Share which the lead of the action or the manager of the service pays out of its own budget.',
    },
    aliases: ['Autofinancement', 'Budget propre'],
  },
  subvention: {
    label: { fr: 'Subvention', en: 'Grant' },
    definition: {
      fr: 'Aide accordée par une collectivité, l’État, l’Europe ou un autre organisme, hors des dispositifs nommés ici.',
      en: 'Aid granted by a local authority, the State, Europe or another body, outside the schemes named here.',
    },
    aliases: ['Aide', 'Subvention de fonctionnement', 'Subvention d’investissement'],
  },
  other: {
    label: { fr: 'Autre financement', en: 'Other funding' },
    definition: {
      fr: 'Financement qui n’entre dans aucun autre code de cette liste.',
      en: 'Funding that fits no other code of this list.',
    },
  },
}
