/** Home page for people: the registry in short, calls to try, how to write, its terms, and links to everything. */
import { escapeMarkup } from '../http/output/markup.ts'
import { french } from './french-home.ts'
import { english, type HomeWords } from './home-words.ts'
import type { Language } from './html.ts'
import { problemLinks } from './problem-pages.ts'

/** The licence of the service itself. */
export const SOFTWARE_LICENCE = 'https://spdx.org/licenses/EUPL-1.2.html'

interface Facts {
  dataLicence: { name: string; url: string }
  contact: string | null
}

/** The lists by name, each with its path and what it is. */
type Lists = Record<string, readonly [path: string, words: string]>

const words: Record<Language, HomeWords> = { en: english, fr: french }

export const titles: Record<Language, string> = { en: english.name, fr: french.name }

const link = (to: string, text: string) => `<a href="${escapeMarkup(to)}">${escapeMarkup(text)}</a>`

/** The body of the page, in HTML. */
export function homePage({ dataLicence, contact }: Facts, lists: Lists, language: Language): string {
  const text = words[language]
  const calls = Object.entries(text.calls).map(
    ([call, means]) =>
      `<li><a href="${escapeMarkup(call)}"><code>GET ${escapeMarkup(call)}</code></a>${escapeMarkup(means)}</li>`,
  )
  const everything = Object.entries(lists).map(
    ([name, [to, means]]) =>
      `<li><a href="${to}"><code>${to}</code></a> ${escapeMarkup(text.wordsOf(name, means))}</li>`,
  )
  return `<p class="label">${text.name} · ${text.label}</p>
<h1>${text.summary}</h1>
<p>${text.introduction}</p>
<p><a class="button" href="/docs">${text.explore}</a> ${text.guide}</p>
<h2>${text.callsHeading}</h2>
<ol class="calls">
${calls.join('\n')}
</ol>
<h2>${text.writingHeading}</h2>
<p>${text.writing}</p>
<h2>${text.syncHeading}</h2>
<p>${text.sync}</p>
<h2>${text.listsHeading}</h2>
<ul>
${everything.join('\n')}
</ul>
<h2>${text.programsHeading}</h2>
<ul>
${text.programs.map((one) => `<li>${one}</li>`).join('\n')}
</ul>
<h2>${text.termsHeading}</h2>
<p>${text.terms(link(dataLicence.url, dataLicence.name))}${contact === null ? '' : ` ${text.contact(link(`mailto:${contact}`, contact))}`}</p>
<details>
<summary>${text.problems}</summary>
<p>${text.problem}</p>
${problemLinks(language)}
</details>
<footer>${text.footer(link(SOFTWARE_LICENCE, 'EUPL-1.2'))}</footer>`
}
