/** Everything that is wrong with a document is told at once, each at its place, and nothing is written. */
import t from 'tap'
import { checkBody } from '../../src/http/input/validation.ts'
import { ConventionDocument, documentBounds } from '../../src/sync/document/schema.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { CAF, documentOf, documentPath, errorsOf, type Fields, put, stateOf } from '../support/documents.ts'
import { FAULTY } from '../support/faulty-document.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)

t.test(
  'a document of many errors gets all of them, each with its pointer and code, and nothing is written',
  async (t) => {
    const before = await stateOf(registry)
    const document = documentOf(Object.assign({}, ...FAULTY.map(([fields]) => fields)))
    const answer = await put(registry, 'faulty', document)
    t.equal(answer.status, 422, answer.text)
    t.equal(answer.headers['content-type'], 'application/problem+json')
    const expected = FAULTY.flatMap(([, errors]) => errors)
    t.ok(expected.length > 50)
    const told = errorsOf(answer)
    t.same(
      told.filter((one) => !expected.includes(one)),
      [],
      'nothing more',
    )
    t.same(
      expected.filter((one) => !told.includes(one)),
      [],
      'nothing less',
    )
    t.same(new Set(told).size, told.length, 'each once')
    for (const { message } of answer.body.errors) t.match(message, /^[\p{L}\p{N}"].{5,}/u)
    t.same(await stateOf(registry), before)
  },
)

t.test('each error alone is told by itself', async (t) => {
  for (const [fields, errors] of FAULTY) {
    const answer = await put(registry, 'alone', documentOf(fields))
    const alone = errors.filter((error) => !/^\/signatories\/[24]|^\/actions\/0\/(axes|lead)/.test(error))
    for (const error of alone) t.ok(errorsOf(answer).includes(error), `${error} of ${errorsOf(answer)}`)
  }
})

t.test('what a faulty object is named by is not told again', async (t) => {
  const answer = await put(registry, 'cascade', {
    title: 'CTG',
    caf: 'caf',
    state: 'signed',
    organizations: [
      { key: 'caf', kind: 'caf' },
      { key: 'a', name: 'A' },
      { key: 'b', name: 'B', kind: 'commune', territory: { kind: 'commune', code: 'x' } },
    ],
    axes: [{ key: '1' }],
    amendments: [{ key: 'x' }],
    serviceSites: [{ key: 's' }],
    signatories: [{ key: 'a', organization: 'a', amendment: 'x' }],
    actions: [{ key: 'z', title: 'Z', axes: ['1'], lead: 'b', serviceSites: ['s'] }],
  })
  t.same(errorsOf(answer), [
    '/amendments/0/kinds required',
    '/axes/0/title required',
    '/organizations/0/name required',
    '/organizations/1/kind required',
    '/organizations/2/territory/code invalid-form',
    '/serviceSites/0/name required',
  ])
})

t.test('a document that is no object, or lacks everything, is a 422', async (t) => {
  for (const body of [[], 'text', 5, null]) {
    const answer = await put(registry, 'odd', JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
    t.same([answer.status, errorsOf(answer)], [422, [' type']], JSON.stringify(body))
  }
  t.same(errorsOf(await put(registry, 'odd', {})), ['/caf required', '/title required'])
})

t.test('null is told where the field may not be null, and is the same as left out where it may', async (t) => {
  const nothing = {
    state: null,
    title: null,
    caf: null,
    territories: null,
    themes: null,
    organizations: null,
    actions: null,
  }
  const pointers = errorsOf(await put(registry, 'null', documentOf(nothing))).map((error) => error.split(' ')[0])
  t.same(
    [...new Set(pointers)],
    Object.keys(nothing)
      .map((field) => `/${field}`)
      .sort(),
  )
  const unknown = {
    summary: null,
    startsOn: null,
    predecessor: null,
    reference: null,
    mergedInto: null,
    signedOn: null,
  }
  t.equal((await put(registry, 'null', documentOf(unknown))).status, 201)
})

const boundOf = (name: string) => documentBounds[name] ?? 0

t.test('lists hold as many as the contract says, and not one more', async (t) => {
  const many = (count: number, of: (i: number) => unknown) => Array.from({ length: count }, (_, i) => of(i))
  const kinds = ['other']
  const organizations = many(boundOf('signatories') + 1, (i) => ({
    key: `${i}`,
    kind: 'association',
    name: `A ${i}`,
  }))
  const lists: [string, (count: number) => Fields][] = [
    ['actions', (count) => ({ actions: many(count, (i) => ({ key: `${i}`, title: 'Action' })) })],
    ['axes', (count) => ({ axes: many(count, (i) => ({ key: `${i}`, title: 'Axe' })) })],
    ['amendments', (count) => ({ amendments: many(count, (i) => ({ key: `${i}`, kinds })) })],
    ['serviceSites', (count) => ({ serviceSites: many(count, (i) => ({ key: `${i}`, name: 'Lieu' })) })],
    [
      'signatories',
      (count) => ({
        organizations: [CAF, ...organizations],
        signatories: many(count, (i) => ({ key: `${i}`, organization: `${i}` })),
      }),
    ],
  ]
  for (const [name, of] of lists) {
    const bound = boundOf(name)
    const full = await put(registry, `full-${name}`, documentOf(of(bound)))
    t.equal(full.status, 201, `${bound} ${name}: ${full.text.slice(0, 300)}`)
    const over = await put(registry, `full-${name}`, documentOf(of(bound + 1)))
    t.same([over.status, errorsOf(over)], [422, [`/${name} too-many`]])
  }
})

t.test('a document of 8 MB is taken, one byte more is a 413', async (t) => {
  const most = 8 * 1024 * 1024
  const description = 'a'.repeat(20_000)
  const actions = Array.from({ length: 415 }, (_, i) => ({ key: `${i}`, title: 'Action', description }))
  const text = JSON.stringify(documentOf({ actions }))
  const padded = (bytes: number) => text + ' '.repeat(bytes - text.length)
  const send = (body: string) => registry.request('PUT', `${documentPath('large')}?link=none`, { key: ADMIN_KEY, body })
  t.equal((await send(padded(most))).status, 201)
  t.equal((await send(padded(most + 1))).status, 413)
})

t.test('the work for errors grows no faster than their number, and the first hundred are told', async (t) => {
  const all = Array.from({ length: 2_000 }, (_, i) => ({
    key: `${i}`,
    title: 5,
    lead: `nobody ${i}`,
    axes: ['x'],
    oddity: i,
  }))
  /** In milliseconds of this process, however many others share the machine. */
  const workFor = async (count: number) => {
    const before = process.cpuUsage()
    const answer = await put(registry, 'thousand', documentOf({ actions: all.slice(0, count) }))
    t.same([answer.status, answer.body.errors.length], [422, 100])
    return process.cpuUsage(before).user / 1_000
  }
  await workFor(500)
  const [few, many] = [await workFor(500), await workFor(2_000)]
  // If it grew by the square, four times the errors would take sixteen times the work.
  t.ok(many < 10 * Math.max(few, 20), `${few} ms, for four times as many ${many} ms`)
})

t.test('of hundreds of thousands of wrong entries no more are looked at than are told', async (t) => {
  const indicator = { key: 'k', name: 'n', kind: 'means', measurements: Array(100).fill(0) }
  const action = { key: 'k', title: 't', indicators: Array(50).fill(indicator), funding: Array(200).fill({}) }
  const document = documentOf({ actions: Array(150).fill(action) })
  t.ok(checkBody(ConventionDocument, document).errors.length < 200)
  const answer = await put(registry, 'thousands', document)
  t.same([answer.status, answer.body.errors.length], [422, 100])
})

t.test('a hundred thousand names of nobody are a 422', async (t) => {
  const partners = Array.from({ length: 200 }, (_, i) => `z${i}`)
  const actions = Array.from({ length: 700 }, (_, i) => ({ key: `${i}`, title: 'Action', partners }))
  const answer = await put(registry, 'nobodies', documentOf({ actions }))
  t.same([answer.status, answer.body.errors.length], [422, 100])
})
