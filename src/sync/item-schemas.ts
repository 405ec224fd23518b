/**
 * The objects that a convention document lists. They are the resources with keys in place of ids, made from the same
 * properties: a field added to a resource is in its document. What a document takes and what it gives back differ in
 * optionality only; `id` and `version` come back with a GET, and a PUT ignores them.
 */
import type { TProperties, TSchema } from 'typebox'
import { Action, actionBody, actionFields } from '../domain/actions/schema.ts'
import { Amendment, amendmentBody, amendmentFields } from '../domain/amendments/schema.ts'
import { Axis, axisFields } from '../domain/axes/schema.ts'
import { Organization, organizationBody, organizationFields } from '../domain/organizations/schema.ts'
import { funding, fundingLine } from '../domain/service-sites/parts.ts'
import { ServiceSite, serviceSiteBody, serviceSiteFields } from '../domain/service-sites/schema.ts'
import { Signatory, signatoryFields } from '../domain/signatories/schema.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { bounds, derived, identity, key, partial } from '../engine/schema.ts'
import { answer, distinct, input, KEY_MAX, nullable, text } from '../http/schema/schemas.ts'

/** The fields that hold ids, each with its name and schema in a document. */
type Replacements = Record<string, readonly [name: string, schema: TSchema]>

type Keyed<P extends TProperties, R extends Replacements> = {
  [K in keyof P as K extends keyof R ? R[K][0] : K]: K extends keyof R ? R[K][1] : P[K]
}

/** The same properties in the same order, those that hold ids under their name in a document. */
export function keyed<P extends TProperties, const R extends Replacements>(properties: P, replacements: R) {
  const entries = Object.entries(properties).map(([name, schema]) => replacements[name] ?? [name, schema])
  return Object.fromEntries(entries) as Keyed<P, R>
}

/** What every object of a document begins with. */
export const keyedIdentity = (exampleKey: string, exampleId: string) => ({
  key: key('Key in the source, case-sensitive (French: clé dans la source).', exampleKey),
  ...identity(exampleId),
})

const CARRIED_FROM_MAX = 2 * KEY_MAX + 1

const fundingReferences = {
  funderId: ['funder', nullable(key('Key of the organization that pays, or its id (French: financeur).', 'caf-orne'))],
} as const
const documentFundingLine = keyed(fundingLine, fundingReferences)
const DocumentFundingLine = input(
  'DocumentFundingLine',
  'A line of funding in a document, with `funder` or `funderName` (French: ligne de financement).',
  partial(documentFundingLine, 'year'),
)
const DocumentFundingLineAnswer = answer(
  'DocumentFundingLineAnswer',
  'A line of funding as a document gives it back (French: ligne de financement).',
  documentFundingLine,
)

const organizationIdentity = keyedIdentity('cdc-pays-de-l-aigle', exampleIds.intercommunality)
const { departmentCodes, ...organization } = organizationFields
export const DocumentOrganization = input(
  'DocumentOrganization',
  'An organization that the document names. One that the registry knows is never changed, only completed (French: organisme).',
  partial({ ...organizationIdentity, ...organizationBody }, 'key', 'kind', 'name'),
  derived(Organization, organizationBody),
)
export const DocumentOrganizationAnswer = answer(
  'DocumentOrganizationAnswer',
  'An organization as a document gives it back (French: organisme).',
  { ...organizationIdentity, ...organization },
)

const amendmentIdentity = keyedIdentity('avenant-1', exampleIds.amendment)
export const DocumentAmendment = input(
  'DocumentAmendment',
  'An amendment in a document (French: avenant).',
  partial({ ...amendmentIdentity, ...amendmentBody }, 'key', 'kinds'),
  derived(Amendment, amendmentBody),
)
export const DocumentAmendmentAnswer = answer(
  'DocumentAmendmentAnswer',
  'An amendment as a document gives it back (French: avenant).',
  { ...amendmentIdentity, ...amendmentFields },
)

const amendmentKey = (description: string) => nullable(key(description, 'avenant-1'))
const signatory = {
  ...keyedIdentity('rai', exampleIds.signatory),
  ...keyed(signatoryFields, {
    organizationId: ['organization', key('Key of the organization that is bound (French: organisme).', 'rai')],
    amendmentId: ['amendment', amendmentKey('Key of the amendment by which it joined (French: avenant d’adhésion).')],
    exitAmendmentId: [
      'exitAmendment',
      amendmentKey('Key of the amendment by which it left (French: avenant de retrait).'),
    ],
  }),
}
export const DocumentSignatory = input(
  'DocumentSignatory',
  'A signatory in a document (French: signataire).',
  partial(signatory, 'key', 'organization'),
  derived(Signatory, signatoryFields),
)
export const DocumentSignatoryAnswer = answer(
  'DocumentSignatoryAnswer',
  'A signatory as a document gives it back (French: signataire).',
  signatory,
)

const axis = {
  ...keyedIdentity('2', exampleIds.axis),
  ...keyed(axisFields, {
    parentId: ['parent', nullable(key('Key of the axis above, in this document (French: axe parent).', '1'))],
  }),
}
export const DocumentAxis = input(
  'DocumentAxis',
  'An axis in a document (French: axe).',
  partial(axis, 'key', 'title'),
  derived(Axis, axisFields),
)
export const DocumentAxisAnswer = answer(
  'DocumentAxisAnswer',
  'An axis as a document gives it back (French: axe).',
  axis,
)

const actionIdentity = keyedIdentity('itinerance', exampleIds.action)
const actionReferences = {
  axisIds: [
    'axes',
    distinct(
      key('Key of an axis of this document (French: axe).', '3'),
      bounds.axes,
      'Keys of the axes that it stands under, the main one first (French: axes).',
    ),
  ],
  carriedFromId: [
    'carriedFrom',
    nullable(
      text(
        CARRIED_FROM_MAX,
        'The action that it continues, `<convention key>/<action key>` (French: action reconduite).',
        'pays-de-l-aigle-2018/itinerance',
      ),
    ),
  ],
  leadId: ['lead', nullable(key('Key of the organization that leads it (French: pilote).', 'cdc-pays-de-l-aigle'))],
  partnerIds: [
    'partners',
    distinct(
      key('Key of an organization of this document (French: partenaire).', 'rai'),
      bounds.partners,
      'Keys of the organizations that take part (French: partenaires).',
    ),
  ],
  serviceSiteIds: [
    'serviceSites',
    distinct(
      key('Key of a service site of this document (French: lieu de service).', 'services-itinerants'),
      bounds.serviceSites,
      'Keys of the service sites where it takes place (French: lieux de service).',
    ),
  ],
} as const
export const DocumentAction = input(
  'DocumentAction',
  'An action in a document (French: fiche action).',
  partial(
    { ...actionIdentity, ...keyed(actionBody, actionReferences), funding: funding(DocumentFundingLine) },
    'key',
    'title',
  ),
  derived(Action, actionBody),
)
export const DocumentActionAnswer = answer(
  'DocumentActionAnswer',
  'An action as a document gives it back (French: fiche action).',
  { ...actionIdentity, ...keyed(actionFields, actionReferences), funding: funding(DocumentFundingLineAnswer) },
)

const serviceSiteIdentity = keyedIdentity('services-itinerants', exampleIds.serviceSite)
const serviceSiteReferences = {
  managerId: [
    'manager',
    nullable(key('Key of the organization that runs it (French: gestionnaire).', 'cdc-pays-de-l-aigle')),
  ],
} as const
const { conventionIds, ...serviceSite } = serviceSiteFields
export const DocumentServiceSite = input(
  'DocumentServiceSite',
  'A service site in a document (French: lieu de service).',
  partial(
    { ...serviceSiteIdentity, ...keyed(serviceSiteBody, serviceSiteReferences), funding: funding(DocumentFundingLine) },
    'key',
    'name',
  ),
  derived(ServiceSite, serviceSiteBody),
)
export const DocumentServiceSiteAnswer = answer(
  'DocumentServiceSiteAnswer',
  'A service site as a document gives it back (French: lieu de service).',
  {
    ...serviceSiteIdentity,
    ...keyed(serviceSite, serviceSiteReferences),
    funding: funding(DocumentFundingLineAnswer),
  },
)
