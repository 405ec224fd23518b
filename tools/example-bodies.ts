/**
 * The bodies that the OpenAPI document shows for writes, by operationId: of the real conventions of the Pays de
 * L'Aigle. To be sent to the registry as it is once the example is loaded. The document that a source puts is read
 * from its file.
 */
import fs from 'node:fs'
import type { ActionInput, ActionPatch } from '../src/domain/actions/schema.ts'
import type { AmendmentInput, AmendmentPatch } from '../src/domain/amendments/schema.ts'
import type { ApiKeyInput, ApiKeyRotation } from '../src/domain/api-keys/schema.ts'
import type { AxisInput, AxisPatch } from '../src/domain/axes/schema.ts'
import type { ConventionInput, ConventionPatch } from '../src/domain/conventions/schema.ts'
import type { OrganizationInput, OrganizationPatch } from '../src/domain/organizations/schema.ts'
import type { ServiceSiteInput, ServiceSitePatch } from '../src/domain/service-sites/schema.ts'
import type { SignatoryInput, SignatoryPatch } from '../src/domain/signatories/schema.ts'
import { exampleId, exampleIds } from '../src/engine/example-ids.ts'
import type { ConventionDocument, SourcePatch } from '../src/sync/schema.ts'

const exampleFile = new URL('../examples/pays-de-l-aigle.json', import.meta.url)

const updateSource: SourcePatch = { organizationId: exampleIds.caf }

const creates = {
  createKey: {
    organizationId: exampleIds.caf,
    role: 'editor',
    name: "Système d'information de la Caf de l'Orne",
    expiresAt: '2028-01-01T00:00:00.000Z',
  } satisfies ApiKeyInput,
  createKeyRotation: { overlapSeconds: 86_400 } satisfies ApiKeyRotation,
  createConvention: {
    title: "Convention territoriale globale des services aux familles du Pays de L'Aigle 2022-2026",
    state: 'draft',
    startsOn: '2022',
    endsOn: '2026',
    cafId: exampleIds.caf,
    territories: ['epci:200068468'],
    themes: ['petite-enfance', 'enfance', 'jeunesse', 'parentalite', 'logement'],
    predecessorId: exampleIds.firstConvention,
  } satisfies ConventionInput,
  createSignatory: {
    organizationId: exampleId('organization', 'cias-pays-de-l-aigle'),
    startsOn: '2022',
  } satisfies SignatoryInput,
  createAmendment: {
    kinds: ['add-signatory'],
    title: "Adhésion de L'Aigle et de Rai",
    summary: "La ville de L'Aigle et la commune de Rai rejoignent la convention.",
    signedOn: '2022-01',
    effectiveOn: '2022-01',
  } satisfies AmendmentInput,
  createAxis: {
    label: 'axe',
    title: "Poursuivre le développement d'une politique de soutien à la parentalité",
    description: 'En développant et créant des lieux ressources pour les familles et les professionnels.',
  } satisfies AxisInput,
  createAction: {
    title: "Organisation de l'itinérance des services et animations",
    axisIds: [exampleIds.actionAxis],
    themes: ['acces-aux-droits', 'animation-de-la-vie-sociale'],
    audiences: ['familles'],
    serviceSiteIds: [exampleIds.serviceSite],
  } satisfies ActionInput,
  createServiceSite: {
    name: "Services et animations itinérants du Pays de L'Aigle",
    types: ['service-itinerant'],
    managerId: exampleIds.intercommunality,
    themes: ['acces-aux-droits', 'animation-de-la-vie-sociale'],
    audiences: ['familles'],
    communeCode: '61214',
    itinerant: true,
  } satisfies ServiceSiteInput,
  createOrganization: {
    kind: 'ccas',
    name: "Centre communal d'action sociale de L'Aigle",
    shortName: "CCAS de L'Aigle",
    territory: 'commune:61214',
  } satisfies OrganizationInput,
}

const updates = {
  updateConvention: { signedOn: '2022', endsOn: '2026-12' } satisfies ConventionPatch,
  updateSignatory: { deliberatedOn: '2019-12' } satisfies SignatoryPatch,
  updateAmendment: { signedOn: '2020-01', effectiveOn: '2020-01-01' } satisfies AmendmentPatch,
  updateAxis: { code: '2' } satisfies AxisPatch,
  updateAction: { status: 'ongoing', progress: 50, leadId: exampleIds.intercommunality } satisfies ActionPatch,
  updateServiceSite: { website: 'https://www.paysdelaigle.fr' } satisfies ServiceSitePatch,
  updateOrganization: { website: 'https://www.paysdelaigle.fr' } satisfies OrganizationPatch,
}

/** All of them. */
export function exampleRequests(): Readonly<Record<string, unknown>> {
  const [, document] = JSON.parse(fs.readFileSync(exampleFile, 'utf8')) as ConventionDocument[]
  return { putSourceConvention: document, updateSource, ...creates, ...updates }
}
