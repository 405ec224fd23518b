/** Models of neighbours: service sites as services of HSDS, as structures and as services of data.inclusion. */
import type { Model } from '../../../engine/declaration/models.ts'
import { servicesOf, structureOf } from './data-inclusion.ts'
import { describe } from './describe.ts'
import { hsdsServices } from './hsds.ts'
import type { DescribedSite } from './services.ts'

const itemsOf =
  (write: (site: DescribedSite) => readonly object[]): Model['itemsOf'] =>
  async (texts, context) =>
    (await describe(texts, context)).flatMap(write).map((item) => JSON.stringify(item))

export const models: readonly Model[] = [
  {
    name: 'hsds',
    label: 'HSDS',
    mediaType: 'application/vnd.openreferral.hsds+json',
    description:
      'A service, valid against `service_with_definitions.json` of the Human Services Data Specification 3.1 of Open Referral, with its organization and its locations, of which every stop is one. Each type of a site is one service; a site without types offers one, named after it. Ids stay. Opening hours are the description of a schedule, in the syntax of OpenStreetMap (French: service).',
    itemsOf: itemsOf(hsdsServices),
  },
  {
    name: 'data-inclusion-structures',
    label: 'structures of data.inclusion',
    mediaType: 'application/vnd.data-inclusion.structures+json',
    description: 'A site as a structure, valid against the schema 1.0 of data.inclusion (French: structure).',
    itemsOf: itemsOf((site) => [structureOf(site)]),
  },
  {
    name: 'data-inclusion-services',
    label: 'services of data.inclusion',
    mediaType: 'application/vnd.data-inclusion.services+json',
    description:
      'A service, valid against the schema 1.0 of data.inclusion. Each type of a site is one service; a site without types offers one, named after it. Themes, audiences and types for which there is no code there are left out, and so are stops (French: service).',
    itemsOf: itemsOf(servicesOf),
  },
]
