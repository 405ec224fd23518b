/** Items and what is the same for every read: includes, unknown ids, wrong parameters, tags, HEAD, complete bodies. */
import t from 'tap'
import { inReadingOrder } from '../../../src/domain/resources.ts'
import { ADMIN_KEY } from '../../support/config.ts'
import { CAF, documentOf, documentPath, type Fields, put, read } from '../../support/documents.ts'
import { idIn, NOBODY, openReadable } from '../../support/readable.ts'

const { registry, get, full, first, second } = await openReadable(t)
const organization = (key: string) => idIn(full, 'organizations', key)

t.test('includes stand beside the ids, on items and lists; without them they are absent', async (t) => {
  const id = idIn(full, 'actions', 'reseau')
  const plain = (await get(`/v1/actions/${id}`)).body
  const rich = (await get(`/v1/actions/${id}?include=lead,partners,axes,serviceSites`)).body
  const { lead, partners, axes, serviceSites, ...rest } = rich
  t.same(rest, plain)
  t.equal(lead.id, plain.leadId)
  for (const [included, ids] of [
    [partners, plain.partnerIds],
    [axes, plain.axisIds],
    [serviceSites, plain.serviceSiteIds],
  ])
    t.same(
      included.map((one: Fields) => one.id),
      ids,
    )
  t.same((await get(`/v1/organizations/${plain.leadId}`)).body, lead)
  const alone = (await get(`/v1/actions/${idIn(full, 'actions', 'itinerance')}?include=lead`)).body
  t.equal(alone.lead, null)

  const listed = (await get(`/v1/conventions/${full.id}/actions?include=axes&include=partners`)).body.data
  t.ok(listed.every((one: Fields) => Array.isArray(one.axes) && Array.isArray(one.partners) && !('lead' in one)))
  const convention = (await get(`/v1/conventions/${second.id}?include=caf,predecessor`)).body
  t.same([convention.caf.id, convention.predecessor.id], [convention.cafId, first.id])
  t.notOk('predecessor' in convention.predecessor)
  t.equal((await get(`/v1/conventions/${first.id}?include=predecessor`)).body.predecessor, null)
  const bound = (await get(`/v1/signatories?conventionId=${first.id}&include=organization`)).body.data
  t.ok(
    bound.every((one: { organization: Fields; organizationId: string }) => one.organization.id === one.organizationId),
  )
  t.equal((await get('/v1/actions?include=caf')).status, 400)
  t.equal((await get('/v1/organizations?include=caf')).status, 400)
})

t.test('every relation that a resource has may be included, and equals what its id answers', async (t) => {
  for (const resource of inReadingOrder)
    for (const { name, field, isList } of resource.relations) {
      const { data } = (await get(`/v1${resource.path}?include=${name}&limit=200`)).body
      t.ok(data.length > 0)
      for (const item of data)
        t.same(
          [item[name] ?? []].flat().map((one: Fields) => one.id),
          [item[field] ?? []].flat(),
          `${name} of ${resource.type} ${item.id}`,
        )
      t.equal(Array.isArray(data[0][name]), isList)
    }
})

t.test('what is included may include what it names once, one level deeper', async (t) => {
  const [signatory] = (await get(`/v1/conventions/${second.id}/signatories?include=convention.predecessor`)).body.data
  t.equal(signatory.convention.predecessor.id, first.id)
  t.same((await get(`/v1/conventions/${second.id}?include=predecessor`)).body, signatory.convention)
  const { body } = await get(`/v1/axes?include=parent.parent&conventionId=${full.id}`)
  t.ok(body.data.some(({ parent }: Fields) => parent !== null))
  for (const path of ['signatories?include=convention.predecessor.caf', 'actions?include=convention.successors'])
    t.equal((await get(`/v1/${path}`)).status, 400, path)
})

t.test('a change of what is included, however deep, changes the answer and its tag', async (t) => {
  const { body: made } = await registry.request('POST', '/v1/organizations', {
    key: ADMIN_KEY,
    body: { kind: 'association', name: 'Gestionnaire' },
  })
  const document = documentOf({
    organizations: [CAF],
    serviceSites: [{ key: 'lieu', name: 'Lieu' }],
    actions: [{ key: '1', title: 'Action', serviceSites: ['lieu'] }],
  })
  t.equal((await put(registry, 'included', document)).status, 201)
  const { id: conventionId, serviceSites } = (await read(registry, documentPath('included'))).body
  const siteId = serviceSites[0].id
  const patch = async (path: string, body: Fields) => {
    const { etag = '' } = (await get(path)).headers
    t.equal(
      (await registry.request('PATCH', path, { key: ADMIN_KEY, headers: { 'if-match': etag }, body })).status,
      200,
    )
  }
  const paths = [`/v1/conventions/${conventionId}/actions`, `/v1/actions?conventionId=${conventionId}`]
  const managers = async () =>
    Promise.all(
      paths.map(async (path) => {
        const { body, headers } = await get(`${path}${path.includes('?') ? '&' : '?'}include=serviceSites.manager`)
        return [body.data[0].serviceSites[0].manager?.name ?? null, headers.etag]
      }),
    )
  const seen = [await managers()]
  await patch(`/v1/service-sites/${siteId}`, { managerId: made.id })
  seen.push(await managers(), await managers())
  await patch(`/v1/organizations/${made.id}`, { name: 'Nouveau nom' })
  seen.push(await managers())
  for (const i of paths.keys()) {
    t.same(
      seen.map((one) => one[i]?.[0]),
      [null, 'Gestionnaire', 'Gestionnaire', 'Nouveau nom'],
    )
    t.equal(new Set(seen.map((one) => one[i]?.[1])).size, 3)
  }
})

t.test('an unknown id is a 404, one that is none a 400, on every item and nested list', async (t) => {
  for (const { path } of inReadingOrder) {
    const unknown = await get(`/v1${path}/${NOBODY}`)
    t.same([unknown.status, unknown.body.type], [404, '/problems/not-found'], path)
    t.equal((await get(`/v1${path}/x`)).status, 400, path)
  }
  for (const list of ['amendments', 'signatories', 'axes', 'actions', 'service-sites', 'document'])
    t.equal((await get(`/v1/conventions/${NOBODY}/${list}`)).status, 404, list)
  t.equal((await get(`/v1/axes/${full.actions[0].id}`)).status, 404, 'an id of another type')
  t.equal((await get(`/v1/actions/${String(full.actions[0].id).toUpperCase()}`)).status, 200)
  t.same((await get('/v1/sources/unused/conventions?count=true')).body, { data: [], next: null, count: 0 })
  t.equal((await get(documentPath('nothing'))).status, 404)
})

t.test('a filter that is wrong, unknown, or a key without its source is a 400 that names it', async (t) => {
  const cases: [string, string][] = [
    ['conventions?sourceKey=x', 'source'],
    ['conventions?status=old', 'status'],
    ['conventions?communeCode=6134', 'communeCode'],
    ['conventions?epciCode=61342', 'epciCode'],
    ['conventions?departmentCode=1', 'departmentCode'],
    ['conventions?activeOn=2022', 'activeOn'],
    ['conventions?activeOn=2022-02-30', 'activeOn'],
    ['conventions?cafId=x', 'cafId'],
    ['conventions?organizationId=x', 'organizationId'],
    [`conventions/${full.id}/actions?conventionId=${full.id}`, 'conventionId'],
    ['signatories?validOn=2022-06', 'validOn'],
    ['organizations?siren=1', 'siren'],
    ['service-sites?kind=x', 'kind'],
    ['actions?limit=0', 'limit'],
    ['actions?limit=201', 'limit'],
    [`actions/${NOBODY}?limit=1`, 'limit'],
  ]
  for (const [url, parameter] of cases) {
    const { status, body } = await get(`/v1/${url}`)
    t.same([status, body.errors?.map((one: Fields) => one.parameter)], [400, [parameter]], url)
  }
})

t.test('items are tagged by their version, others by their bytes; 304 and HEAD everywhere', async (t) => {
  const items = [`conventions/${second.id}`, `actions/${full.actions[0].id}`, `organizations/${organization('cdc')}`]
  for (const url of items) {
    const { headers, body } = await get(`/v1/${url}`)
    t.equal(headers.etag, `"${body.version}"`, url)
  }
  const others = [
    'conventions?limit=2',
    `conventions/${second.id}?include=caf`,
    `conventions/${second.id}/document`,
    `conventions/${full.id}/axes`,
    'sources',
    'sources/caf-61/conventions',
    documentPath('full').slice(4),
  ]
  for (const url of [...items, ...others].map((one) => `/v1/${one}`)) {
    const { headers, text } = await get(url)
    const same = await get(url, { 'if-none-match': String(headers.etag) })
    t.same([same.status, same.text, same.headers.etag], [304, '', headers.etag], url)
    t.equal((await get(url, { 'if-none-match': '"0"' })).status, 200)
    const head = await registry.request('HEAD', url)
    t.same([head.status, head.text, head.headers.etag], [200, '', headers.etag], url)
    t.equal(Number(head.headers['content-length']), Buffer.byteLength(text), url)
    t.equal(headers['cache-control'], 'public, no-cache')
  }
  t.equal((await registry.request('HEAD', `/v1/conventions/${NOBODY}`)).status, 404)
  t.equal((await read(registry, '/v1/conventions')).headers['cache-control'], 'private, no-cache')
})

t.test('every field of every body is there, null or empty where nothing is known', async (t) => {
  const bare = await put(registry, 'bare', {
    title: 'CTG',
    caf: organization('caf'),
    state: 'signed',
    actions: [{ key: 'a', title: 'A' }],
  })
  t.equal(bare.status, 201, bare.text)
  const { body: convention } = await get(`/v1/conventions/${bare.body.convention.id}`)
  t.same(Object.keys(convention).length, 24)
  t.notOk(Object.values(convention).includes(undefined))
  const [action] = (await get(`/v1/conventions/${convention.id}/actions`)).body.data
  for (const [field, value] of Object.entries({
    code: null,
    leadId: null,
    axisIds: [],
    funding: [],
    progress: null,
    status: 'planned',
  }))
    t.same(action[field], value, field)
})
