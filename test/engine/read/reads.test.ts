/** Every list of resources and sources: filters, pages, counts, orders. Territories have a test of their own. */
import t, { type Test } from 'tap'
import { ADMIN_KEY } from '../../support/config.ts'
import { documentOf, type Fields, put } from '../../support/documents.ts'
import { idIn, NOBODY, openReadable } from '../../support/readable.ts'

const { registry, get, full, first, second, codes } = await openReadable(t)
const organization = (key: string) => idIn(full, 'organizations', key)

/** The keys under which the sources hold what a list answers, sorted. */
async function keys(url: string): Promise<string[]> {
  const { status, body, text } = await get(url)
  if (status !== 200) throw new Error(text)
  return body.data.map(({ sources }: { sources: { key: string }[] }) => sources[0]?.key).sort()
}

/** Everything that a list holds, walked one by one. */
async function walk(t: Test, url: string): Promise<Fields[]> {
  const all: Fields[] = []
  let next: string | undefined = `${url}${url.includes('?') ? '&' : '?'}limit=1`
  while (next) {
    const { body, headers }: Awaited<ReturnType<typeof get>> = await get(next)
    t.equal(body.data.length, 1)
    all.push(...body.data)
    next = /<(.+)>; rel="next"/.exec(headers.link ?? '')?.[1]
    t.equal(next === undefined, body.next === null)
    if (next) t.ok(next.includes(`cursor=${body.next}`))
  }
  return all
}

t.test('every list, walked one by one, gives each once and in its order, and counts them', async (t) => {
  const lists = [
    ...['conventions', 'organizations', 'service-sites', 'amendments', 'signatories', 'axes', 'actions'].map(
      (name) => `/v1/${name}`,
    ),
    ...['amendments', 'signatories', 'axes', 'actions', 'service-sites'].map(
      (name) => `/v1/conventions/${full.id}/${name}`,
    ),
    '/v1/sources',
    '/v1/sources/caf-61/conventions',
    '/v1/conventions?departmentCode=61',
    '/v1/vocabularies',
  ]
  for (const list of lists) {
    const whole = (await get(`${list}${list.includes('?') ? '&' : '?'}limit=200&count=true`)).body
    t.ok(whole.data.length > 0, list)
    t.same([whole.next, whole.count], [null, whole.data.length], list)
    t.same(await walk(t, list), whole.data, list)
    t.equal((await get(list)).body.count, null)
    if (/^\/v1\/[a-z-]+$/.test(list) && !/sources|vocabularies/.test(list)) {
      const ids = whole.data.map(({ id }: Fields) => id)
      t.same(ids, ids.toSorted(), `${list} by id`)
    }
  }
})

t.test('the axes of a convention come in tree order, its actions by code in natural order, null last', async (t) => {
  const axes = (await get(`/v1/conventions/${full.id}/axes`)).body.data
  t.same(
    axes.map(({ title }: Fields) => title),
    ['Soutenir la parentalité', 'Ouvrir des lieux', "Faciliter l'accès aux droits"],
  )
  const printed = (data: Fields[]) => data.map(({ code }) => code)
  const path = `/v1/conventions/${codes.id}/actions`
  const inOrder = ['1', '1.9', '1.10', '2', '10', 'A2', 'a10', null, null]
  t.same(printed((await get(path)).body.data), inOrder)
  t.same(printed(await walk(t, path)), inOrder)
})

t.test('a cursor belongs to its list and filters', async (t) => {
  const { next } = (await get('/v1/conventions?limit=1&state=signed')).body
  for (const other of [
    `/v1/conventions?limit=1&cursor=${next}`,
    `/v1/conventions?limit=1&state=terminated&cursor=${next}`,
    `/v1/actions?limit=1&cursor=${next}`,
    '/v1/conventions?cursor=x',
  ]) {
    const answer = await get(other)
    t.same([answer.status, answer.body.type], [400, '/problems/invalid-cursor'], other)
  }
  t.equal((await get(`/v1/conventions?limit=2&state=signed&count=true&cursor=${next}`)).status, 200)
})

t.test('conventions by status, state, Caf, predecessor', async (t) => {
  const cases: [string, string[]][] = [
    ['status=active', ['codes', 'pays-de-l-aigle-2022', 'two']],
    ['status=expired', ['pays-de-l-aigle-2018']],
    ['status=upcoming', ['full']],
    ['status=terminated', ['communes']],
    ['state=terminated', ['communes', 'full']],
    ['state=signed&status=expired', ['pays-de-l-aigle-2018']],
    [
      `cafId=${organization('caf')}`,
      ['codes', 'communes', 'full', 'pays-de-l-aigle-2018', 'pays-de-l-aigle-2022', 'two'],
    ],
    [`cafId=${organization('rai')}`, []],
    [`predecessorId=${first.id}`, ['pays-de-l-aigle-2022']],
    [`predecessorId=${NOBODY}`, []],
    ['source=caf-81', ['two']],
    ['source=caf-61&sourceKey=codes', ['codes']],
    ['source=nobody', []],
  ]
  for (const [filter, expected] of cases) t.same(await keys(`/v1/conventions?${filter}`), expected, filter)
})

t.test('conventions by commune, EPCI and département: the perimeter contains or meets it', async (t) => {
  const aigle = ['full', 'pays-de-l-aigle-2018', 'pays-de-l-aigle-2022']
  const cases: [string, string[]][] = [
    ['communeCode=61214', ['codes', ...aigle]],
    ['communeCode=61342', ['codes', 'communes', ...aigle]],
    ['communeCode=14118', ['communes']],
    ['communeCode=61001', ['codes']],
    ['communeCode=31038', ['two']],
    ['communeCode=14001', []],
    ['epciCode=200068468', ['codes', 'communes', ...aigle]],
    ['epciCode=200034023', ['two']],
    ['epciCode=200065597', ['communes']],
    ['departmentCode=61', ['codes', 'communes', ...aigle]],
    ['departmentCode=14', ['communes']],
    ['departmentCode=81', ['two']],
    ['departmentCode=31', ['two']],
    ['departmentCode=75', []],
    ['departmentCode=61&status=terminated', ['communes']],
  ]
  for (const [filter, expected] of cases) t.same(await keys(`/v1/conventions?${filter}`), expected.sort(), filter)
})

t.test('conventions active on a day: from the first to the last, cut by a termination', async (t) => {
  const cases: [string, string[]][] = [
    ['2017-12-31', ['two']],
    ['2018-01-01', ['pays-de-l-aigle-2018', 'two']],
    ['2021-12-31', ['pays-de-l-aigle-2018', 'two']],
    ['2022-01-01', ['codes', 'pays-de-l-aigle-2022', 'two']],
    ['2027-01-01', ['full', 'two']],
    ['2028-06-30', ['full', 'two']],
    ['2028-07-01', ['two']],
  ]
  for (const [day, expected] of cases) t.same(await keys(`/v1/conventions?activeOn=${day}`), expected, day)
})

t.test('what is under conventions, by convention, organization, day and source', async (t) => {
  const rai = idIn(first, 'organizations', 'rai')
  const cases: [string, number][] = [
    [`signatories?conventionId=${first.id}`, 4],
    [`signatories?organizationId=${rai}`, 3],
    [`signatories?organizationId=${rai}&validOn=2020-06-01`, 1],
    [`signatories?organizationId=${rai}&validOn=2019-06-01`, 0],
    ['signatories?validOn=2019-06-01', 2],
    ['signatories?validOn=2020-06-01', 4],
    ['signatories?source=caf-61&sourceKey=rai', 3],
    [`conventions/${first.id}/signatories?validOn=2020-01-01`, 4],
    [`conventions/${full.id}/signatories?validOn=2028-06-30`, 3],
    [`conventions/${full.id}/signatories?validOn=2028-07-01`, 0],
    [`conventions/${full.id}/signatories?organizationId=${organization('cdc')}`, 1],
    [`axes?conventionId=${second.id}`, 3],
    [`actions?conventionId=${second.id}`, 5],
    [`actions?conventionId=${NOBODY}`, 0],
    ['actions?source=caf-61&sourceKey=itinerance', 2],
    ['amendments?source=caf-61', 2],
    [`amendments?conventionId=${first.id}&source=caf-61&sourceKey=avenant-1`, 1],
    [`conventions/${second.id}/actions?source=caf-81`, 0],
  ]
  for (const [url, expected] of cases) {
    const { body } = await get(`/v1/${url}${url.includes('?') ? '&' : '?'}count=true&limit=200`)
    t.same([body.data?.length, body.count], [expected, expected], url)
  }
})

t.test('organizations by SIREN and kind, service sites by convention and commune, stops counted', async (t) => {
  t.same(await keys('/v1/organizations?siren=216103424'), ['rai'])
  t.same(await keys('/v1/organizations?siren=123456789'), [])
  t.same((await get('/v1/organizations?kind=commune&count=true')).body.count, 3)
  t.same(await keys('/v1/organizations?kind=cias'), ['cias-pays-de-l-aigle'])
  const stops = [{ communeCode: '61008' }, { communeCode: '61342', place: 'Mairie' }]
  await put(
    registry,
    'stops',
    documentOf({ serviceSites: [{ key: 'bus-2', name: 'Bus', communeCode: '14118', stops }] }),
  )
  t.same(await keys('/v1/service-sites?communeCode=61342'), ['bus-2'])
  t.same(await keys('/v1/service-sites?communeCode=14118'), ['bus-2'])
  t.same(await keys('/v1/service-sites?communeCode=61214'), ['services-itinerants'])
  t.same(await keys(`/v1/service-sites?conventionId=${full.id}`), ['bus'])
  t.same(await keys(`/v1/conventions/${second.id}/service-sites`), ['services-itinerants'])
  t.same(await keys(`/v1/conventions/${second.id}/service-sites?communeCode=61342`), [])
})

t.test('a parameter of any name is told as it was sent, up to 200 whole characters', async (t) => {
  const told = async (name: string) => (await get(`/v1/conventions?${name}=1`)).body.errors[0]
  t.match(await told(''), { parameter: '', code: 'unknown-parameter' })
  t.equal((await told(encodeURIComponent(`a${'😀'.repeat(300)}`))).parameter, `a${'😀'.repeat(199)}`)
})

t.test(
  'a walk by id or by creation has what exists throughout exactly once, whatever is written meanwhile',
  async (t) => {
    const key = { key: ADMIN_KEY }
    const create = async (name: string): Promise<string> => {
      const body = { kind: 'association', name }
      return (await registry.request('POST', '/v1/organizations', { ...key, body })).body.id
    }
    const lasting = await Promise.all(Array.from({ length: 12 }, (_, i) => create(`Durable ${i}`)))
    const passing: string[] = []
    const write = async (n: number) => {
      const headers = { 'if-match': '*' }
      const changed = `/v1/organizations/${lasting[n % lasting.length]}`
      const [gone] = passing.splice(n % Math.max(1, passing.length), passing.length > 2 ? 1 : 0)
      const statuses = await Promise.all([
        create(`Éphémère ${n}`).then((id) => passing.push(id) && 201),
        registry
          .request('PATCH', changed, { ...key, headers, body: { name: `Durable ${n}` } })
          .then(({ status }) => status),
        gone &&
          registry.request('DELETE', `/v1/organizations/${gone}`, { ...key, headers }).then(({ status }) => status),
      ])
      t.ok(statuses.every((status) => !status || Number(status) < 300))
    }
    let n = 0
    for (const sort of ['', '&sort=createdAt', '&sort=-createdAt']) {
      const before = (await get('/v1/organizations?limit=200')).body.data.map(({ id }: Fields) => id)
      const seen: unknown[] = []
      for (let next: string | null = ''; next !== null; n++) {
        const url: string = `/v1/organizations?limit=3${sort}${next && `&cursor=${next}`}`
        const [{ body }] = await Promise.all([get(url), write(n)])
        seen.push(...body.data.map(({ id }: Fields) => id))
        next = n < 500 ? body.next : null
      }
      const after = new Set((await get('/v1/organizations?limit=200')).body.data.map(({ id }: Fields) => id))
      const throughout = before.filter((id: string) => after.has(id))
      t.equal(new Set(seen).size, seen.length, `${sort}: none twice`)
      t.ok(throughout.length >= lasting.length)
      t.same(
        throughout.filter((id: string) => !seen.includes(id)),
        [],
        `${sort}: none is missing`,
      )
    }
  },
)
