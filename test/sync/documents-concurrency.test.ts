/** Documents that arrive at once: they take turns, nothing is doubled, nothing is a 5xx. */
import { sql } from 'kysely'
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  CAF,
  countsOf,
  documentOf,
  documentPath,
  type Fields,
  fullDocument,
  getDocument,
  put,
  read,
  stateOf,
} from '../support/documents.ts'
import { brokenRules } from '../support/invariants.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
/** As every client does: a busy registry, which has then changed nothing, is asked again. */
async function putSurely(...given: Parameters<typeof put>) {
  for (let attempt = 1; ; attempt++) {
    const answer = await put(...given)
    if (answer.status !== 503 || attempt === 5) return answer
  }
}

const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort()

t.test('the same document twice at once is created once', async (t) => {
  const answers = await Promise.all([1, 2, 3].map(() => put(registry, 'same', fullDocument())))
  t.same(statuses(answers), [200, 200, 201])
  t.equal(new Set(answers.map(({ body }) => body.convention.id)).size, 1)
  t.equal(new Set(answers.map(({ headers }) => headers.etag)).size, 1)
  t.same(answers.map((answer) => countsOf(answer)[0]).sort(), [0, 0, 15])
  const once = await Promise.all(
    [1, 2, 3].map(() => put(registry, 'once', documentOf(), { headers: { 'if-none-match': '*' } })),
  )
  t.same(statuses(once), [201, 412, 412])
})

t.test('of two changes with the same If-Match one is made', async (t) => {
  const { headers } = await put(registry, 'matched', documentOf())
  const changes = ['a', 'b', 'c'].map((summary) =>
    put(registry, 'matched', documentOf({ summary }), { headers: { 'if-match': String(headers.etag) } }),
  )
  t.same(statuses(await Promise.all(changes)), [200, 412, 412])
})

t.test('two sources that bring the same new organization at once make it once', async (t) => {
  const bring = (source: string, n: number) => {
    const organizations = [
      CAF,
      { key: `${source}-${n}`, kind: 'association', name: 'La Passerelle', territory: 'commune:61214' },
      { key: `siren-${n}`, kind: 'mutuelle', name: `Mutuelle vue par ${source}`, siren: '130005481' },
      { key: `ville-${n}`, kind: 'commune', name: `Crulai (${source})`, territory: 'commune:61140' },
    ]
    const brought = n % 2 ? organizations : organizations.toReversed()
    return put(registry, `brings-${n}`, documentOf({ organizations: brought }), { source })
  }
  const answers = await Promise.all([1, 2, 3].flatMap((n) => [bring('caf-14', n), bring('caf-27', n)]))
  t.same(statuses(answers), [201, 201, 201, 201, 201, 201])
  for (const kind of ['association', 'mutuelle', 'commune'])
    t.equal((await read(registry, `/v1/organizations?kind=${kind}&source=caf-27`)).body.data.length, 1, kind)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from organization
    where name in ('La Passerelle') or siren = '130005481' or territory_key = 'commune:61140'`.execute(registry.db)
  t.equal(rows[0]?.count, 3)
})

t.test('twenty documents of two sources at once are all there, and no organization is doubled', async (t) => {
  const names = Array.from({ length: 20 }, (_, i) => ({ source: `caf-${i % 2}`, key: `ctg-${i}` }))
  const document = (i: number) => {
    const own = { key: `own-${i}`, kind: 'association', name: `Association ${i}`, territory: 'commune:61008' }
    const shared = { key: 'shared', kind: 'ccas', name: 'CCAS partagé', territory: 'commune:61342' }
    const full = fullDocument() as { organizations: Fields[] }
    const organizations = [...full.organizations, shared, own]
    return { ...full, organizations: i % 3 ? organizations : organizations.toReversed() }
  }
  const answers = await Promise.all(
    names.map(({ source, key }, i) => putSurely(registry, key, document(i), { source })),
  )
  t.same(new Set(statuses(answers)), new Set([201]))
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from organization
    group by kind, territory_key, name_key having count(*) > 1`.execute(registry.db)
  t.same(rows, [])
  const before = await stateOf(registry)
  const again = await Promise.all(names.map(({ source, key }, i) => putSurely(registry, key, document(i), { source })))
  t.same(new Set(statuses(again)), new Set([200]))
  t.same(await stateOf(registry), before)
})

t.test('a document is put, deleted, hidden and named at once: each answer is one of the contract', async (t) => {
  const put2 = (key: string, changes: Fields, source?: string) =>
    put(registry, key, documentOf(changes), source ? { source } : {})
  await put2('busy', {})
  const { id } = (await getDocument(registry, 'busy')).body
  const remove = () => registry.request('DELETE', documentPath('busy'), { key: ADMIN_KEY })
  const writes = Array.from({ length: 4 }, (_, i) => [
    put2('busy', { state: 'draft' }),
    put2(`names-${i}`, { predecessor: id }, 'caf-33'),
    put2('busy', {}),
    remove(),
    put2(`names-${i}`, { predecessor: 'busy' }),
  ]).flat()
  for (const { status, text } of await Promise.all(writes)) t.ok([200, 201, 204, 404, 409, 422].includes(status), text)
  const { rows } = await sql`select from convention c join convention d on d.id in (c.predecessor_id, c.merged_into_id)
    where c.state <> 'draft' and d.state = 'draft'`.execute(registry.db)
  t.equal(rows.length, 0, 'nothing public names a draft')
})

t.test('a document that is read while it is written is one of the two, never a mixture', async (t) => {
  const of = (word: string) =>
    documentOf({
      title: word,
      axes: [{ key: '1', title: word }],
      actions: [1, 2, 3].map((n) => ({ key: `${n}`, title: word })),
    })
  await put(registry, 'torn', of('a'))
  const writes = (async () => {
    for (const word of ['b', 'c', 'd', 'e', 'f']) await put(registry, 'torn', of(word))
  })()
  for (let reads = 0; reads < 20; reads++) {
    const { body } = await getDocument(registry, 'torn')
    const words = [body.title, body.axes[0].title, ...body.actions.map(({ title }: Fields) => title)]
    t.equal(new Set(words).size, 1, words.join(' '))
  }
  await writes
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
