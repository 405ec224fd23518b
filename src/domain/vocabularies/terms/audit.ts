/** The words of the audit: what its entries tell, of what, and what was done to it. */
import type { auditKinds, auditOperations, auditTypes } from '../codes.ts'
import type { TermTexts } from '../schema.ts'
import { resourceTypeTerms, versionOperationTerms } from './registry.ts'

export const auditKindTerms: TermTexts<(typeof auditKinds)[number]> = {
  write: {
    label: { fr: 'Écriture', en: 'Write' },
    definition: {
      fr: 'Une ressource a été créée, modifiée ou supprimée.',
      en: 'A resource was created, changed or deleted.',
    },
  },
  key: {
    label: { fr: 'Clé', en: 'Key' },
    definition: {
      fr: 'Une clé d’API a été créée, renouvelée ou révoquée.',
      en: 'An API key was made, rotated or revoked.',
    },
  },
  refusal: {
    label: { fr: 'Refus', en: 'Refusal' },
    definition: {
      fr: 'Des appels ont été refusés : sans clé valable, sans le droit, ou trop nombreux.',
      en: 'Calls were refused: without a valid key, without the right, or too many.',
    },
  },
}

export const auditTypeTerms: TermTexts<(typeof auditTypes)[number]> = {
  ...resourceTypeTerms,
  key: {
    label: { fr: 'Clé d’API', en: 'API key' },
    definition: { fr: 'Ce qui permet à un programme d’écrire.', en: 'What lets a program write.' },
  },
}

export const auditOperationTerms: TermTexts<(typeof auditOperations)[number]> = {
  ...versionOperationTerms,
  rotated: {
    label: { fr: 'Renouvellement', en: 'Rotated' },
    definition: { fr: 'La clé a un nouveau secret.', en: 'The key has a new secret.' },
  },
  revoked: {
    label: { fr: 'Révocation', en: 'Revoked' },
    definition: { fr: 'La clé est refusée désormais.', en: 'The key is refused from then on.' },
  },
}
