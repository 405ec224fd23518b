/**
 * Problem pages, behind the `type` of every problem: its meaning, its remedy and an example. HTML for people, JSON for
 * programs that ask for it.
 */
import type { FastifyInstance } from 'fastify'
import { bodyCodes, conflictCodes, parameterCodes } from '../http/errors/error-codes.ts'
import { problemTypes } from '../http/errors/problem-types.ts'
import { type ProblemSlug, problem } from '../http/errors/problems.ts'
import { escapeMarkup } from '../http/output/markup.ts'
import { preferredType } from '../http/output/negotiation.ts'
import { exampleOf } from '../http/server/problem-schema.ts'
import { prose, sendPage } from './html.ts'

const produces = ['text/html', 'application/json']

export function problemPages(app: FastifyInstance): void {
  app.get<{ Params: { slug: string } }>(
    '/problems/:slug',
    { config: { produces }, schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      if (!isSlug(slug)) throw problem('not-found', 'There is no problem of this name.')
      reply.header('cache-control', 'public, max-age=3600')
      if (preferredType(request.headers.accept, produces) === 'text/html')
        return sendPage(reply, problemTypes[slug].title, page(slug))
      return { type: `/problems/${slug}`, ...problemTypes[slug], example: exampleOf(slug), codes: codes[slug] ?? {} }
    },
  )
}

const isSlug = (name: string): name is ProblemSlug => Object.hasOwn(problemTypes, name)

/** What the `code` of an entry of `errors` may be. */
const codes: Partial<Record<ProblemSlug, Readonly<Record<string, string>>>> = {
  'invalid-body': bodyCodes,
  'invalid-parameter': parameterCodes,
  'already-exists': { taken: conflictCodes.taken },
  conflict: { 'too-many': conflictCodes['too-many'] },
  'in-use': { 'in-use': conflictCodes['in-use'] },
}

function codesList(slug: ProblemSlug): string {
  const listed = Object.entries(codes[slug] ?? {})
  if (listed.length === 0) return ''
  const items = listed.map(([code, words]) => `<li><code>${code}</code>: ${prose(words)}</li>`)
  const more =
    slug === 'invalid-parameter'
      ? '<p>Values of parameters also have the codes of a <a href="/problems/invalid-body">body</a>.</p>'
      : ''
  return `<h2>The codes in <code>errors</code></h2>
<p>The list may grow: treat a code that you do not know as any other error.</p>
<ul>
${items.join('\n')}
</ul>
${more}`
}

function othersList(slug: ProblemSlug): string {
  const items = Object.entries(problemTypes)
    .filter(([other]) => other !== slug)
    .map(([other, { status, title }]) => `<li>${status} <a href="/problems/${other}">${escapeMarkup(title)}</a></li>`)
  return `<details>
<summary>All other problems</summary>
<ul>
${items.join('\n')}
</ul>
</details>`
}

function page(slug: ProblemSlug): string {
  const { status, title, explanation, remedy } = problemTypes[slug]
  return `<p class="label">Problem <code>${slug}</code> · HTTP status ${status}</p>
<h1>${escapeMarkup(title)}</h1>
<p>${prose(explanation)}</p>
<h2>What to do</h2>
<p>${prose(remedy)}</p>
<h2>What an answer looks like</h2>
<pre><code>${escapeMarkup(JSON.stringify(exampleOf(slug), null, 2))}</code></pre>
${codesList(slug)}
${othersList(slug)}
<footer>A problem of the <a href="/">CTG registry</a>; its operations stand in the <a href="/docs">documentation</a>. Quote <code>instance</code> when you report one.</footer>`
}
