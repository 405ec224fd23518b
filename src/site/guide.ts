/** Guide: what holds for every operation, on one page for people. */
import type { FastifyInstance } from 'fastify'
import { limits } from '../config.ts'
import { NAME } from './api-info.ts'
import { prose, sendPage } from './html.ts'

const { costs } = limits

/** Headings and their paragraphs, or the entries of a list. */
const sections: Record<string, string | readonly string[]> = {
  Reading: [
    'Reading is free and needs no key. Begin with `GET /v1/conventions` and follow the ids.',
    'A convention has signatories, amendments, axes and actions, each with a list of its own, and service sites where families find a service. `GET /v1/conventions/{id}/document` gives all of it at once.',
    'Looking for something? `GET /v1/search?q=aigle` searches everything, `q` in a list that one.',
    'Every list has filters by place (`communeCode`, `epciCode` …) and by subject (`theme`, `organizationId` …), `sort`, and `format=csv` to take it away whole. Service sites are found by `near`, `bbox` and `openAt`.',
    'Lists come in pages: go on with `next` as `cursor`, or follow the `Link` header.',
    'Every field is always there; what is unknown is `null` or `[]`. Dates are as precise as they are known: `2022`, `2022-03`, `2022-03-17`.',
    'Codes of closed lists (`petite-enfance`, `active` …) have French and English labels in `GET /v1/vocabularies`. New fields and codes may come at any time: ignore what you do not know.',
  ],
  Time: [
    '`activeOn` and `validOn` ask for a day: which conventions were in force, who was bound.',
    '`asOf` asks for an instant: what was known then. `/history` under a resource has its versions, with what changed and when.',
    '`GET /v1/changes` has every change, in order; a copy takes a snapshot once and follows it.',
  ],
  Errors:
    'They are problems (RFC 9457) that name all that is wrong at once, each with its place and its rule. The `type` of each leads to a page that explains it; the home page lists them.',
  Writing: [
    'Writing needs a key, sent as `Authorization: Bearer KEY`.',
    "A Caf's system describes a whole convention in one document and PUTs it under `/v1/sources/{source}/conventions/{key}`; the registry makes the smallest change. Try it with `dryRun=true`.",
    'A PATCH carries in `If-Match` the `ETag` that was read, so that nobody overwrites what they have not seen. An `Idempotency-Key` lets a write be sent again after a failure.',
    'Drafts are shown to keys of the Caf that coordinates them, and to administrators.',
  ],
  Keys: [
    '`reader`: also reads the drafts of its own organization.',
    '`contributor`: follows up the actions that its organization leads and the sites that it manages.',
    '`editor`: writes the conventions that its organization coordinates, and all that is under them.',
    '`admin`: does everything.',
    'What an operation takes stands at the end of its description. A key that may not see a thing gets a 404, one that sees it and may not change it a 403.',
  ],
  Limits: [
    `What an address or a key may ask for in a minute is counted in units: a read takes ${costs.read}, a document, a search, a page of changes or of the audit ${costs.large}, a write ${costs.write}, putting a document ${costs.document}, a snapshot, a digest or a whole list ${costs.fullScan}.`,
    'A key may do ten times as much as an address. `RateLimit` has what is left; beyond it the answer is a 429 with `Retry-After`.',
    `A body has at most ${limits.bodyBytes / 1024} KB, a document ${limits.documentBytes / 1024 / 1024} MB, a page ${limits.pageItems} items.`,
  ],
}

export function guideRoute(app: FastifyInstance): void {
  app.get('/guide', { config: { produces: ['text/html'] }, schema: { hide: true } }, async (_request, reply) =>
    sendPage(reply, `${NAME}: guide`, page()),
  )
}

function page(): string {
  const parts = Object.entries(sections).map(([heading, words]) => {
    const text =
      typeof words === 'string'
        ? `<p>${prose(words)}</p>`
        : `<ul>\n${words.map((one) => `<li>${prose(one)}</li>`).join('\n')}\n</ul>`
    return `<h2>${heading}</h2>\n${text}`
  })
  return `<p class="label"><a href="/">${NAME}</a></p>
<h1>What holds for every operation</h1>
${parts.join('\n')}
<p><a class="button" href="/docs">Explore the API</a></p>`
}
