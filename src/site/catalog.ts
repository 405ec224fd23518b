/**
 * Catalogue record of the registry in DCAT-AP, which data portals harvest: a dataset, its files, and the service behind
 * them. Addresses are relative to it where the origin is not known.
 */
import { inReadingOrder } from '../domain/resources.ts'
import { NAME, SUMMARY } from './api-info.ts'
import { addressOf, licenceOf, OPERATORS, type Publisher } from './terms.ts'

const AUTHORITY = 'http://publications.europa.eu/resource/authority'

const context = {
  dcat: 'http://www.w3.org/ns/dcat#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
}

const texts = {
  title: [
    { '@language': 'fr', '@value': 'Registre des conventions territoriales globales' },
    { '@language': 'en', '@value': NAME },
  ],
  description: [
    {
      '@language': 'fr',
      '@value':
        'Les conventions territoriales globales (CTG) de France : signataires, avenants, axes, actions et lieux de service, avec leur histoire.',
    },
    {
      '@language': 'en',
      '@value': `${SUMMARY}: signatories, amendments, axes, actions and service sites, with their history.`,
    },
  ],
}

/** One JSON-LD object. */
export function catalogOf(publisher: Publisher): object {
  const iri = (path: string) => ({ '@id': addressOf(publisher, path) })
  const authority = (path: string) => ({ '@id': `${AUTHORITY}/${path}` })
  const terms = {
    'dct:license': { '@id': licenceOf(publisher).url },
    'dct:publisher': { '@type': 'foaf:Agent', 'foaf:name': OPERATORS },
    ...(publisher.contactEmail !== null && {
      'dcat:contactPoint': {
        '@type': 'vcard:Organization',
        'vcard:fn': OPERATORS,
        'vcard:hasEmail': { '@id': `mailto:${publisher.contactEmail}` },
      },
    }),
  }
  const distribution = (title: string, path: string, format: string, mediaType: string) => ({
    '@type': 'dcat:Distribution',
    'dct:title': title,
    'dcat:accessURL': iri(path),
    'dcat:downloadURL': iri(path),
    'dcat:accessService': iri('/catalog.jsonld#service'),
    'dct:format': authority(`file-type/${format}`),
    'dcat:mediaType': { '@id': `https://www.iana.org/assignments/media-types/${mediaType}` },
    'dct:license': terms['dct:license'],
  })
  const service = {
    '@id': addressOf(publisher, '/catalog.jsonld#service'),
    '@type': 'dcat:DataService',
    ...terms,
    'dct:title': `${NAME}: REST API`,
    'dcat:endpointURL': iri('/v1'),
    'dcat:endpointDescription': iri('/openapi.json'),
    'dcat:servesDataset': iri('/catalog.jsonld#dataset'),
    'foaf:page': iri('/docs'),
  }
  const dataset = {
    '@id': addressOf(publisher, '/catalog.jsonld#dataset'),
    '@type': 'dcat:Dataset',
    ...terms,
    'dct:title': texts.title,
    'dct:description': texts.description,
    'dcat:theme': authority('data-theme/SOCI'),
    'dct:spatial': authority('country/FRA'),
    'dct:language': authority('language/FRA'),
    'dct:accrualPeriodicity': authority('frequency/CONT'),
    'dcat:landingPage': iri('/'),
    'dcat:distribution': [
      distribution('Everything at one moment', '/v1/snapshot', 'JSON', 'application/x-ndjson'),
      ...inReadingOrder.map(({ path }) =>
        distribution(`${path.slice(1)}, as a table`, `/v1${path}?format=csv`, 'CSV', 'text/csv'),
      ),
    ],
  }
  return {
    '@context': context,
    '@id': addressOf(publisher, '/catalog.jsonld#catalog'),
    '@type': 'dcat:Catalog',
    ...terms,
    'dct:title': texts.title,
    'dct:description': texts.description,
    'foaf:homepage': iri('/'),
    'dcat:dataset': dataset,
    'dcat:service': service,
  }
}
