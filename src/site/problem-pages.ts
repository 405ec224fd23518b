/**
 * Problem pages, behind the `type` of every problem: its meaning, its remedy and an example. HTML for people, in English
 * or French; JSON for programs that ask for it.
 */
import type { FastifyInstance } from 'fastify'
import { bodyCodes, conflictCodes, type ErrorCode, parameterCodes } from '../http/errors/error-codes.ts'
import { problemTypes } from '../http/errors/problem-types.ts'
import { type ProblemSlug, problem } from '../http/errors/problems.ts'
import { escapeMarkup } from '../http/output/markup.ts'
import { preferredType } from '../http/output/negotiation.ts'
import { exampleOf } from '../http/server/problem-schema.ts'
import { frenchCodes, frenchProblems } from './french-problems.ts'
import { type Language, languageOf, prose, sendPage } from './html.ts'

const produces = ['text/html', 'application/json']

export function problemPages(app: FastifyInstance): void {
  app.get<{ Params: { slug: string } }>(
    '/problems/:slug',
    { config: { produces }, schema: { hide: true } },
    async (request, reply) => {
      const { slug } = request.params
      if (!isSlug(slug)) throw problem('not-found', 'There is no problem of this name.')
      reply.header('cache-control', 'public, max-age=3600')
      if (preferredType(request.headers.accept, produces) === 'text/html') {
        const language = languageOf(request)
        return sendPage(reply, textsOf[language](slug).title, page(slug, language), language)
      }
      return { type: `/problems/${slug}`, ...problemTypes[slug], example: exampleOf(slug), codes: codes[slug] ?? {} }
    },
  )
}

const isSlug = (name: string): name is ProblemSlug => Object.hasOwn(problemTypes, name)

const textsOf = {
  en: (slug: ProblemSlug) => problemTypes[slug],
  fr: (slug: ProblemSlug) => frenchProblems[slug],
}

/** What stands around the texts of a problem. */
const frames = {
  en: {
    label: (slug: string, status: number) => `Problem <code>${slug}</code> · HTTP status ${status}`,
    remedy: 'What to do',
    example: 'What an answer looks like',
    codes: 'The codes in <code>errors</code>',
    mayGrow: 'The list may grow: treat a code that you do not know as any other error.',
    ofBodies: 'Values of parameters also have the codes of a <a href="/problems/invalid-body">body</a>.',
    others: 'All other problems',
    footer:
      'A problem of the <a href="/">CTG registry</a>; its operations stand in the <a href="/docs">documentation</a>. Quote <code>instance</code> when you report one.',
  },
  fr: {
    label: (slug: string, status: number) => `Problème <code>${slug}</code> · statut HTTP ${status}`,
    remedy: 'Que faire',
    example: 'À quoi ressemble une réponse',
    codes: 'Les codes de <code>errors</code>',
    mayGrow: 'La liste peut s’allonger : traitez un code inconnu comme toute autre erreur.',
    ofBodies: 'Les valeurs des paramètres ont aussi les codes d’un <a href="/problems/invalid-body">corps</a>.',
    others: 'Tous les autres problèmes',
    footer:
      'Un problème du <a href="/">registre des CTG</a> ; ses opérations figurent dans la <a href="/docs">documentation</a>, en anglais. Citez <code>instance</code> si vous en signalez un.',
  },
}

/** What the `code` of an entry of `errors` may be. */
const codes: Partial<Record<ProblemSlug, Readonly<Record<string, string>>>> = {
  'invalid-body': bodyCodes,
  'invalid-parameter': parameterCodes,
  'already-exists': { taken: conflictCodes.taken },
  conflict: { 'too-many': conflictCodes['too-many'] },
  'in-use': { 'in-use': conflictCodes['in-use'] },
}

function codesList(slug: ProblemSlug, language: Language): string {
  const listed = Object.entries(codes[slug] ?? {})
  if (listed.length === 0) return ''
  const frame = frames[language]
  const wordsOf = (code: string, english: string) => (language === 'fr' ? frenchCodes[code as ErrorCode] : english)
  const items = listed.map(([code, words]) => `<li><code>${code}</code>: ${prose(wordsOf(code, words))}</li>`)
  return `<h2>${frame.codes}</h2>
<p>${frame.mayGrow}</p>
<ul>
${items.join('\n')}
</ul>
${slug === 'invalid-parameter' ? `<p>${frame.ofBodies}</p>` : ''}`
}

/** Links to the pages of problems, but for one. */
export function problemLinks(language: Language, except?: ProblemSlug): string {
  const items = Object.entries(problemTypes)
    .filter(([slug]) => slug !== except)
    .map(([slug, { status }]) => {
      const { title } = textsOf[language](slug as ProblemSlug)
      return `<li>${status} <a href="/problems/${slug}">${escapeMarkup(title)}</a></li>`
    })
  return `<ul>\n${items.join('\n')}\n</ul>`
}

function page(slug: ProblemSlug, language: Language): string {
  const { title, explanation, remedy } = textsOf[language](slug)
  const frame = frames[language]
  return `<p class="label">${frame.label(slug, problemTypes[slug].status)}</p>
<h1>${escapeMarkup(title)}</h1>
<p>${prose(explanation)}</p>
<h2>${frame.remedy}</h2>
<p>${prose(remedy)}</p>
<h2>${frame.example}</h2>
<pre tabindex="0"><code>${escapeMarkup(JSON.stringify(exampleOf(slug), null, 2))}</code></pre>
${codesList(slug, language)}
<details>
<summary>${frame.others}</summary>
${problemLinks(language, slug)}
</details>
<footer>${frame.footer}</footer>`
}
