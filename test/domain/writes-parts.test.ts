/** The rules of what is under a convention: numbers, the tree of axes, who is bound when, what an action may name. */
import { sql } from 'kysely'
import t from 'tap'
import { type Created, commits, errorsOf, newConvention, newWorld, outcomeOf } from '../support/api.ts'
import { type Answer, openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { db } = registry
const { api, caf } = await newWorld(registry)
const newPath = async () => `/conventions/${(await newConvention(api, caf.id)).id}`
const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057'

/** That a write is refused because of what is stored, and which resource it names. */
const taken = (pointer: string, ...others: Created[]) => ({
  status: 409,
  body: {
    type: '/problems/already-exists',
    errors: [{ pointer, code: 'taken' }],
    conflictsWith: others.map(({ id }) => ({ id })),
  },
})

t.test('numbers: the next free one, and one that is taken', async (t) => {
  const path = await newPath()
  const amendments = `${path}/amendments`
  const kinds = ['other']
  const first = await api.create(amendments, { kinds, number: 5 })
  t.equal((await api.create(amendments, { kinds })).number, 6)
  t.equal((await api.create(amendments, { kinds, number: 999 })).number, 999)
  t.equal((await api.create(amendments, { kinds })).number, 1, 'after the last there is the first gap')
  t.match(await api.post(amendments, { kinds, number: 5 }), taken('/number', first))
  const other = await api.create(amendments, { kinds })
  t.equal(other.number, 2)
  t.match(await api.patch(`/amendments/${other.id}`, 1, { number: 5 }), taken('/number', first))
  for (const number of [0, 1000, 1.5, '5']) t.equal((await api.post(amendments, { kinds, number })).status, 422)
  t.equal((await api.create(`${await newPath()}/amendments`, { kinds, number: 5 })).number, 5, 'of another convention')

  const axes = `${path}/axes`
  const axis = await api.create(axes, { title: 'A', number: 2 })
  const below = await api.create(axes, { title: 'A.1', parentId: axis.id })
  t.equal(below.number, 1, 'among its siblings')
  t.equal((await api.create(axes, { title: 'B' })).number, 3)
  t.match(await api.post(axes, { title: 'C', number: 2 }), taken('/number', axis))
  t.match(await api.post(axes, { title: 'C', number: 1, parentId: axis.id }), taken('/number', below))
})

t.test('axes move with all below them, which keep their versions', async (t) => {
  const path = await newPath()
  const axis = (title: string, parentId: string | null = null) => api.create(`${path}/axes`, { title, parentId })
  const order = async () => (await api.get(`${path}/axes`)).body.data.map(({ title }: Created) => title).join(' ')
  const versions = async (...axes: Created[]) =>
    Promise.all(axes.map(async ({ id }) => (await api.get(`/axes/${id}`)).body.version))
  const a = await axis('a')
  const a1 = await axis('a1', a.id)
  const a11 = await axis('a11', a1.id)
  const b = await axis('b')
  t.equal(await order(), 'a a1 a11 b')
  await api.change(`/axes/${a1.id}`, { parentId: b.id })
  t.equal(await order(), 'a b a1 a11')
  await api.change(`/axes/${b.id}`, { number: 7 })
  await api.change(`/axes/${a.id}`, { number: 9 })
  t.equal(await order(), 'b a1 a11 a')
  t.same(await versions(a, a1, a11, b), [2, 2, 1, 2])
  const refused = async (of: Created, parentId: string) =>
    errorsOf(await api.patch(`/axes/${of.id}`, '*', { parentId }))
  t.same(await refused(b, b.id), ['/parentId cycle'])
  t.same(await refused(b, a11.id), ['/parentId cycle'])
  t.same(await refused(b, UNKNOWN), ['/parentId unknown-reference'])
  const chain = [await axis('c')]
  for (const title of ['c1', 'c2', 'c3', 'c4']) chain.push(await axis(title, chain.at(-1)?.id))
  const [c = a, , , c3 = a, c4 = a] = chain
  t.same(errorsOf(await api.post(`${path}/axes`, { title: 'c5', parentId: c4.id })), ['/parentId too-deep'])
  t.same(await refused(b, c3.id), ['/parentId too-deep'], 'with all below it')
  t.same(await refused(a, c3.id), [])
  await api.change(`/axes/${a.id}`, { parentId: null })
  t.same(await refused(c, a11.id), ['/parentId too-deep'])
  await api.change(`/axes/${c3.id}`, { parentId: null, number: 20 })
  t.match(await order(), /c c1 c2 c3 c4$/)
})

t.test('an organization is not bound twice on a day', async (t) => {
  const path = await newPath()
  const list = `${path}/signatories`
  const organizationId = (await api.create('/organizations', { kind: 'commune', name: 'Rai' })).id
  const first = await api.create(list, { organizationId, endsOn: '2023-06' })
  t.match(await api.post(list, { organizationId, startsOn: '2023-06-30' }), taken('/organizationId', first))
  const second = await api.create(list, { organizationId, startsOn: '2023-07-01', endsOn: '2024' })
  t.match(await api.patch(`/signatories/${first.id}`, 1, { endsOn: null }), taken('/organizationId', second))
  const refused = await api.post(list, { organizationId, startsOn: '2023-06-30' })
  t.same(
    refused.body.conflictsWith,
    [first, second].map(({ id }) => ({ type: 'signatory', id })),
    'only those that exist are named',
  )
  t.match(refused.body.detail, 'is bound already until 2023-06-30.')
  await api.change(`/signatories/${second.id}`, { startsOn: '2023-08' })
  await api.change(`/signatories/${first.id}`, { endsOn: '2023-07-31' })
  await api.create(list, { organizationId: caf.id })
  const other = await newPath()
  await api.create(`${other}/signatories`, { organizationId })

  const by = await api.create(`${path}/amendments`, { kinds: ['add-signatory'], signedOn: '2025' })
  const third = await api.create(list, { organizationId, amendmentId: by.id })
  t.match(
    await api.patch(`/amendments/${by.id}`, 1, { effectiveOn: '2024-12-31' }),
    taken('/effectiveOn', second, third),
  )
  t.match(await api.patch(`/amendments/${by.id}`, 1, { signedOn: '2024' }), taken('/signedOn', second, third))
  t.equal((await api.get(`/amendments/${by.id}`)).body.version, 1)
  t.match(await api.patch(`/signatories/${third.id}`, 1, { amendmentId: null }), { status: 409 })
})

t.test('names of another convention are none of this one', async (t) => {
  const path = await newPath()
  const other = await newPath()
  const foreign = {
    amendment: await api.create(`${other}/amendments`, { kinds: ['other'] }),
    axis: await api.create(`${other}/axes`, { title: 'Axe' }),
    site: await api.create('/service-sites', { name: 'Lieu' }),
  }
  await api.put(`${other}/service-sites/${foreign.site.id}`)
  const own = await api.create(`${path}/actions`, { title: 'A' })
  const signatory = { organizationId: UNKNOWN, amendmentId: foreign.amendment.id, exitAmendmentId: UNKNOWN }
  t.same(errorsOf(await api.post(`${path}/signatories`, { ...signatory, role: 'caf' })), [
    '/amendmentId unknown-reference',
    '/exitAmendmentId unknown-reference',
    '/organizationId unknown-reference',
  ])
  t.same(errorsOf(await api.post(`${path}/axes`, { title: 'A', parentId: foreign.axis.id })), [
    '/parentId unknown-reference',
  ])
  const named = {
    axisIds: [foreign.axis.id],
    carriedFromId: own.id,
    leadId: UNKNOWN,
    partnerIds: [caf.id, UNKNOWN],
    funding: [
      { year: 2023, funderId: caf.id },
      { year: 2023, funderId: UNKNOWN },
    ],
    serviceSiteIds: [foreign.site.id],
  }
  t.same(errorsOf(await api.patch(`/actions/${own.id}`, 1, named)), [
    '/axisIds/0 unknown-reference',
    '/carriedFromId unknown-reference',
    '/funding/1/funderId unknown-reference',
    '/leadId unknown-reference',
    '/partnerIds/1 unknown-reference',
    '/serviceSiteIds/0 unknown-reference',
  ])
})

t.test(
  'errors are told in the order of the body, what is missing last, one for each thing that is wrong',
  async (t) => {
    const { body } = await api.post('/service-sites', {
      unknown: 1,
      phone: '1',
      managerId: UNKNOWN,
      types: ['x'],
      id: UNKNOWN,
    })
    t.same(
      body.errors.map(({ pointer, code }: Created) => `${pointer} ${code}`),
      [
        '/unknown unknown-field',
        '/phone invalid-phone',
        '/managerId unknown-reference',
        '/types/0 unknown-code',
        '/id read-only',
        '/name required',
      ],
    )
    t.equal(body.errors[4].message, 'id is read-only: it cannot be written here.')
  },
)

t.test('the rule of a form is told in words, the same in bodies, paths and queries', async (t) => {
  const messageOf = ({ body }: Answer) => body.errors.map(({ message }: Created) => message).join()
  t.equal(messageOf(await api.get('/conventions?departmentCode=061')), departmentRule('departmentCode'))
  t.equal(
    messageOf(await api.get('/territories/departement/061')),
    `${kindRule('code', 'departement')}: ${DEPARTMENT}.`,
  )
  t.equal(messageOf(await api.get('/territories/commune/abc')), `${kindRule('code', 'commune')}: ${COMMUNE}.`)
  t.equal(messageOf(await api.get('/sources/A_B/conventions')), 'source must be 1 to 50 of a-z, 0-9 and hyphens.')
  const territory = { kind: 'commune', code: '61' }
  t.equal(
    messageOf(await api.post('/organizations', { kind: 'epci', name: 'X', siren: '1', territory })),
    `siren must be 9 digits.,${kindRule('territory', 'commune')}: ${COMMUNE}.`,
  )
  t.equal(
    messageOf(await api.post('/service-sites', { name: 'X', communeCode: 'x' })),
    `communeCode must be ${COMMUNE}.`,
  )
})

const COMMUNE = '5 digits, or 2A or 2B and 3 digits'
const DEPARTMENT = '2 digits, 2A, 2B, or 3 digits that begin with 97 or 98'
const departmentRule = (field: string) => `${field} must be ${DEPARTMENT}.`
const kindRule = (field: string, kind: string) => `${field} must be a code of kind ${kind}`

t.test('all that is wrong is told at once, and then nothing is written', async (t) => {
  const path = await newPath()
  const before = await commits(db)
  const refused = await api.post(`${path}/actions`, {
    title: '',
    code: 'x'.repeat(101),
    themes: ['jeunesse', 'jeunesse', 'x'],
    progress: 101,
    startsOn: '2024',
    endsOn: '2023',
    leadId: UNKNOWN,
    territories: ['commune:61999'],
    funding: [{ year: 1989 }, { plannedCents: 1.5, funderName: 'X' }],
    indicators: [
      { key: 'a', name: 'A', kind: 'output' },
      { key: 'a', name: 'B', kind: 'x' },
    ],
    'a/b~c': 1,
  })
  t.equal(outcomeOf(refused), '422 invalid-body')
  t.same(errorsOf(refused), [
    '/a~1b~0c unknown-field',
    '/code too-long',
    '/endsOn before-start',
    '/funding/0/funderName required',
    '/funding/0/year too-small',
    '/funding/1/plannedCents type',
    '/funding/1/year required',
    '/indicators/1/key duplicate',
    '/indicators/1/kind unknown-code',
    '/leadId unknown-reference',
    '/progress too-large',
    '/territories/0 unknown-territory',
    '/themes/1 duplicate',
    '/themes/2 unknown-code',
    '/title empty',
  ])
  t.equal(await commits(db), before)
})

t.test('a convention holds no more than it may', async (t) => {
  const path = await newPath()
  const id = path.split('/')[2]
  const fill = (table: string, columns: string, values: string, count: number) =>
    sql`insert into ${sql.table(table)} (convention_id, ${sql.raw(columns)}) select ${id}, ${sql.raw(values)} from generate_series(1, ${count}::int) i`.execute(
      db,
    )
  await fill('amendment', 'number, kinds', "i, '{other}'", 49)
  await fill('axis', 'number, title', "i, 'A'", 299)
  await fill('action', 'title, status, recurring', "'A', 'planned', false", 1_999)
  await sql`insert into organization (kind, name, name_key) select 'other', 'Limite', 'limite' from generate_series(1, 501)`.execute(
    db,
  )
  await sql`insert into signatory (convention_id, organization_id, role)
    select ${id}, id, 'other' from organization where name_key = 'limite' order by id limit 499`.execute(db)
  await sql`insert into service_site (name, itinerant) select 'Limite', false from generate_series(1, 1000)`.execute(db)
  await sql`insert into convention_site select ${id}, s.id from service_site s where name = 'Limite' order by id limit 999`.execute(
    db,
  )
  const { rows } = await sql<{
    id: string
  }>`select id from organization where name_key = 'limite' order by id desc limit 2`.execute(db)
  const [last, other] = rows.map((row) => row.id)
  const least: [string, object, object?][] = [
    ['amendments', { kinds: ['other'] }],
    ['axes', { title: 'A' }],
    ['actions', { title: 'A' }],
    ['signatories', { organizationId: last }, { organizationId: other }],
  ]
  for (const [list, body, next] of least) {
    t.equal((await api.post(`${path}/${list}`, body)).status, 201, list)
    t.equal(outcomeOf(await api.post(`${path}/${list}`, next ?? body)), '409 conflict', list)
  }
  const sites = await sql<{
    id: string
  }>`select id from service_site where name = 'Limite' order by id desc limit 1`.execute(db)
  const link = `${path}/service-sites/${sites.rows[0]?.id}`
  t.equal((await api.put(link)).status, 204)
  t.equal((await api.put(link)).status, 204, 'it is linked already')
  const more = await api.create('/service-sites', { name: 'Lieu' })
  t.equal(outcomeOf(await api.put(`${path}/service-sites/${more.id}`)), '409 conflict')
})
