/** Bodies that take long to check keep nobody else waiting: a worker thread checks them, as the service's own would. */
import t from 'tap'
import { limits } from '../../../src/config.ts'
import { serviceSites } from '../../../src/domain/service-sites/resource.ts'
import { checkBody } from '../../../src/http/input/validation.ts'
import { knownHours } from '../../../src/http/schema/opening-hours.ts'
import { apiOf, errorsOf, outcomeOf } from '../../support/api.ts'
import { documentOf, put } from '../../support/documents.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

t.test('the thread of the service reads no opening hours by itself, and takes what the worker has read', async (t) => {
  const site = { name: 'Lieu', openingHours: 'Mo-Fr 08:17-11:59' }
  const codes = () => checkBody(serviceSites.Input, site, knownHours()).errors.map(({ code }) => code)
  t.same(codes(), ['too-many'], 'nothing is known of them')
  t.equal((await api.post('/service-sites', site)).status, 201)
  t.same(codes(), [])
  const wrong = { ...site, openingHours: 'whenever you like' }
  t.same(errorsOf(await api.post('/service-sites', wrong)), ['/openingHours invalid-opening-hours'])
  const { id } = await api.create('/service-sites', { name: 'Autre' })
  t.same(errorsOf(await api.patch(`/service-sites/${id}`, '*', { openingHours: 'never read' })), [
    '/openingHours invalid-opening-hours',
  ])
})

t.test('of one body so many hours are read, and the same body is taken when they are known', async (t) => {
  const hours = (i: number) =>
    `Mo-Fr ${String(8 + (i % 10)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}-19:${10 + (i % 50)}`
  const serviceSites = Array.from({ length: 900 }, (_, i) => ({
    key: `${i}`,
    name: 'Lieu',
    openingHours: hours(i),
    stops: [{ place: 'Place', openingHours: `Sa ${hours(i).slice(6)}` }],
  }))
  t.same(errorsOf(await put(registry, 'hours', documentOf({ serviceSites }), { dryRun: true })), [])
})

t.test('what was left unread beside hours that cannot be read is not taken for readable', async (t) => {
  const stops = Array.from({ length: 60 }, (_, i) => ({ place: 'Place', openingHours: `whenever ${i}` }))
  const errors = errorsOf(await api.post('/service-sites', { name: 'Lieu', stops }))
  t.ok(errors.length < stops.length, `${errors.length} are told`)
  t.same(new Set(errors.map((error) => error.split(' ')[1])), new Set(['invalid-opening-hours']))
  for (const { openingHours } of stops)
    t.equal(
      outcomeOf(await api.post('/service-sites', { name: 'Lieu', openingHours })),
      '422 invalid-body',
      openingHours,
    )
})

t.test('a document of megabytes is answered like a small one', async (t) => {
  const long = Array.from({ length: 20 }, (_, i) => ({
    key: `${i}`,
    title: ' Action ',
    description: 'x'.repeat(20_000),
  }))
  const document = documentOf({ actions: long })
  t.ok(JSON.stringify(document).length > limits.bodyBytes)
  t.equal(outcomeOf(await put(registry, 'large', document)), '201')
  t.equal((await put(registry, 'large', document)).body.report.updated, 0)
  const wrong = documentOf({ actions: [...long, { key: 'k', title: 5, unknown: 1 }], startsOn: 'soon' })
  t.same(errorsOf(await put(registry, 'wrong', wrong)), [
    '/actions/20/title type',
    '/actions/20/unknown unknown-field',
    '/startsOn invalid-partial-date',
  ])
  const broken = `${JSON.stringify(document).slice(0, -1)},`
  t.equal(outcomeOf(await put(registry, 'broken', broken)), '400 bad-request')
})

t.test('an object or a list without end is refused where it passes its bound', async (t) => {
  const members = Array.from({ length: 500_000 }, (_, i) => `"m${i}":1`)
  const answers = [`{${members.join()}}`, `{"actions":[${'1,'.repeat(500_000)}1]}`].map(async (body) => {
    const { status, body: problem } = await put(registry, 'endless', body)
    return [status, problem.detail]
  })
  const refused = [400, 'An object or a list holds more than 10000 members or entries.']
  t.same(await Promise.all(answers), [refused, refused])
})
