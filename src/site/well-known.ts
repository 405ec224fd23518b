/**
 * Well-known files, by which programs find what there is without a person: the API catalog (RFC 9727), security.txt
 * (RFC 9116), llms.txt and the record for data portals.
 */
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../config.ts'
import { problem } from '../http/errors/problems.ts'
import { NAME, SUMMARY } from './api-info.ts'
import { catalogOf } from './catalog.ts'
import { addressOf, licenceLink, licenceOf, type Publisher } from './terms.ts'

const CATALOG = '/.well-known/api-catalog'
const LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
const DAY_MS = 86_400_000
/** How long `security.txt` may be relied upon; RFC 9116 asks for less than a year. */
const SECURITY_DAYS = 180

export function wellKnownRoutes(app: FastifyInstance, publisher: Publisher, clock: Clock): void {
  const file = (path: string, type: string, textOf: () => string, link?: string) =>
    app.get(path, { schema: { hide: true } }, async (_request, reply) => {
      if (link) reply.header('link', link)
      return reply.type(type).serializer(String).send(textOf())
    })
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`
  file(CATALOG, LINKSET, () => json(linksetOf(publisher)), `<${CATALOG}>; rel="api-catalog"`)
  file('/.well-known/security.txt', 'text/plain; charset=utf-8', () => securityText(publisher, clock.now()))
  file('/llms.txt', 'text/plain; charset=utf-8', () => llmsText(publisher))
  file('/catalog.jsonld', 'application/ld+json', () => json(catalogOf(publisher)), licenceLink(publisher))
}

function linksetOf(publisher: Publisher) {
  const link = (path: string, type: string) => ({ href: addressOf(publisher, path), type })
  return {
    linkset: [
      { anchor: addressOf(publisher, CATALOG), item: [{ href: addressOf(publisher, '/v1') }] },
      {
        anchor: addressOf(publisher, '/v1'),
        'service-desc': [link('/openapi.json', 'application/json'), link('/openapi.yaml', 'application/yaml')],
        'service-doc': [link('/docs', 'text/html'), link('/guide', 'text/html')],
        'service-meta': [link('/catalog.jsonld', 'application/ld+json')],
        status: [link('/health/ready', 'application/json')],
        license: [{ href: licenceOf(publisher).url, type: 'text/html' }],
      },
    ],
  }
}

/** Throws a 404 while nobody is named who would read a report. */
function securityText({ contactEmail, publicUrl }: Publisher, now: Date): string {
  if (contactEmail === null) throw problem('not-found', 'The operators of this registry have named no mailbox.')
  const expires = new Date(Math.floor(now.getTime() / DAY_MS + SECURITY_DAYS) * DAY_MS)
  const lines = [
    `Contact: mailto:${contactEmail}`,
    `Expires: ${expires.toISOString().replace('.000', '')}`,
    'Preferred-Languages: fr, en',
    ...(publicUrl === null ? [] : [`Canonical: ${publicUrl}/.well-known/security.txt`]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** A page for language models (llmstxt.org): what there is, in the order in which it is needed. */
function llmsText(publisher: Publisher): string {
  const { name, url } = licenceOf(publisher)
  const link = (title: string, path: string, words: string) => `- [${title}](${addressOf(publisher, path)}): ${words}`
  return `# ${NAME}

> ${SUMMARY}: who signed each agreement of a Caf, an intercommunality and its communes, for how long, with which axes, actions and places. A REST API; reading needs no key.

The data is under the [${name}](${url}): name this registry and the day when you use it. Texts are French, names of fields English; codes have labels in both.

## API

${[
  link('OpenAPI 3.1', '/openapi.json', 'every operation, with examples'),
  link('Guide', '/guide', 'pages, filters, dates, errors, keys and limits, the same for all operations'),
  link('Conventions', '/v1/conventions', 'the list to begin with; follow its ids'),
  link('Search', '/v1/search?q=parentalite', 'everything that fits some words'),
  link('Vocabularies', '/v1/vocabularies', 'the codes of closed lists, with labels'),
].join('\n')}

## Whole data

${[
  link('Snapshot', '/v1/snapshot', 'everything at one moment, one JSON object a line'),
  link('Changes', '/v1/changes', 'what happened since, in order'),
  link('Conventions as a table', '/v1/conventions?format=csv', 'CSV; every list takes `format`'),
].join('\n')}

## Optional

${[
  link('Coverage', '/v1/statistics/coverage', 'what conventions cover, by region, département and Caf'),
  link('Record for data portals', '/catalog.jsonld', 'DCAT-AP'),
].join('\n')}
`
}
