/**
 * Home: what the service is, its limits, its terms and where everything is. A page for people (home-page.ts), JSON for
 * programs that ask for it.
 */
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { CHANGES_MAX, WAIT_SECONDS_MAX } from '../changes/schema.ts'
import { limits } from '../config.ts'
import { inReadingOrder } from '../domain/resources.ts'
import { camel, pluralOf } from '../engine/words.ts'
import { preferredType } from '../http/output/negotiation.ts'
import { integer, nullable, ref, responseSchema, text } from '../http/schema/schemas.ts'
import { NAME, SUMMARY, version } from './api-info.ts'
import { homePage, SOFTWARE_LICENCE, titles } from './home-page.ts'
import { languageOf, sendPage } from './html.ts'
import { licenceOf, type Publisher } from './terms.ts'

const PATH_MAX = 200
const PAGE_MAX = 100_000
const path = (description: string, example: string) => text(PATH_MAX, description, example)
const bound = (description: string, example: number) => integer(1, Number.MAX_SAFE_INTEGER, description, example)

export const lists = {
  ...Object.fromEntries(
    inReadingOrder.map(({ path, docs: words }) => [camel(pluralOf(path)), [`/v1${path}`, words.home] as const]),
  ),
  territories: ['/v1/territories', 'The official geographic code.'],
  vocabularies: ['/v1/vocabularies', 'The closed lists of codes with their labels.'],
  sources: ['/v1/sources', 'The systems that sync conventions.'],
  coverage: ['/v1/statistics/coverage', 'What conventions cover, by département, region and Caf; also as a map.'],
  renewals: ['/v1/statistics/renewals', 'When conventions end, by month.'],
} as const

const others = {
  documentation: ['/docs', 'The documentation for people, where every call can be tried.'],
  guide: ['/guide', 'What holds for every operation: pages, filters, dates, errors, keys, limits.'],
  openapi: ['/openapi.json', 'The OpenAPI document, of which the documentation is made.'],
  openapiYaml: ['/openapi.yaml', 'The same as YAML.'],
  search: ['/v1/search?q=parentalite', 'The search across everything, here for an example.'],
  changes: ['/v1/changes', 'The feed of changes.'],
  snapshot: ['/v1/snapshot', 'Everything at one moment.'],
  digest: ['/v1/digest', 'What a copy is compared with.'],
  liveness: ['/health/live', 'Whether the process lives.'],
  readiness: ['/health/ready', 'Whether it can serve requests.'],
  catalog: ['/catalog.jsonld', 'The record of the registry for data portals, in DCAT-AP.'],
  apiCatalog: ['/.well-known/api-catalog', 'The API catalog (RFC 9727).'],
  licence: [SOFTWARE_LICENCE, 'The licence of the service.'],
} as const

const all = Object.entries({ ...lists, ...others })
const links = Object.fromEntries(all.map(([name, [to]]) => [name, to])) as Record<
  keyof typeof lists | keyof typeof others,
  string
>

const Links = responseSchema(
  'Links',
  'Where to go: every list, what a copy follows, the documentation.',
  Object.fromEntries(all.map(([name, [to, description]]) => [name, path(description, to)])),
)

const Limits = responseSchema('Limits', 'What one request may ask for and send.', {
  pageItems: bound('The most items of a page.', limits.pageItems),
  pageItemsByDefault: bound('The items of a page when no `limit` is given.', limits.pageItemsByDefault),
  bodyBytes: bound('The largest body in bytes.', limits.bodyBytes),
  documentBytes: bound('The largest convention document in bytes.', limits.documentBytes),
  jsonDepth: bound('The deepest nesting of a body in levels.', limits.jsonDepth),
  urlCharacters: bound('The longest URL in characters.', limits.urlCharacters),
  cursorCharacters: bound('The longest cursor in characters.', limits.cursorCharacters),
  changes: bound('The most changes of a page of the feed.', CHANGES_MAX),
  waitSeconds: bound('The longest `wait` of the feed in seconds.', WAIT_SECONDS_MAX),
})

const DataLicence = responseSchema(
  'DataLicence',
  'The licence under which the data is (French: licence des données).',
  {
    id: text(PATH_MAX, 'Its SPDX identifier (French: identifiant).', 'etalab-2.0'),
    name: text(PATH_MAX, 'Its name (French: nom).', 'Licence Ouverte 2.0'),
    url: path('Its text (French: texte de la licence).', 'https://spdx.org/licenses/etalab-2.0.html'),
  },
)

export const Home = responseSchema('Home', 'What the service is and where everything is.', {
  name: text(PATH_MAX, 'The name of the service.', NAME),
  version: text(PATH_MAX, 'The version of the service and of its contract.', '0.1.0'),
  summary: text(PATH_MAX, 'What it is, in a sentence.', SUMMARY),
  dataLicence: ref(DataLicence),
  contact: nullable(text(PATH_MAX, 'A mailbox of those who operate the registry.', 'contact@ctg.example')),
  limits: ref(Limits),
  links: ref(Links),
})

const { pageItems, pageItemsByDefault, bodyBytes, documentBytes, jsonDepth, urlCharacters, cursorCharacters } = limits
const ofRequests = {
  pageItems,
  pageItemsByDefault,
  bodyBytes,
  documentBytes,
  jsonDepth,
  urlCharacters,
  cursorCharacters,
}
const homeOf = (publisher: Publisher): Static<typeof Home> => ({
  name: NAME,
  version,
  summary: SUMMARY,
  dataLicence: licenceOf(publisher),
  contact: publisher.contactEmail,
  limits: { ...ofRequests, changes: CHANGES_MAX, waitSeconds: WAIT_SECONDS_MAX },
  links,
})

const produces = ['text/html', 'application/json']

export function homeRoutes(app: FastifyInstance, publisher: Publisher): void {
  const schema = {
    operationId: 'getHome',
    tags: ['Service'],
    summary: 'Get the home page',
    description:
      'What the service is, its limits, its terms and where everything is: a page for people, or JSON when asked for.',
    response: {
      200: {
        description: 'The home page.',
        content: {
          'application/json': { schema: ref(Home) },
          'text/html': { schema: { type: 'string', maxLength: PAGE_MAX, description: 'The page.' } },
        },
      },
    },
  }
  const home = homeOf(publisher)
  app.get('/', { schema, config: { produces } }, async (request, reply) => {
    if (preferredType(request.headers.accept, produces) !== 'text/html') return home
    const language = languageOf(request)
    return sendPage(reply, titles[language], homePage(home, lists, language), language)
  })
}
