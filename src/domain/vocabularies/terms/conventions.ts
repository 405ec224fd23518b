/**
 * The words about a convention and its amendments. State is what a writer says; status is what follows from the
 * state, the period and the day.
 */
import type { amendmentKinds, conventionStates, conventionStatuses, documentKinds, governanceKinds } from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const conventionStateTerms: TermTexts<(typeof conventionStates)[number]> = {
  draft: {
    label: { fr: 'Brouillon', en: 'Draft' },
    definition: {
      fr: 'Convention en préparation, visible seulement de ceux qui en ont le droit.',
      en: 'Convention in preparation, seen only by those who may see it.',
    },
    aliases: ['Projet'],
  },
  signed: {
    label: { fr: 'Signée', en: 'Signed' },
    definition: {
      fr: 'Convention signée par la Caf et les collectivités, publique.',
      en: 'Convention signed by the Caf and the local authorities, public.',
    },
  },
  terminated: {
    label: { fr: 'Résiliée', en: 'Terminated' },
    definition: {
      fr: 'Convention à laquelle il a été mis fin, en général avant son terme.',
      en: 'Convention that was brought to an end, usually before its term.',
    },
    aliases: ['Dénoncée', 'Résiliation'],
  },
}

export const conventionStatusTerms: TermTexts<(typeof conventionStatuses)[number]> = {
  draft: {
    label: { fr: 'Brouillon', en: 'Draft' },
    definition: { fr: 'La convention est encore en préparation.', en: 'The convention is still in preparation.' },
  },
  upcoming: {
    label: { fr: 'À venir', en: 'Upcoming' },
    definition: {
      fr: 'La convention est signée et sa période n’a pas commencé.',
      en: 'The convention is signed and its period has not begun.',
    },
  },
  active: {
    label: { fr: 'En cours', en: 'Active' },
    definition: {
      fr: 'Le jour est dans la période de la convention, avenants compris.',
      en: 'The day is within the period of the convention, amendments included.',
    },
    aliases: ['En vigueur'],
  },
  expired: {
    label: { fr: 'Échue', en: 'Expired' },
    definition: {
      fr: 'La période de la convention, avenants compris, est finie.',
      en: 'The period of the convention, amendments included, is over.',
    },
    aliases: ['Expirée', 'Terminée'],
  },
  terminated: {
    label: { fr: 'Résiliée', en: 'Terminated' },
    definition: {
      fr: 'La convention a été résiliée et le jour est après sa date de résiliation, ou celle-ci est inconnue.',
      en: 'The convention was terminated and the day is after the date of termination, or that date is unknown.',
    },
  },
}

export const amendmentKindTerms: TermTexts<(typeof amendmentKinds)[number]> = {
  'add-signatory': {
    label: { fr: 'Entrée de signataires', en: 'Adds signatories' },
    definition: {
      fr: 'Un ou plusieurs organismes rejoignent la convention.',
      en: 'One or more organizations join the convention.',
    },
    aliases: ['Adhésion'],
  },
  'remove-signatory': {
    label: { fr: 'Sortie de signataires', en: 'Removes signatories' },
    definition: {
      fr: 'Un ou plusieurs organismes quittent la convention.',
      en: 'One or more organizations leave the convention.',
    },
    aliases: ['Retrait'],
  },
  'extend-period': {
    label: { fr: 'Prolongation', en: 'Extends the period' },
    definition: {
      fr: 'La fin de la convention est repoussée.',
      en: 'The end of the convention is put off.',
    },
    aliases: ['Prorogation'],
  },
  'change-content': {
    label: { fr: 'Modification du contenu', en: 'Changes the content' },
    definition: {
      fr: 'Les axes, les actions ou les engagements changent.',
      en: 'The axes, actions or commitments change.',
    },
  },
  'change-perimeter': {
    label: { fr: 'Modification du périmètre', en: 'Changes the perimeter' },
    definition: {
      fr: 'Le territoire couvert par la convention change.',
      en: 'The territory covered by the convention changes.',
    },
  },
  merge: {
    label: { fr: 'Fusion', en: 'Merges conventions' },
    definition: {
      fr: 'La convention en absorbe une autre ou est reprise par une autre.',
      en: 'The convention takes in another or is taken in by another.',
    },
    aliases: ['Intégration'],
  },
  other: {
    label: { fr: 'Autre avenant', en: 'Other amendment' },
    definition: { fr: 'Changement d’une autre nature.', en: 'Change of another nature.' },
  },
}

export const governanceKindTerms: TermTexts<(typeof governanceKinds)[number]> = {
  steering: {
    label: { fr: 'Comité de pilotage', en: 'Steering committee' },
    definition: {
      fr: 'Instance des élus et des directions qui décide des orientations et valide les bilans.',
      en: 'Body of elected members and directors which sets the course and approves the reviews.',
    },
    aliases: ['COPIL'],
  },
  technical: {
    label: { fr: 'Comité technique', en: 'Technical committee' },
    definition: {
      fr: 'Instance des techniciens qui prépare les décisions et suit les actions.',
      en: 'Body of officers which prepares decisions and follows the actions.',
    },
    aliases: ['COTECH', 'Comité de suivi'],
  },
  thematic: {
    label: { fr: 'Groupe thématique', en: 'Thematic group' },
    definition: {
      fr: 'Groupe de travail de partenaires sur un thème du plan.',
      en: 'Working group of partners on one theme of the plan.',
    },
    aliases: ['Groupe de travail', 'Commission thématique'],
  },
  other: {
    label: { fr: 'Autre instance', en: 'Other body' },
    definition: {
      fr: 'Instance d’une autre nature, par exemple un comité d’usagers.',
      en: 'Body of another nature, e.g. a users’ committee.',
    },
  },
}

export const documentKindTerms: TermTexts<(typeof documentKinds)[number]> = {
  convention: {
    label: { fr: 'Convention', en: 'Convention' },
    definition: { fr: 'Texte signé de la convention.', en: 'Signed text of the convention.' },
  },
  amendment: {
    label: { fr: 'Avenant', en: 'Amendment' },
    definition: { fr: 'Texte signé d’un avenant.', en: 'Signed text of an amendment.' },
  },
  diagnosis: {
    label: { fr: 'Diagnostic', en: 'Diagnosis' },
    definition: {
      fr: 'Diagnostic partagé des besoins du territoire.',
      en: 'Shared diagnosis of the needs of the territory.',
    },
    aliases: ['Diagnostic partagé', 'Portrait de territoire'],
  },
  'action-plan': {
    label: { fr: 'Plan d’actions', en: 'Action plan' },
    definition: {
      fr: 'Axes et fiches actions de la convention.',
      en: 'Axes and action sheets of the convention.',
    },
    aliases: ['Fiches actions'],
  },
  sites: {
    label: { fr: 'Liste des services', en: 'List of services' },
    definition: {
      fr: 'Liste des équipements et services soutenus, et de qui les soutient.',
      en: 'List of the supported facilities and services, and of who supports each.',
    },
    aliases: ['Liste des équipements'],
  },
  evaluation: {
    label: { fr: 'Évaluation', en: 'Evaluation' },
    definition: {
      fr: 'Méthode, indicateurs ou bilan d’évaluation de la convention.',
      en: 'Method, indicators or report of the evaluation of the convention.',
    },
    aliases: ['Bilan'],
  },
  deliberation: {
    label: { fr: 'Délibération', en: 'Deliberation' },
    definition: {
      fr: 'Décision par laquelle une assemblée approuve la convention ou un avenant.',
      en: 'Decision by which a council approves the convention or an amendment.',
    },
  },
  publication: {
    label: { fr: 'Publication', en: 'Publication' },
    definition: {
      fr: 'Document d’information du public : plaquette, page, article.',
      en: 'Document that informs the public: leaflet, page, article.',
    },
    aliases: ['Plaquette', 'Communication'],
  },
  'linked-contract': {
    label: { fr: 'Contrat lié', en: 'Linked contract' },
    definition: {
      fr: 'Autre contrat du territoire articulé avec la convention : contrat local de santé, contrat de ville, projet éducatif territorial.',
      en: 'Other contract of the territory tied to the convention: local health contract, city contract, local education project.',
    },
    aliases: ['CLS', 'Contrat de ville', 'PEdT', 'CRTE'],
  },
  other: {
    label: { fr: 'Autre document', en: 'Other document' },
    definition: { fr: 'Document d’une autre nature.', en: 'Document of another nature.' },
  },
}
