/**
 * Vocabularies: every closed list of the contract has one, and every code has a French and an English label and
 * definition, so that an app never shows a bare code.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { Term, type Vocabulary } from '../../../src/domain/vocabularies/schema.ts'
import { codeLists, findVocabulary, vocabularies } from '../../../src/domain/vocabularies/vocabularies.ts'
import { openRegistry } from '../../support/registry.ts'

const LABEL_MAX = 100
const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const allTerms = vocabularies.flatMap(({ name, terms }) => terms.map((term) => ({ name, ...term })))

function termOf(vocabulary: string, code: string): Term | undefined {
  return findVocabulary(vocabulary)?.terms.find((term) => term.code === code)
}

const { request } = await openRegistry(t)

t.test('every list of codes has a vocabulary of the same name with the same codes in the same order', async (t) => {
  for (const [name, codes] of Object.entries(codeLists)) {
    const found = findVocabulary(kebabCase(name))
    t.same(
      found?.terms.map(({ code }) => code),
      codes,
      name,
    )
  }
  t.equal(vocabularies.length, Object.keys(codeLists).length)
})

t.test(
  'the data is one term a line, with the fields of a term in their order, in one file for each list',
  async (t) => {
    const folder = path.join(import.meta.dirname, '../../../data/vocabularies')
    const files = (await fs.readdir(folder)).filter((file) => file.endsWith('.ndjson')).sort()
    t.same(
      files,
      vocabularies.map(({ name }) => `${name}.ndjson`),
    )
    for (const file of files) {
      for (const line of (await fs.readFile(path.join(folder, file), 'utf8')).trimEnd().split('\n')) {
        const term = JSON.parse(line)
        const fields = Object.keys(Term.properties).filter((field) => term[field] !== undefined)
        t.equal(JSON.stringify(Object.fromEntries(fields.map((field) => [field, term[field]]))), line, file)
      }
    }
  },
)

t.test('every term is labelled and defined in both languages', async (t) => {
  for (const { name, code, label, definition, aliases } of allTerms) {
    const term = `${name} ${code}`
    for (const language of ['fr', 'en'] as const) {
      t.match(label[language], /^\S.{0,98}\S$/u, `${term} has a label (${language})`)
      t.match(definition[language], /^\S.*\S[.]$/u, `${term} has a definition that is a sentence (${language})`)
    }
    for (const alias of aliases) t.ok(alias.trim() === alias && alias.length <= LABEL_MAX, `${term}: ${alias}`)
    t.equal(new Set(aliases).size, aliases.length, `no alias of ${term} stands twice`)
  }
})

t.test('labels tell the terms of a vocabulary apart', async (t) => {
  for (const { name, terms } of vocabularies) {
    for (const language of ['fr', 'en'] as const)
      t.equal(new Set(terms.map(({ label }) => label[language])).size, terms.length, `${name} (${language})`)
  }
})

t.test('a wider term and a replacement are other terms of the same vocabulary', async (t) => {
  for (const { name, code, broader, replacedBy } of allTerms) {
    for (const other of [broader, replacedBy]) {
      if (other === null) continue
      t.ok(termOf(name, other), `${name} ${other} exists`)
      t.not(other, code)
    }
  }
})

t.test('former names are found as aliases', async (t) => {
  const aliases = (vocabulary: string, code: string) => termOf(vocabulary, code)?.aliases ?? []
  t.ok(aliases('site-types', 'relais-petite-enfance').includes('RAM'))
  t.ok(aliases('organization-kinds', 'france-travail').includes('Pôle emploi'))
  t.ok(aliases('funding-schemes', 'bonus-territoire').includes('PSEJ'))
  t.ok(aliases('funding-schemes', 'bonus-territoire').includes('CEJ'))
})

t.test('audiences say their ages', async (t) => {
  const ages = { 'jeunes-enfants': '0-5', enfants: '6-11', adolescents: '12-17', 'jeunes-adultes': '18-25' }
  for (const [code, range] of Object.entries(ages)) {
    const label = termOf('audiences', code)?.label
    t.match(label?.fr, range)
    t.match(label?.en, range)
  }
})

t.test('the list of vocabularies holds all of them, in the order of their names', async (t) => {
  const { status, headers, body } = await request('GET', '/v1/vocabularies?count=true')
  t.equal(status, 200)
  t.match(headers['content-type'], /^application\/json/)
  t.same(body, { data: vocabularies, next: null, count: vocabularies.length })
  const names = body.data.map(({ name }: Vocabulary) => name)
  t.same(names, names.toSorted())
})

t.test('the list can be walked page by page', async (t) => {
  const names: string[] = []
  let path = '/v1/vocabularies?limit=7'
  for (let pages = 0; pages < 10; pages++) {
    const { status, body } = await request('GET', path)
    t.equal(status, 200)
    names.push(...body.data.map(({ name }: Vocabulary) => name))
    if (body.next === null) break
    path = `/v1/vocabularies?limit=7&cursor=${encodeURIComponent(body.next)}`
  }
  t.same(
    names,
    vocabularies.map(({ name }) => name),
  )
})

t.test('one vocabulary is found by its name, with a tag that a reader can ask again by', async (t) => {
  const { status, headers, body } = await request('GET', '/v1/vocabularies/site-types')
  t.equal(status, 200)
  t.same(body, findVocabulary('site-types'))
  t.match(headers.etag, /^"[^"]+"$/)
  const again = await request('GET', '/v1/vocabularies/site-types', {
    headers: { 'if-none-match': headers.etag as string },
  })
  t.equal(again.status, 304)
  t.equal(again.text, '')
})

t.test('a vocabulary that does not exist is a 404, an unknown parameter a 400', async (t) => {
  const missing = await request('GET', '/v1/vocabularies/colours')
  t.equal(missing.status, 404)
  t.match(missing.headers['content-type'], /^application\/problem\+json/)
  t.match(missing.body, { type: '/problems/not-found', status: 404 })
  const unknown = await request('GET', '/v1/vocabularies?language=fr')
  t.equal(unknown.status, 400)
  t.match(unknown.body.errors, [{ parameter: 'language' }])
})
