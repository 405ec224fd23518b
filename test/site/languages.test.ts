/** Pages for people in their language, English or French. */
import t from 'tap'
import { bodyCodes, conflictCodes, parameterCodes } from '../../src/http/errors/error-codes.ts'
import { problemTypes } from '../../src/http/errors/problem-types.ts'
import { frenchCodes, frenchProblems } from '../../src/site/french-problems.ts'
import { openRegistry } from '../support/registry.ts'

const { app } = await openRegistry(t)

const read = (url: string, language?: string) =>
  app.inject({ url, headers: { accept: 'text/html', ...(language !== undefined && { 'accept-language': language }) } })

const wanted: [header: string | undefined, language: string][] = [
  [undefined, 'en'],
  ['', 'en'],
  ['fr', 'fr'],
  ['fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7', 'fr'],
  ['FR-ca', 'fr'],
  ['en-GB,fr;q=0.9', 'en'],
  ['de, fr;q=0.5', 'fr'],
  ['de', 'en'],
  ['*', 'en'],
  ['en;q=0, *', 'fr'],
  ['frr', 'en'],
]

t.test('the home page and the pages of problems come in the language that is preferred, and say so', async (t) => {
  for (const url of ['/', '/problems/not-found'])
    for (const [header, language] of wanted) {
      const { headers, payload } = await read(url, header)
      t.equal(headers['content-language'], language, `${url} ${header}`)
      t.match(payload, `<html lang="${language}">`)
      t.match(headers.vary, /\bAccept-Language\b/)
    }
  t.match((await read('/', 'fr')).payload, 'Les conventions territoriales globales de France')
  t.match((await read('/problems/in-use', 'fr')).payload, 'La ressource est utilisée')
})

t.test('another language has another tag', async (t) => {
  t.not((await read('/', 'fr')).headers.etag, (await read('/', 'en')).headers.etag)
})

t.test('answers for programs stay in English and know no language', async (t) => {
  for (const url of ['/', '/problems/not-found', '/v1/vocabularies']) {
    const { headers } = await app.inject({ url, headers: { accept: 'application/json', 'accept-language': 'fr' } })
    t.equal(headers['content-language'], undefined, url)
  }
})

t.test('a French page has no English left', async (t) => {
  const english = [
    ...Object.values(problemTypes).flatMap(({ title, explanation, remedy }) => [title, explanation, remedy]),
    ...Object.values({ ...bodyCodes, ...conflictCodes, ...parameterCodes }),
  ]
  const french = [
    ...Object.values(frenchProblems).flatMap(({ title, explanation, remedy }) => [title, explanation, remedy]),
    ...Object.values(frenchCodes),
  ]
  t.same(
    french.filter((text) => english.includes(text)),
    [],
  )
  const page = (await read('/', 'fr')).payload.replace(/<style>.*?<\/style>/s, '')
  t.notMatch(page, /\b(the|with|and|of|which)\b/i)
})
