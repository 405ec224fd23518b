/**
 * Example bodies of writes in the OpenAPI document, by operationId, from the real conventions of the Pays de L'Aigle.
 * They can be sent to the registry as they are once the example is loaded. The document that a source puts is read from
 * its file.
 */
import fs from 'node:fs'
import type { Static } from 'typebox'
import type { actions } from '../src/domain/actions/resource.ts'
import type { amendments } from '../src/domain/amendments/resource.ts'
import type { ApiKeyInput, ApiKeyRotation } from '../src/domain/api-keys/schema.ts'
import type { axes } from '../src/domain/axes/resource.ts'
import type { conventions } from '../src/domain/conventions/resource.ts'
import type { organizations } from '../src/domain/organizations/resource.ts'
import type { serviceSites } from '../src/domain/service-sites/resource.ts'
import type { signatories } from '../src/domain/signatories/resource.ts'
import { EXAMPLE_SOURCE, exampleId, exampleIds } from '../src/engine/example-ids.ts'
import type { SourceConventionPatch, SourcePatch } from '../src/sync/document/schema.ts'

const exampleFile = new URL('../examples/pays-de-l-aigle.json', import.meta.url)

const updateSource: SourcePatch = { organizationId: exampleIds.caf }
const updateSourceConvention: SourceConventionPatch = { source: EXAMPLE_SOURCE }

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
  } satisfies Static<typeof conventions.Input>,
  createSignatory: {
    organizationId: exampleId('organization', 'cias-pays-de-l-aigle'),
    startsOn: '2022',
  } satisfies Static<typeof signatories.Input>,
  createAmendment: {
    kinds: ['add-signatory'],
    title: "Adhésion de L'Aigle et de Rai",
    summary: "La ville de L'Aigle et la commune de Rai rejoignent la convention.",
    signedOn: '2022-01',
    effectiveOn: '2022-01',
  } satisfies Static<typeof amendments.Input>,
  createAxis: {
    label: 'axe',
    title: "Poursuivre le développement d'une politique de soutien à la parentalité",
    description: 'En développant et créant des lieux ressources pour les familles et les professionnels.',
  } satisfies Static<typeof axes.Input>,
  createAction: {
    title: "Organisation de l'itinérance des services et animations",
    axisIds: [exampleId('axis', 'pays-de-l-aigle-2022/3')],
    themes: ['acces-aux-droits', 'animation-de-la-vie-sociale'],
    audiences: ['familles'],
    serviceSiteIds: [exampleIds.serviceSite],
  } satisfies Static<typeof actions.Input>,
  createServiceSite: {
    name: "Services et animations itinérants du Pays de L'Aigle",
    types: ['service-itinerant'],
    managerId: exampleIds.intercommunality,
    themes: ['acces-aux-droits', 'animation-de-la-vie-sociale'],
    audiences: ['familles'],
    communeCode: '61214',
    itinerant: true,
  } satisfies Static<typeof serviceSites.Input>,
  createOrganization: {
    kind: 'ccas',
    name: "Centre communal d'action sociale de L'Aigle",
    shortName: "CCAS de L'Aigle",
    territory: 'commune:61214',
  } satisfies Static<typeof organizations.Input>,
}

const updates = {
  updateConvention: { signedOn: '2022', endsOn: '2026-12' } satisfies Static<typeof conventions.Patch>,
  updateSignatory: { deliberatedOn: '2019-12' } satisfies Static<typeof signatories.Patch>,
  updateAmendment: { signedOn: '2020-01', effectiveOn: '2020-01-01' } satisfies Static<typeof amendments.Patch>,
  updateAxis: { code: '2' } satisfies Static<typeof axes.Patch>,
  updateAction: { status: 'ongoing', progress: 50, leadId: exampleIds.intercommunality } satisfies Static<
    typeof actions.Patch
  >,
  updateServiceSite: { website: 'https://www.paysdelaigle.fr' } satisfies Static<typeof serviceSites.Patch>,
  updateOrganization: { website: 'https://www.paysdelaigle.fr' } satisfies Static<typeof organizations.Patch>,
}

/** Two lines of a source: a convention that is being prepared, and one that it cannot mean. */
const createSourceSync = `${[
  {
    key: 'pays-de-l-aigle-2027',
    title: "Convention territoriale globale des services aux familles du Pays de L'Aigle 2027-2031",
    state: 'draft',
    startsOn: '2027',
    endsOn: '2031',
    caf: 'caf-orne',
    territories: ['epci:200068468'],
    organizations: [
      { key: 'caf-orne', kind: 'caf', name: "Caisse d'allocations familiales de l'Orne", territory: 'departement:61' },
    ],
  },
  { key: 'pays-de-l-aigle-2032', title: '' },
]
  .map((document) => JSON.stringify(document))
  .join('\n')}\n`

/** All of them. */
export function exampleRequests(): Readonly<Record<string, unknown>> {
  const [, document] = JSON.parse(fs.readFileSync(exampleFile, 'utf8')) as object[]
  return {
    putSourceConvention: document,
    createSourceSync,
    updateSource,
    updateSourceConvention,
    ...creates,
    ...updates,
  }
}
