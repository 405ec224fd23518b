/** Formats of lists: the same items as in JSON, whole and at one moment, or a page; each told apart by its tag. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { inReadingOrder } from '../../../src/domain/resources.ts'
import { apiOf } from '../../support/api.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, type Fields, put } from '../../support/documents.ts'
import { openReadable } from '../../support/readable.ts'

const { registry, get, full } = await openReadable(t)
const { request } = registry
const api = apiOf(registry)
const csv = { accept: 'text/csv' }
const CSV = { bom: true, columns: true } as const
const rowsOf = (text: string) => parse(text, CSV) as Record<string, string>[]

const idsOf = (items: Fields[]) => items.map(({ id }) => id)

const itemsOf = (lines: string) =>
  lines
    .trimEnd()
    .split('\n')
    .map((line): Fields => JSON.parse(line))

const LISTS = [
  ...inReadingOrder.map(({ path }) => `/v1${path}`),
  '/v1/territories?departmentCode=61',
  `/v1/conventions/${full.id}/actions`,
  '/v1/service-sites?q=bus',
  '/v1/actions?q=action',
  '/v1/territories?q=aigle',
]

const withFormat = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`

/** All items of a list, page by page. */
async function all(path: string): Promise<Fields[]> {
  const items: Fields[] = []
  for (let next: string | undefined = withFormat(path, 'limit=200'); next; ) {
    const { body, headers }: Awaited<ReturnType<typeof get>> = await get(next)
    items.push(...body.data)
    next = /<([^>]+)>; rel="next"/.exec(headers.link ?? '')?.[1]
  }
  return items
}

t.test('every list is the same in every format, in the same order', async (t) => {
  for (const path of LISTS) {
    const items = await all(path)
    const lines = await get(withFormat(path, 'format=ndjson'))
    t.same(itemsOf(lines.text), items, path)
    const table = await get(withFormat(path, 'format=csv'))
    t.ok(
      table.text.startsWith('\uFEFF') &&
        table.text.endsWith('\r\n') &&
        !/[^\r]\n(?=[^"]*(?:"[^"]*"[^"]*)*$)/.test(table.text),
      path,
    )
    const rows = rowsOf(table.text)
    t.equal(rows.length, items.length, path)
    t.same(
      rows.map(({ id, code, kind }) => [id, code, kind].filter(Boolean)),
      items.map(({ id, code, kind }) => [id, code, kind].filter(Boolean)),
    )
  }
})

t.test('what is near is the nearest first in every format; only JSON says how far', async (t) => {
  for (const [name, latitude] of Object.entries({ Loin: 48.9, Ici: 48.76 }))
    await api.create('/service-sites', { name, latitude, longitude: 0.63 })
  const near = '/v1/service-sites?near=48.76,0.63&radius=50000'
  const items = await all(near)
  t.match(items, [
    { name: 'Ici', match: { distanceMeters: 0 } },
    { name: 'Loin', match: {} },
  ])
  const rows = rowsOf((await get(withFormat(near, 'format=csv'))).text)
  t.same(idsOf(rows), idsOf(items))
  t.notOk(Object.keys(rows[0] ?? {}).some((name) => name.startsWith('match')))
  const lines = itemsOf((await get(withFormat(near, 'format=ndjson'))).text)
  t.same(idsOf(lines), idsOf(items))
})

t.test('a CSV is read back: lists by |, objects by columns, lists of objects as JSON, null as nothing', async (t) => {
  const [item] = (await get('/v1/conventions?limit=1&sourceKey=full&source=caf-61')).body.data
  const { text } = await get('/v1/conventions?sourceKey=full&source=caf-61', csv)
  const [row = {}] = rowsOf(text)
  t.equal(row.title, item.title)
  t.equal(row.version, String(item.version))
  t.equal(row.themes, item.themes.join('|'))
  t.equal(row['period.from'], item.period.from ?? '')
  t.equal(row.territories, item.territories.map(({ kind, code }: Fields) => `${kind}:${code}`).join('|'))
  t.same(JSON.parse(row.documents ?? ''), item.documents)
  t.equal(row.predecessorId, item.predecessorId ?? '')
})

t.test('people’s words that begin like a formula get an apostrophe; a telephone number keeps its +', async (t) => {
  const words = { 1: '=1+1', 2: '  =HYPERLINK("http://x")', 3: '- un\n- deux', 4: "'=1", 5: '@x', 6: 'a=1', 7: "l'été" }
  const key = { key: ADMIN_KEY }
  const ids: string[] = []
  for (const name of Object.values(words)) {
    const body = { name: name.replaceAll('\n', ' ').trim(), description: name, phone: '+33 2 33 24 00 00' }
    ids.push((await request('POST', '/v1/service-sites', { ...key, body })).body.id)
  }
  const { text } = await get('/v1/service-sites?format=csv')
  t.ok(text.includes(`"'- un\n- deux"`), 'a line feed is within quotes, or spreadsheets would begin a row')
  const rows = rowsOf(text)
  const described = ids.map((id) => rows.find((row) => row.id === id)?.description)
  t.same(described, ["'=1+1", `'=HYPERLINK("http://x")`, "'- un\n- deux", "''=1", "'@x", 'a=1', "l'été"])
  t.ok(rows.filter(({ id = '' }) => ids.includes(id)).every(({ phone }) => phone === '+33 2 33 24 00 00'))
})

t.test('columns choose and order; labels replace codes; a wrong column names those that exist', async (t) => {
  const { text } = await get('/v1/actions?format=csv&columns=status,title,themes&labels=fr')
  const [first = {}] = rowsOf(text)
  t.same(Object.keys(first), ['status', 'title', 'themes'])
  t.ok(
    rowsOf(text).every(({ status = '' }) =>
      ['Prévue', 'En cours', 'Terminée', 'Réalisée', 'Suspendue', 'Abandonnée'].includes(status),
    ),
    text.slice(0, 300),
  )
  const wrong = await get('/v1/actions?format=csv&columns=titel')
  t.equal(wrong.status, 400)
  t.match(wrong.body.errors[0], { parameter: 'columns', code: 'unknown-code', message: /title/ })
})

t.test('a parameter of another format is refused, and so is an unknown format', async (t) => {
  for (const path of [
    '/v1/actions?columns=id',
    '/v1/actions?format=csv&count=true',
    '/v1/actions?format=csv&include=lead',
    '/v1/service-sites?format=geojson&labels=fr',
  ]) {
    const { status, body } = await get(path)
    t.same([status, body.errors[0].code], [400, 'mismatch'], path)
  }
  t.match((await get('/v1/actions?format=xml')).body.errors[0], { parameter: 'format', code: 'unknown-code' })
  t.equal((await get('/v1/actions?format=csv&sourceKey=full')).status, 400)
  const refused = await get('/v1/actions', { accept: 'application/geo+json' })
  t.equal(refused.status, 406)
  t.match(refused.body.detail, 'application/json or application/x-ndjson or text/csv')
  t.equal(
    (await get('/v1/actions?format=csv', { accept: 'application/json' })).headers['content-type'],
    'text/csv; charset=utf-8; header=present',
  )
})

t.test('with limit or cursor it is a page, with the next one in Link', async (t) => {
  const items = await all('/v1/actions')
  const titles: (string | undefined)[] = []
  for (let next: string | undefined = '/v1/actions?limit=2&format=csv'; next; ) {
    const { text, headers }: Awaited<ReturnType<typeof get>> = await get(next)
    titles.push(...rowsOf(text).map(({ title }) => title))
    next = /<([^>]+)>; rel="next"/.exec(headers.link ?? '')?.[1]
    t.match(headers.link, '</v1/schemas/actions>; rel="describedby"')
  }
  t.same(
    titles,
    items.map(({ title }) => title),
  )
})

t.test('each representation has a tag of its own, for GET and HEAD, with and without a coding', async (t) => {
  const tags = new Set<string | undefined>()
  const inject = (method: 'GET' | 'HEAD', url: string) =>
    registry.app.inject({ method, url, headers: { 'accept-encoding': 'gzip' } })
  const paths = [
    '',
    '?format=ndjson',
    '?format=csv',
    '?format=geojson',
    '?format=csv&labels=fr',
    '?limit=200&format=csv',
  ]
  for (const path of paths.map((query) => `/v1/service-sites${query}`)) {
    const { headers } = await get(path)
    tags.add(headers.etag)
    t.equal((await request('HEAD', path)).headers.etag, headers.etag, path)
    t.equal((await get(path, { 'if-none-match': headers.etag })).status, 304, path)
    const coded = await inject('GET', path)
    t.equal(coded.headers.etag, headers.etag?.replace(/"$/, '-gzip"'), path)
    t.equal((await inject('HEAD', path)).headers.etag, coded.headers.etag, path)
    t.equal((await get(path, { 'if-none-match': `${coded.headers.etag}` })).status, 304, path)
    t.match(coded.headers.vary, 'Accept')
  }
  t.equal(tags.size, paths.length)
  await put(registry, 'tags', documentOf({ serviceSites: [{ key: 'tags', name: 'Nouveau lieu' }] }))
  t.equal((await get('/v1/service-sites?format=csv', { 'if-none-match': [...tags].join() })).status, 200)
})

t.test('the cache never answers one format for another', async (t) => {
  for (let i = 0; i < 3; i++)
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const { headers } = await get('/v1/axes?limit=3', { accept })
      t.match(headers['content-type'], accept)
    }
})

t.test(
  'on a map each site and each stop is a feature, longitude first, without a geometry where it is unknown',
  async (t) => {
    const itinerant = {
      key: 'tournee',
      name: 'Tournée',
      itinerant: true,
      stops: [
        { communeCode: '61342', latitude: 48.75, longitude: 0.58, openingHours: 'Tu 09:00-12:00' },
        { communeCode: '61214' },
      ],
    }
    const fixed = { key: 'lieu', name: 'Lieu', latitude: 48.7634, longitude: 0.6281 }
    await put(registry, 'map', documentOf({ serviceSites: [itinerant, fixed] }))
    const { body, headers } = await get('/v1/service-sites?source=caf-61&format=geojson')
    t.equal(headers['content-type'], 'application/geo+json; charset=utf-8')
    const mine = body.features.filter(({ properties }: Fields) =>
      ['Tournée', 'Lieu'].includes((properties as Fields).name as string),
    )
    const byName = (name: string) => mine.filter(({ properties }: Fields) => (properties as Fields).name === name)
    const [site] = byName('Lieu')
    t.same(site.geometry, { type: 'Point', coordinates: [0.6281, 48.7634] })
    t.equal(site.properties.id, site.id)
    const [tour, first, second] = byName('Tournée')
    t.equal(tour.geometry, null)
    t.same([first.id, first.geometry.coordinates, first.properties.stopOf], [`${tour.id}#0`, [0.58, 48.75], tour.id])
    t.same([second.geometry, second.properties.communeCode], [null, '61214'])
  },
)

t.test('drafts are in the exports of those who see them only', async (t) => {
  await put(
    registry,
    'secret',
    documentOf({ state: 'draft', title: 'Brouillon', actions: [{ key: 'a', title: 'Secrète' }] }),
  )
  for (const path of ['/v1/actions', '/v1/conventions'])
    for (const format of ['csv', 'ndjson']) {
      t.notMatch((await get(`${path}?format=${format}`)).text, /Secrète|Brouillon/)
      t.match((await request('GET', `${path}?format=${format}`, { key: ADMIN_KEY })).text, /Secrète|Brouillon/)
    }
})

t.test('the schema of a CSV names its columns, as they are chosen', async (t) => {
  for (const path of LISTS.filter((one) => !one.includes(full.id))) {
    const { headers, text } = await get(withFormat(path, 'format=csv'))
    const schema = /<([^>]+)>; rel="describedby"/.exec(headers.link ?? '')?.[1] ?? ''
    const { body } = await get(schema)
    t.same(
      body.fields.map(({ name }: Fields) => name),
      Object.keys(rowsOf(text)[0] ?? {}),
      path,
    )
  }
  const { body } = await get('/v1/schemas/conventions?columns=status,title&labels=fr')
  t.same(
    body.fields.map(({ name }: Fields) => name),
    ['status', 'title'],
  )
  t.ok(body.fields[0].constraints.enum.includes('En cours'), body.fields[0].constraints.enum.join())
  t.match((await get('/v1/schemas/nothing')).body.detail, 'conventions')
  t.equal((await get('/v1/schemas/actions?columns=titel')).status, 400)
})

t.test('an export holds one moment while writes go on, and no connection while it is read slowly', async (t) => {
  const many = (title: string) =>
    documentOf({
      actions: Array.from({ length: 600 }, (_, i) => ({
        key: `${i}`,
        title: `${title} ${i}`,
        description: 'x'.repeat(2_000),
      })),
    })
  await put(registry, 'many', many('Avant'))
  const address = new URL(await registry.app.listen({ port: 0 }))
  const open = async () => {
    const asked = httpRequest({
      host: address.hostname,
      port: address.port,
      path: '/v1/actions?format=csv',
      headers: { 'accept-encoding': 'gzip' },
    }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer
  }
  // More slow readers than there are connections to the database.
  const [slow] = await Promise.all(Array.from({ length: 6 }, open))
  await put(registry, 'many', many('Après'))
  t.equal((await get('/v1/actions?limit=1')).status, 200)
  const bytes: Buffer[] = []
  for await (const chunk of slow as IncomingMessage) bytes.push(chunk)
  const titles = rowsOf(String(gunzipSync(Buffer.concat(bytes)))).map(({ title = '' }) => title.split(' ')[0])
  t.equal(titles.filter((word) => word === 'Avant').length, 600)
  t.notOk(titles.includes('Après'))
})
