/**
 * HTML layout of the few pages for people: plain, its style inside it, no script. The policy sent with a page allows
 * that style and nothing else.
 */
import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { escapeMarkup } from '../http/output/markup.ts'
import { preferredLanguage } from '../http/output/negotiation.ts'

const style = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #56657a; --line: #d8dee6; --paper: #fff; --code: #f3f5f8; --link: #0b5394; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3b0c2; --line: #344050; --paper: #141a22; --code: #1d2530; --link: #8ec1f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.25rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
p, ul, ol { margin: 0 0 1rem; }
a { color: var(--link); }
.label { margin: 0; color: var(--soft); font-size: 0.95rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; padding: 1rem; overflow-x: auto; background: var(--code); border: 1px solid var(--line); border-radius: 0.5rem; font-size: 0.9rem; line-height: 1.5; }
.button { display: inline-block; padding: 0.5rem 1.1rem; border-radius: 0.5rem; background: var(--link); color: var(--paper); text-decoration: none; }
.calls { list-style: none; padding: 0; }
.calls li { padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
.calls a { display: block; }
summary { cursor: pointer; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.95rem; }
`

const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Text as HTML; what stands between backquotes becomes code. */
export const prose = (text: string): string => escapeMarkup(text).replace(/`([^`]*)`/g, '<code>$1</code>')

const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** The language in which a person reads a page. */
export const languageOf = ({ headers }: FastifyRequest): Language =>
  preferredLanguage(headers['accept-language'], languages)

/** No line begins with one of these marks. */
const withFrenchSpaces = (text: string) => text.replace(/ ([;:?!»])/g, '&nbsp;$1').replaceAll('« ', '«&nbsp;')

/** Sends a page; `body` is HTML whose texts are escaped. */
export function sendPage(reply: FastifyReply, title: string, body: string, language: Language = 'en'): FastifyReply {
  return reply
    .header('content-language', language)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .send(`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
${language === 'fr' ? withFrenchSpaces(body) : body}
</main>
</body>
</html>
`)
}
