/** Search in the database: what the triggers keep of a row, and what becomes of what people type. */
import { sql } from 'kysely'
import t from 'tap'
import { renewSearchTexts } from '../../src/changes/rewrite.ts'
import { resources } from '../../src/domain/resources.ts'
import type { Fields } from '../../src/engine/declaration/fields.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { columnOf } from '../../src/engine/row-mapper.ts'
import { add, change, openTestDatabase, remove, value } from '../support/rows.ts'

const db = await openTestDatabase(t)

const plain = (text: string) => value(db, sql`select plain(${text})`)
const query = (typed: string) => value(db, sql`select ask(tame(${typed}))::text`)
const matches = (text: string, typed: string) =>
  value(db, sql`select to_tsvector('fr', spaced(${text})) @@ ask(tame(${typed}))`)

t.test('accents, case, punctuation and ligatures make no difference', async (t) => {
  for (const text of ["L'Œuvre d’Été", 'l œuvre d été', ' L-OEUVRE_D’ÉTÉ! ', 'l oeuvre d e\u0301te\u0301'])
    t.equal(await plain(text), 'l oeuvre d ete', text)
  t.equal(await plain('«»’-'), '')
})

t.test('words meet in all their forms', async (t) => {
  for (const [text, typed] of [
    ['Soutien à la parentalité', 'parentalite'],
    ['Deux crèches', 'CRECHE'],
    ["Développer l'itinérance", 'l’itinerance'],
    ['L’accueil d’été', "accueil d'ete"],
    ['Bonnes œuvres', 'oeuvre'],
    ['La petite enfance', 'petite-enfance'],
    ['Enfance/jeunesse', 'jeunesse'],
    ['CTG 2022-2026', '2026'],
    ['Accueil des jeunes', '"accueil des jeunes"'],
    ['Accueil des jeunes', 'accueil -familles'],
    ['Familles', 'jeunes or familles'],
  ] as const)
    t.equal(await matches(text, typed), true, `${text}: ${typed}`)
  for (const [text, typed] of [
    ['Accueil des familles', 'accueil -familles'],
    ['Des jeunes, un accueil', '"accueil des jeunes"'],
    ['Jeunesse', 'crèche'],
  ] as const)
    t.equal(await matches(text, typed), false, typed)
})

t.test(
  'the last word counts as a beginning too, unless it is quoted, excluded, one of several or ended by a blank',
  async (t) => {
    t.match(await query('accueil logem'), /'logem':\*/)
    for (const typed of ['logem ', '"logem"', 'accueil -logem', 'accueil or logem', 'l'])
      t.notMatch(await query(typed), /:\*/, typed)
  },
)

t.test('nothing that is typed is an error', async (t) => {
  const odd = [
    '- '.repeat(40),
    '('.repeat(200),
    "' | ! & <-> :*",
    '"a',
    'a:*b',
    '\\',
    '東京都'.repeat(66),
    '&'.repeat(200),
  ]
  for (const typed of [...odd, 'or or', '-', '--a', '!!', "';drop table x--", '\u0301'.repeat(50)])
    await t.resolves(value(db, sql`select ask(tame(${typed}))`), typed)
})

/** The columns of what is searched in a resource, each with a value that has the word in it. */
function searchedColumns(fields: Fields, wordOf: (field: string) => string): [string, unknown][] {
  return Object.entries(fields).flatMap(([field, { facts }]): [string, unknown][] => {
    const word = wordOf(field)
    const named = { kind: 'commune', code: '61214', name: word }
    const isList = (facts.answer as { type?: unknown }).type === 'array'
    if (facts.search) {
      const one = facts.isTerritory ? named : word
      return [[columnOf(field), isList ? [one] : one]]
    }
    const inner = facts.part && Object.fromEntries(searchedColumns(facts.part.fields, () => word))
    return inner && Object.keys(inner).length > 0 ? [[columnOf(field), [inner]]] : []
  })
}

for (const { type, declared, isSearched } of Object.values<Resource>(resources).filter((one) => one.isSearched)) {
  t.test(`${type}: every field that is declared so is searched, with its weight`, async (t) => {
    t.ok(isSearched)
    const columns = searchedColumns(declared, (field) => `mot${field}`)
    const body = { id: '019b76da-a800-7000-8000-000000000000', ...Object.fromEntries(columns) }
    const { rows } = await sql<{ field: string; weight: string; fits: boolean }>`
      select field, weight, to_tsvector('fr', spaced(value)) @@ to_tsquery('fr', 'mot' || field)
        and row.words @@ to_tsquery('fr', 'mot' || field || ':' || weight::text) as fits
      from unnest(searched(${type}, ${JSON.stringify(body)}::jsonb)), search_row(${type}, ${JSON.stringify(body)}::jsonb) row`.execute(
      db,
    )
    t.same(rows.map(({ field }) => columnOf(field)).sort(), columns.map(([column]) => column).sort())
    for (const { field, fits } of rows) t.ok(fits, field)
    const weights = rows.map(({ weight }) => weight)
    t.same(weights, weights.toSorted(), 'the most important first')
  })
}

const textOf = (id: string) =>
  value(db, sql`select s.xmin || ' ' || s.words::text || coalesce(s.name, '') from search_text s where s.id = ${id}`)

t.test('the text of a row follows it, is not written while it is the same, and is in no body', async (t) => {
  const caf = await add(db, 'organization', { name: 'Caf de l’Orne' })
  const convention = await add(db, 'convention', { caf_id: caf, title: 'CTG de Rai' })
  const action = await add(db, 'action', { convention_id: convention, title: 'Ludothèque' })
  t.equal(await value(db, sql`select name from search_text where id = ${caf}`), 'caf de l orne')
  t.equal(await value(db, sql`select name from search_text where id = ${action}`), null)
  t.equal(await value(db, sql`select convention_id from search_text where id = ${action}`), convention)
  const made = await textOf(action)
  await change(db, 'action', action, { status: 'ongoing', title: 'Ludothèque' })
  t.equal(await textOf(action), made)
  await change(db, 'action', action, { title: 'Crèche' })
  t.match(await textOf(action), /'crech':/)
  t.notMatch(await textOf(action), /ludothe/)
  const { rows } = await sql<{ columns: string[] }>`
    select array(select jsonb_object_keys(body)) as columns from change where id = ${action}`.execute(db)
  for (const { columns } of rows) t.notOk(columns.some((column) => /words|search/.test(column)))
  await remove(db, 'action', action)
  t.equal(await textOf(action), undefined)
})

t.test('texts as long as they may be are kept, in scripts of any kind', async (t) => {
  const caf = await add(db, 'organization', { name: '\ufdfa'.repeat(300) })
  const words = Array.from({ length: 6_600 }, (_, i) => String.fromCodePoint(0x20000 + i)).join(' ')
  const needs = Array.from({ length: 100 }, () => ({ theme: null, description: words }))
  const convention = await add(db, 'convention', { caf_id: caf, summary: words, needs })
  t.ok(await textOf(convention))
})

t.test('renewal collects what is searched anew', async (t) => {
  const id = await add(db, 'organization', { name: 'Mutualité sociale agricole' })
  const before = await value(db, sql`select words::text from search_text where id = ${id}`)
  await sql`update search_text set name = 'x', words = '' where id = ${id}`.execute(db)
  await renewSearchTexts(db)
  t.equal(await value(db, sql`select words::text from search_text where id = ${id}`), before)
  const after = await textOf(id)
  await renewSearchTexts(db)
  t.equal(await textOf(id), after)
})
