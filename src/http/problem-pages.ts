/**
 * The pages behind the `type` of every problem: what it means, what to do, and what an answer looks like. For people
 * as HTML, for programs that ask for it as JSON.
 */
import type { FastifyInstance } from 'fastify'
import { exampleOf } from './contract.ts'
import { preferredType } from './negotiation.ts'
import { escapeHtml, prose, sendPage } from './pages.ts'
import { problemTypes } from './problem-types.ts'
import { type ProblemSlug, problem } from './problems.ts'

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
      return { type: `/problems/${slug}`, ...problemTypes[slug], example: exampleOf(slug) }
    },
  )
}

const isSlug = (name: string): name is ProblemSlug => Object.hasOwn(problemTypes, name)

function page(slug: ProblemSlug): string {
  const { status, title, explanation, remedy } = problemTypes[slug]
  return `<p class="label">Problem <code>${slug}</code> · HTTP status ${status}</p>
<h1>${escapeHtml(title)}</h1>
<p>${prose(explanation)}</p>
<h2>What to do</h2>
<p>${prose(remedy)}</p>
<h2>What an answer looks like</h2>
<pre><code>${escapeHtml(JSON.stringify(exampleOf(slug), null, 2))}</code></pre>
<footer>A problem of the <a href="/">CTG registry</a>. Quote <code>instance</code> when you report one.</footer>`
}
