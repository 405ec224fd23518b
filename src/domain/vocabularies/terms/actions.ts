/** The words about an action of the plan: what it is, how far it is, how it is measured and what was decided. */
import type { actionStatuses, indicatorKinds, natures, priorities, reviewDecisions } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const natureTerms: TermTexts<(typeof natures)[number]> = {
  maintain: {
    label: { fr: 'Maintien', en: 'Maintain' },
    definition: { fr: 'Garder un service existant tel qu’il est.', en: 'Keep an existing service as it is.' },
    aliases: ['Maintenir', 'Pérenniser'],
  },
  improve: {
    label: { fr: 'Amélioration', en: 'Improve' },
    definition: { fr: 'Améliorer la qualité d’un service existant.', en: 'Raise the quality of an existing service.' },
    aliases: ['Optimisation', 'Optimiser', 'Améliorer'],
  },
  develop: {
    label: { fr: 'Développement', en: 'Develop' },
    definition: {
      fr: 'Étendre un service existant à plus de personnes, de lieux ou d’heures.',
      en: 'Extend an existing service to more people, places or hours.',
    },
    aliases: ['Développer', 'Renforcer'],
  },
  create: {
    label: { fr: 'Création', en: 'Create' },
    definition: { fr: 'Mettre en place un service qui n’existe pas.', en: 'Set up a service that does not exist.' },
    aliases: ['Créer'],
  },
  study: {
    label: { fr: 'Étude', en: 'Study' },
    definition: {
      fr: 'Étudier un besoin ou la faisabilité d’un service avant de décider.',
      en: 'Study a need or the feasibility of a service before deciding.',
    },
    aliases: ['Étudier', 'Diagnostic', 'Réflexion'],
  },
}

export const priorityTerms: TermTexts<(typeof priorities)[number]> = {
  high: {
    label: { fr: 'Haute', en: 'High' },
    definition: { fr: 'À mener avant les autres actions.', en: 'To be done before other actions.' },
    aliases: ['Priorité 1'],
  },
  medium: {
    label: { fr: 'Moyenne', en: 'Medium' },
    definition: { fr: 'À mener pendant la convention.', en: 'To be done during the convention.' },
    aliases: ['Priorité 2'],
  },
  low: {
    label: { fr: 'Basse', en: 'Low' },
    definition: { fr: 'À mener si les moyens le permettent.', en: 'To be done if means allow.' },
    aliases: ['Priorité 3'],
  },
}

export const actionStatusTerms: TermTexts<(typeof actionStatuses)[number]> = {
  planned: {
    label: { fr: 'Prévue', en: 'Planned' },
    definition: { fr: 'L’action n’a pas commencé.', en: 'The action has not begun.' },
    aliases: ['À venir', 'Non démarrée'],
  },
  ongoing: {
    label: { fr: 'En cours', en: 'Ongoing' },
    definition: { fr: 'L’action a commencé et continue.', en: 'The action has begun and goes on.' },
    aliases: ['Engagée'],
  },
  completed: {
    label: { fr: 'Réalisée', en: 'Completed' },
    definition: { fr: 'Ce qui était prévu est fait.', en: 'What was planned is done.' },
    aliases: ['Terminée', 'Achevée'],
  },
  suspended: {
    label: { fr: 'Suspendue', en: 'Suspended' },
    definition: {
      fr: 'L’action est arrêtée pour un temps et doit reprendre.',
      en: 'The action is stopped for a time and is to go on.',
    },
    aliases: ['Reportée', 'En pause'],
  },
  abandoned: {
    label: { fr: 'Abandonnée', en: 'Abandoned' },
    definition: {
      fr: 'L’action est arrêtée pour de bon sans avoir été réalisée.',
      en: 'The action is stopped for good without having been completed.',
    },
    aliases: ['Annulée'],
  },
}

export const indicatorKindTerms: TermTexts<(typeof indicatorKinds)[number]> = {
  means: {
    label: { fr: 'Indicateur de moyens', en: 'Means indicator' },
    definition: {
      fr: 'Mesure ce qui est mis en œuvre : heures, postes, budgets, réunions.',
      en: 'Measures what is put in: hours, posts, budgets, meetings.',
    },
  },
  output: {
    label: { fr: 'Indicateur de réalisation', en: 'Output indicator' },
    definition: {
      fr: 'Mesure ce qui est produit : places créées, ateliers tenus, familles reçues.',
      en: 'Measures what is produced: places created, workshops held, families received.',
    },
  },
  result: {
    label: { fr: 'Indicateur de résultat', en: 'Result indicator' },
    definition: {
      fr: 'Mesure l’effet direct sur les bénéficiaires : satisfaction, demandes satisfaites.',
      en: 'Measures the direct effect on those served: satisfaction, requests met.',
    },
  },
  impact: {
    label: { fr: 'Indicateur d’impact', en: 'Impact indicator' },
    definition: {
      fr: 'Mesure le changement durable sur le territoire, auquel l’action contribue.',
      en: 'Measures the lasting change in the territory to which the action contributes.',
    },
  },
}

export const reviewDecisionTerms: TermTexts<(typeof reviewDecisions)[number]> = {
  continue: {
    label: { fr: 'Poursuivre', en: 'Continue' },
    definition: { fr: 'L’action continue sans changement.', en: 'The action goes on unchanged.' },
    aliases: ['Reconduire'],
  },
  adapt: {
    label: { fr: 'Adapter', en: 'Adapt' },
    definition: {
      fr: 'L’action continue avec des objectifs, des moyens ou un calendrier changés.',
      en: 'The action goes on with changed goals, means or dates.',
    },
    aliases: ['Réorienter', 'Ajuster'],
  },
  stop: {
    label: { fr: 'Arrêter', en: 'Stop' },
    definition: { fr: 'L’action prend fin.', en: 'The action ends.' },
  },
  'carry-over': {
    label: { fr: 'Reporter', en: 'Carry over' },
    definition: {
      fr: 'L’action est reprise dans la convention suivante.',
      en: 'The action is taken up in the next convention.',
    },
    aliases: ['Reconduire dans la prochaine CTG'],
  },
}
