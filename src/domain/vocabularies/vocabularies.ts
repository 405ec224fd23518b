/**
 * All vocabularies by name: each list of codes joined with its words, in the order of the list. To add a vocabulary:
 * a tuple in codes.ts, its words in terms/, a line here.
 */
import * as codes from './codes.ts'
import type { TermTexts, Vocabulary } from './schema.ts'
import * as actions from './terms/actions.ts'
import { audienceTerms } from './terms/audiences.ts'
import * as audit from './terms/audit.ts'
import * as conventions from './terms/conventions.ts'
import { fundingSchemeTerms } from './terms/funding-schemes.ts'
import { organizationKindTerms } from './terms/organization-kinds.ts'
import * as registry from './terms/registry.ts'
import { siteTypeTerms } from './terms/site-types.ts'
import { themeTerms } from './terms/themes.ts'

function vocabulary<Code extends string>(name: string, list: readonly Code[], texts: TermTexts<Code>): Vocabulary {
  const terms = list.map((code) => {
    const { label, definition, broader = null, aliases = [], validFrom, validTo, replacedBy } = texts[code]
    return {
      code,
      label,
      definition,
      broader,
      aliases,
      validFrom: validFrom ?? null,
      validTo: validTo ?? null,
      replacedBy: replacedBy ?? null,
    }
  })
  return { name, terms }
}

/** In the order of their names, which is the order of the list that the API answers. */
export const vocabularies: readonly Vocabulary[] = [
  vocabulary('action-statuses', codes.actionStatuses, actions.actionStatusTerms),
  vocabulary('amendment-kinds', codes.amendmentKinds, conventions.amendmentKindTerms),
  vocabulary('audiences', codes.audiences, audienceTerms),
  vocabulary('audit-kinds', codes.auditKinds, audit.auditKindTerms),
  vocabulary('audit-operations', codes.auditOperations, audit.auditOperationTerms),
  vocabulary('audit-types', codes.auditTypes, audit.auditTypeTerms),
  vocabulary('change-operations', codes.changeOperations, registry.changeOperationTerms),
  vocabulary('convention-states', codes.conventionStates, conventions.conventionStateTerms),
  vocabulary('convention-statuses', codes.conventionStatuses, conventions.conventionStatusTerms),
  vocabulary('document-kinds', codes.documentKinds, conventions.documentKindTerms),
  vocabulary('funding-schemes', codes.fundingSchemes, fundingSchemeTerms),
  vocabulary('governance-kinds', codes.governanceKinds, conventions.governanceKindTerms),
  vocabulary('identifier-schemes', codes.identifierSchemes, registry.identifierSchemeTerms),
  vocabulary('indicator-kinds', codes.indicatorKinds, actions.indicatorKindTerms),
  vocabulary('key-roles', codes.keyRoles, registry.keyRoleTerms),
  vocabulary('natures', codes.natures, actions.natureTerms),
  vocabulary('organization-kinds', codes.organizationKinds, organizationKindTerms),
  vocabulary('priorities', codes.priorities, actions.priorityTerms),
  vocabulary('resource-types', codes.resourceTypes, registry.resourceTypeTerms),
  vocabulary('review-decisions', codes.reviewDecisions, actions.reviewDecisionTerms),
  vocabulary('site-types', codes.siteTypes, siteTypeTerms),
  vocabulary('territory-kinds', codes.territoryKinds, registry.territoryKindTerms),
  vocabulary('themes', codes.themes, themeTerms),
  vocabulary('version-operations', codes.versionOperations, registry.versionOperationTerms),
]

const byName = new Map(vocabularies.map((one) => [one.name, one]))

/** Undefined when there is none of that name. */
export const findVocabulary = (name: string): Vocabulary | undefined => byName.get(name)
