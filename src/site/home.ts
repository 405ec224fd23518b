/**
 * Home page: the registry in short, calls to try, how to write, and links to everything. HTML for people, JSON for
 * programs that ask for it.
 */
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { CHANGES_MAX, WAIT_SECONDS_MAX } from '../changes/schema.ts'
import { limits } from '../config.ts'
import { inReadingOrder } from '../domain/resources.ts'
import { camel, pluralOf } from '../engine/words.ts'
import { problemTypes } from '../http/errors/problem-types.ts'
import { escapeMarkup } from '../http/output/markup.ts'
import { preferredType } from '../http/output/negotiation.ts'
import { integer, ref, responseSchema, text } from '../http/schema/schemas.ts'
import { NAME, SUMMARY, version } from './api-info.ts'
import { prose, sendPage } from './html.ts'

const PATH_MAX = 200
const PAGE_MAX = 100_000
const path = (description: string, example: string) => text(PATH_MAX, description, example)
const bound = (description: string, example: number) => integer(1, Number.MAX_SAFE_INTEGER, description, example)

const lists = {
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
  licence: ['https://spdx.org/licenses/EUPL-1.2.html', 'The licence of the service.'],
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

const Home = responseSchema('Home', 'What the service is and where everything is.', {
  name: text(PATH_MAX, 'The name of the service.', NAME),
  version: text(PATH_MAX, 'The version of the service and of its contract.', '0.1.0'),
  summary: text(PATH_MAX, 'What it is, in a sentence.', SUMMARY),
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
const home: Static<typeof Home> = {
  name: NAME,
  version,
  summary: SUMMARY,
  limits: { ...ofRequests, changes: CHANGES_MAX, waitSeconds: WAIT_SECONDS_MAX },
  links,
}

const produces = ['text/html', 'application/json']

export function homeRoutes(app: FastifyInstance): void {
  const schema = {
    operationId: 'getHome',
    tags: ['Service'],
    summary: 'Get the home page',
    description: 'What the service is, its limits and where everything is: a page for people, or JSON when asked for.',
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
  app.get('/', { schema, config: { produces } }, async (request, reply) =>
    preferredType(request.headers.accept, produces) === 'text/html' ? sendPage(reply, NAME, page()) : home,
  )
}

/** They need no id, so they work whatever the registry holds. */
const calls = {
  '/v1/conventions?communeCode=61342': 'The conventions whose perimeter contains the commune of Rai.',
  '/v1/signatories?validOn=2020-06-01&include=organization': 'Who was bound by one on 1 June 2020, with names.',
  '/v1/actions?include=axes': 'What is planned, and under which axes.',
  '/v1/search?q=parentalite': 'All that speaks of parentalité, the most relevant first.',
}

function page(): string {
  const tried = Object.entries(calls).map(
    ([call, words]) =>
      `<li><a href="${escapeMarkup(call)}"><code>GET ${escapeMarkup(call)}</code></a>${escapeMarkup(words)}</li>`,
  )
  const problems = Object.entries(problemTypes).map(
    ([slug, { status, title }]) => `<li>${status} <a href="/problems/${slug}">${escapeMarkup(title)}</a></li>`,
  )
  return `<p class="label">${NAME} · version ${version}</p>
<h1>${SUMMARY}</h1>
<p>A CTG is the agreement by which a Caf, the communes and other public bodies of a territory plan their services to families for some years: who signed, until when, along which axes, with which actions, and where families find what. Here it is open data behind a REST API.</p>
<p><a class="button" href="/docs">Explore the API</a> or read the <a href="/guide">guide</a> first.</p>
<h2>Calls to try</h2>
<ol class="calls">
${tried.join('\n')}
</ol>
<h2>Reading and writing</h2>
<p>${prose('Reading is free and needs no key. Writing needs one: the operators of the registry make it with `npm run keys -- create NAME`, and you send it as `Authorization: Bearer KEY`.')}</p>
<h2>For the system of a Caf</h2>
<p>${prose('Describe each convention in one document by your own keys and `PUT` it to `/v1/sources/{source}/conventions/{key}`, first with `dryRun=true`: the registry makes the smallest change, and the same document again changes nothing. To keep a copy, take a')} <a href="/v1/snapshot">snapshot</a> ${prose('once, go on with its `next` in the')} <a href="/v1/changes">feed of changes</a>${prose(', which misses none and tells none twice (with `excludeSource` without your own, if you store the answers to your writes), and compare now and then with the')} <a href="/v1/digest">digest</a>. ${prose('Send an `Idempotency-Key` with each write, so that it can be repeated after a failure.')}</p>
<h2>Everything there is</h2>
<ul>
${Object.values(lists)
  .map(([to, words]) => `<li><a href="${to}"><code>${to}</code></a> ${escapeMarkup(words)}</li>`)
  .join('\n')}
</ul>
<h2>For your program</h2>
<ul>
<li>${prose('The OpenAPI 3.1 document,')} <a href="/openapi.json">as JSON</a> and <a href="/openapi.yaml">as YAML</a>, makes a client in your language.</li>
<li>${prose('Is it up?')} <a href="/health/ready">Readiness</a>. ${prose('This page for programs: ask with `Accept: application/json`.')}</li>
</ul>
<details>
<summary>When something goes wrong: the problems</summary>
<p>Every error is a problem (RFC 9457); its type leads to one of these pages.</p>
<ul>
${problems.join('\n')}
</ul>
</details>
<footer>Free software under the <a href="${links.licence}">EUPL-1.2</a>.</footer>`
}
