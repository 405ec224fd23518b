/** Bodies with every field, one for each resource. */
import type { Fields } from './api.ts'

const line = {
  year: 2023,
  funderId: null,
  funderName: 'Fonds propres',
  scheme: 'fonds-propres',
  plannedCents: 100,
  paidCents: null,
}
const link = { kind: 'convention', title: 'Texte', url: 'https://example.org/ctg.pdf', publishedOn: '2022-03' }

/** What a test world offers to be named. */
export interface Named {
  caf: string
  organization: string
  /** Under the convention of the world. */
  amendment: string
  axis: string
  site: string
  /** Another signed convention and an action of it. */
  otherConvention: string
  otherAction: string
}

export const convention = ({ caf, otherConvention }: Named): Fields => ({
  title: 'CTG du Pays',
  reference: '2019-350',
  state: 'signed',
  startsOn: '2022',
  endsOn: '2026-06',
  signedOn: '2022-03-17',
  terminatedOn: null,
  cafId: caf,
  territories: [{ kind: 'commune', code: '61999', name: 'Ancienne commune' }],
  themes: ['enfance', 'petite-enfance'],
  summary: 'Deux\nlignes',
  needs: [{ theme: 'enfance', description: 'Manque' }],
  governance: [{ kind: 'steering', name: null, description: 'Comité' }],
  documents: [link],
  predecessorId: otherConvention,
  mergedIntoId: null,
})

export const amendment = (): Fields => ({
  number: 7,
  kinds: ['other', 'add-signatory'],
  title: 'Avenant',
  summary: 'Change',
  signedOn: '2023',
  effectiveOn: '2023-02',
  endsOn: '2027-12-31',
  documents: [{ ...link, kind: 'amendment' }],
})

export const organization = (): Fields => ({
  kind: 'epci',
  name: 'CdC',
  shortName: 'CdC',
  siren: '216102145',
  siret: '21610214500012',
  identifiers: [{ scheme: 'other', value: 'x' }],
  territory: { kind: 'commune', code: '61999', name: 'Ancienne commune' },
  website: 'https://example.org/',
  email: 'accueil@example.org',
  phone: '02 33 00 00 00',
})

export const signatory = ({ organization: id, amendment: by }: Named): Fields => ({
  organizationId: id,
  role: 'commune',
  amendmentId: by,
  startsOn: '2023',
  endsOn: '2024',
  exitAmendmentId: by,
  signedOn: '2023-01',
  deliberatedOn: '2022-12',
})

export const axis = ({ axis: parentId }: Named): Fields => ({
  number: 3,
  code: '1.3',
  parentId,
  label: 'axe',
  title: 'Axe',
  description: 'But',
})

export const action = ({ caf, organization: id, axis: under, site, otherAction }: Named): Fields => ({
  code: '3.1',
  title: 'Action',
  objective: 'But',
  description: 'Quoi',
  context: 'Constat',
  expectedResults: 'Effets',
  axisIds: [under],
  carriedFromId: otherAction,
  nature: 'develop',
  priority: 'high',
  themes: ['jeunesse'],
  themeLabel: 'Jeunes',
  audiences: ['familles'],
  territories: [{ kind: 'commune', code: '61999', name: 'Ancienne commune' }],
  status: 'ongoing',
  progress: 0,
  recurring: true,
  startsOn: '2022',
  endsOn: '2023',
  leadId: caf,
  partnerIds: [id, caf],
  resources: 'Deux animateurs',
  funding: [{ ...line, funderId: caf, funderName: 'La Caf' }, line],
  milestones: [{ title: 'Étape', dueOn: '2023', doneOn: null }],
  indicators: [
    {
      key: 'a',
      name: 'Rencontres',
      kind: 'output',
      unit: null,
      baseline: -0.5,
      target: 123456789012345,
      source: null,
      measurements: [{ on: '2023', value: 1.5, note: null }],
    },
  ],
  reviews: [{ year: 2023, text: 'Bilan', decision: 'continue' }],
  serviceSiteIds: [site],
})

export const serviceSite = ({ caf }: Named): Fields => ({
  name: 'Bus',
  types: ['service-itinerant'],
  managerId: caf,
  identifiers: [{ scheme: 'finess', value: '610000000' }],
  description: 'Permanences',
  themes: ['enfance'],
  audiences: ['parents'],
  communeCode: '61214',
  address: '1, place',
  postcode: '61300',
  latitude: 48.7654321,
  longitude: -0.5,
  capacity: 0,
  funding: [{ ...line, funderId: caf, funderName: 'La Caf' }],
  openedOn: '2020',
  closedOn: '2030',
  openingHours: 'Mo-Fr 09:00-12:00',
  website: 'https://example.org/',
  email: 'accueil@example.org',
  phone: '02 33 00 00 00',
  accessible: false,
  itinerant: true,
  stops: [
    {
      communeCode: '61214',
      place: 'Place',
      latitude: null,
      longitude: null,
      openingHours: null,
      startsOn: '2022',
      endsOn: null,
    },
  ],
})
