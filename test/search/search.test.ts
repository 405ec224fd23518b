/** Search: what people type finds what they mean, and nothing of what is hidden. */
import { sql } from 'kysely'
import t from 'tap'
import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { searchTypes } from '../../src/search/schema.ts'
import { loadExample } from '../../src/seed.ts'
import { apiOf, newWorld } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { db, request } = registry
await loadExample(db, new Date('2026-03-15T12:00:00Z'))

interface Part {
  text: string
  matched: boolean
}

async function search(q: string, more = '') {
  const { status, body } = await request('GET', `/v1/search?q=${encodeURIComponent(q)}${more}`)
  return { status, body, data: body.data ?? [] }
}

const first = async (q: string, type: string) => (await search(q, `&type=${type}`)).data[0]
const matched = ({ highlight }: { highlight: Part[] }) =>
  highlight.filter((part) => part.matched).map(({ text }) => text)
const joined = ({ highlight }: { highlight: Part[] }) => highlight.map(({ text }) => text).join('')

t.test('it searches what is declared as searched, and territories', async (t) => {
  const declared = Object.values<Resource>(resources).filter(({ isSearched }) => isSearched)
  t.same([...searchTypes].sort(), [...declared.map(({ type }) => type), 'territory'].sort())
})

t.test('communes are found however their names are written, or mistyped', async (t) => {
  for (const [q, id] of [
    ['aigle', 'commune:61214'],
    ['l’aigle', 'commune:61214'],
    ["L'AIGLE", 'commune:61214'],
    ['rochelle', 'commune:17300'],
    ['havre', 'commune:76351'],
    ['st ouen', 'commune:41226'],
    ['saint-ouen', 'commune:41226'],
    ['st ouen sur seine', 'commune:93070'],
    ['aiglle', 'commune:61214'],
    ['marsielle', 'commune:13055'],
    ['st-brieux', 'commune:22278'],
    ['saint denis la reunion', 'commune:97411'],
    ['bourg en bres', 'commune:01053'],
    ['lyon 1er', 'commune:69123'],
  ] as const)
    t.equal((await first(q, 'territory'))?.id, id, q)
})

t.test(
  'of names that fit as well the larger territory comes first, the name itself before its beginning',
  async (t) => {
    const { data } = await search('rochelle', '&type=territory')
    t.same(
      data.slice(0, 2).map(({ id }: { id: string }) => id),
      ['commune:17300', 'commune:70450'],
    )
    const { data: paris } = await search('paris', '&type=territory')
    t.match(paris[0], { id: 'commune:75056', title: 'Paris', field: 'name', conventionId: null })
  },
)

t.test('a former name finds the commune of today, and says which name it was', async (t) => {
  const found = await first('lyon 1er', 'territory')
  t.match(found, { title: 'Lyon', field: 'formerName', path: '/v1/territories/commune/69123' })
  t.equal(joined(found), 'Lyon 1er Arrondissement')
})

t.test('the field that fits and an excerpt of it, whose parts are plain text', async (t) => {
  const action = await first('itinerance', 'action')
  t.equal(action.field, 'title')
  t.same(matched(action), ['itinérance'])
  t.equal(joined(action), action.title)
  t.same(matched(await first('itinéran', 'action')), ['itinérance'], 'a word that is only begun')
  const convention = await first('"aube et rai"', 'convention')
  t.equal(convention.field, 'needs')
  t.same(matched(convention), ['Aube', 'Rai'])
  const api = apiOf(registry)
  const name = 'A<b>&amp;</b> <script>alert(1)</script> ludothèque/crèche 2022-2026'
  await api.create('/organizations', { kind: 'association', name })
  const organization = await first('ludotheque', 'organization')
  t.equal(joined(organization), name)
  t.same(matched(organization), ['ludothèque'])
})

t.test('every path that it answers can be read', async (t) => {
  const { data } = await search('aigle')
  t.ok(data.length > 5)
  t.same(
    [...new Set(data.map(({ type }: { type: string }) => type))].sort(),
    searchTypes.toSorted().filter((type) => type !== 'action'),
  )
  for (const { path } of data) t.equal((await request('GET', path)).status, 200, path)
  const scores = data.map(({ score }: { score: number }) => score)
  t.same(
    scores,
    scores.toSorted((a: number, b: number) => b - a),
  )
  t.equal((await search('aigle', '&limit=3')).data.length, 3)
})

t.test('similar names are guesses: there are none where the words themselves are found', async (t) => {
  t.ok((await search('services')).data.every(({ field }: { field: string | null }) => field !== null))
})

t.test('a query without a word to look for is a 400, as is one that is too long', async (t) => {
  for (const q of ['-a', '-a or -b', '%%', '""', '- '.repeat(40)]) {
    const { status, body } = await search(q)
    t.equal(status, 400, q)
    t.match(body.errors, [{ parameter: 'q' }], q)
  }
  t.match(await request('GET', '/v1/search'), { status: 400, body: { errors: [{ parameter: 'q', code: 'required' }] } })
  t.match(await search('a'.repeat(201)), { status: 400, body: { errors: [{ parameter: 'q', code: 'too-long' }] } })
  t.match(await search('aigle', '&type=axis'), {
    status: 400,
    body: { errors: [{ parameter: 'type', code: 'unknown-code' }] },
  })
  t.equal((await search('a'.repeat(10_000))).status, 414)
  t.match(await request('GET', `/v1/search?${'q=a&'.repeat(1_500)}`), {
    status: 400,
    body: { errors: [{ code: 'repeated' }] },
  })
})

t.test('whatever is typed is answered', async (t) => {
  for (const q of [
    ...[
      "'; drop table search_text; --",
      "' | ! & <-> :* ()",
      'a:*',
      '"a',
      "\\'",
      '((((',
      '<->',
      'a & !b | c',
      '東京都'.repeat(60),
    ],
    ...[
      'e\u0301'.repeat(60),
      '&'.repeat(150),
      'or or or x',
      '-"a b" c',
      '--x y',
      '%_%a',
      'x'.repeat(200),
      '🙂 a',
      'a\u00a0b',
      'le',
    ],
  ])
    t.ok([200, 400].includes((await search(q)).status), q)
  t.equal(await sql`select from search_text limit 1`.execute(db).then(({ rows }) => rows.length), 1)
})

t.test('what is of a draft is found by those alone who may see it, at once after it changes', async (t) => {
  const { api, caf, convention } = await newWorld(registry, { state: 'draft', title: 'CTG du zythologue' })
  const action = await api.create(`/conventions/${convention.id}/actions`, { title: 'Veillée zythologue' })
  const { secret: own } = await createKey(db, 'reader of the Caf', { organizationId: caf.id, role: 'reader' })
  const idsFor = async (key?: string) => {
    const { body } = await request(
      'GET',
      '/v1/search?q=zythologue&type=action,convention',
      key === undefined ? {} : { key },
    )
    return body.data.map(({ id }: { id: string }) => id).sort()
  }
  const both = [action.id, convention.id].sort()
  // Twice, so that the answer is kept.
  for (let time = 0; time < 2; time++) t.same(await idsFor(), [])
  t.same(await idsFor(own), both)
  await api.change(`/conventions/${convention.id}`, { state: 'signed' })
  t.same(await idsFor(), both)
  await api.change(`/actions/${action.id}`, { title: 'Veillée' })
  t.same(await idsFor(), [convention.id])
  await api.change(`/conventions/${convention.id}`, { state: 'draft' })
  t.same(await idsFor(), [])
})

t.test('q in a list: within its filters, by relevance, page after page', async (t) => {
  const { api, path, convention } = await newWorld(registry)
  const titles = ['Atelier cuisine', 'Jardin', 'Atelier', 'Atelier de la ville pour les familles']
  for (const title of titles) await api.create(`${path}/actions`, { title, description: 'Un atelier pour tous' })
  const list = async (query: string) => (await request('GET', `/v1${path}/actions?q=atelier${query}`)).body
  const { data, next, count } = await list('&count=true')
  t.same(
    data.map(({ title }: { title: string }) => title),
    ['Atelier', 'Atelier cuisine', 'Atelier de la ville pour les familles', 'Jardin'],
  )
  t.same([next, count], [null, 4])
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const page = await list(`&limit=1${cursor}`)
    seen.push(...page.data.map(({ title }: { title: string }) => title))
    if (page.next === null) break
    cursor = `&cursor=${page.next}`
  }
  t.equal(seen.length, 4)
  const all = (query: string) => request('GET', `/v1/actions?q=atelier&conventionId=${convention.id}${query}`)
  t.equal((await all('')).body.data.length, 4)
  t.equal((await all('&status=completed')).body.data.length, 0)
  for (const other of ['sort=createdAt', 'asOf=2026-03-15T12:00:00Z'])
    t.match(await request('GET', `/v1${path}/actions?q=atelier&${other}`), {
      status: 400,
      body: { errors: [{ code: 'not-together' }] },
    })
  t.match(await request('GET', '/v1/actions?q=-a'), {
    status: 400,
    body: { errors: [{ parameter: 'q', code: 'no-word' }] },
  })
  t.match(await request('GET', '/v1/axes?q=a'), {
    status: 400,
    body: { errors: [{ parameter: 'q', code: 'unknown-parameter' }] },
  })
})

t.test('q in a list finds nothing of drafts for those who may not see them', async (t) => {
  const { api, path } = await newWorld(registry, { state: 'draft' })
  await api.create(`${path}/actions`, { title: 'Xylophone' })
  const count = async (headers: { key?: string }) =>
    (await request('GET', '/v1/actions?q=xylophone&count=true', headers)).body.count
  t.equal(await count({}), 0)
  t.equal(await count({ key: ADMIN_KEY }), 1)
})
