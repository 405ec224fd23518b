/**
 * Requests that mean harm, made from the OpenAPI document: a few of them, always the same (`npm run fuzz` makes more).
 * Odd texts that are right, in every field. Writes in any order, against a model of what each must come to.
 */
import t, { type Test } from 'tap'
import type { Document } from '../../src/http/openapi/types.ts'
import type { Keywords } from '../../src/http/schema/schemas.ts'
import { type Created, commits, type Fields, outcomeOf } from '../support/api.ts'
import { type Every, setStage } from '../support/every.ts'
import { brokenRules } from '../support/invariants.ts'
import { openapiOf, openRegistry } from '../support/registry.ts'
import { pick, randomFrom } from '../support/turmoil.ts'
import { harm } from './rounds.ts'

const SEED = 1
const ROUNDS = 200
const STEPS = 40

const registry = await openRegistry(t)
const { api, every } = await setStage(registry)
const text = await openapiOf(registry.app)
const { schemas } = (JSON.parse(text) as Document).components as { schemas: Record<string, Keywords> }

t.test('requests that mean harm get an answer of the contract, and what is refused is not written', async (t) => {
  const address = await registry.app.listen({ port: 0, host: '127.0.0.1' })
  const target = { address, db: registry.db, text }
  const { asked, statuses, errors } = await harm(target, SEED, (round) => round === ROUNDS)
  t.comment(`${asked} requests: ${JSON.stringify(statuses)}`)
  t.same(errors, [])
  t.ok(Object.keys(statuses).length > 8, 'they are of many kinds')
})

/** Each is one line of text, so it is kept as it is. */
const oddTexts = [
  `'; drop table convention; -- "`,
  '<script>alert(1)</script>&amp;',
  '../../etc/passwd %00 %0d%0a \\u0000 \\',
  '__proto__',
  '-0',
  '=cmd()',
  '👨‍👩‍👧‍👦 𝔘𝔫𝔦 שלום ﷺ café',
]

t.test('odd texts that are right are kept as they were written, in every field of every resource', async (t) => {
  // A signatory has no text at all.
  for (const one of every.filter(({ name }) => name !== 'signatories'))
    for (const odd of oddTexts) {
      const body = withText(one, odd)
      t.ok(Object.values(body).includes(odd), one.name)
      const made = await api.create(one.list, body)
      t.match((await api.get(one.item(made.id))).body, texts(body), `${one.name} ${odd}`)
      t.equal((await api.delete(one.item(made.id))).status, 204)
    }
})

/** The fullest body of a resource with a text in each field of its own that is plain text. */
function withText({ resource, full }: Every, odd: string): Fields {
  const { $id = '' } = resource.Answer as Keywords
  const { properties = {} } = schemas[$id] as Keywords
  const isPlain = ([name]: [string, unknown]) => {
    const { type, format, enum: codes, pattern } = properties[name] as Keywords & { pattern?: string }
    return [type].flat().includes('string') && !format && !codes && !pattern && name !== 'phone'
  }
  return Object.fromEntries(
    Object.entries(full).map(([name, value]) => [name, isPlain([name, value]) ? odd : value] as const),
  )
}

const texts = (body: Fields) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'))

/** What a writer knows of a thing: as it was answered, and all that were there before. */
interface Known {
  body: Created
  isDeleted: boolean
}

t.test('writes in any order come to what a model says, and refused ones to nothing', async (t) => {
  const random = randomFrom(SEED)
  for (const one of every) {
    const known: Known[] = []
    for (let step = 0; step < STEPS; step++) {
      const thing = known.length > 0 && random() < 0.8 ? pick(random, known) : undefined
      if (thing) await pick(random, [read, change, changeStale, changeTwice, remove, removeUnsaid])(t, one, thing)
      else if (one.name === 'signatories' && known.some(({ isDeleted }) => !isDeleted))
        await refused(t, '409 already-exists', () => api.post(one.list, one.least))
      else known.push({ body: await api.create(one.list, one.least), isDeleted: false })
    }
    for (const { body, isDeleted } of known) if (!isDeleted) await api.delete(one.item(body.id))
  }
})

type Step = (t: Test, one: Every, thing: Known) => Promise<unknown>

/** Nothing is written by it. */
async function refused(t: Test, status: string, ask: () => ReturnType<typeof api.get>) {
  const before = await commits(registry.db)
  t.equal(outcomeOf(await ask()), status)
  t.equal(await commits(registry.db), before, `${status} is not in the journal`)
}

const read: Step = async (t, one, { body, isDeleted }) => {
  const answer = await api.get(one.item(body.id))
  if (isDeleted) t.equal(outcomeOf(answer), '404 not-found')
  else t.same(answer.body, body)
}

let number = 0
const patchOf = (one: Every): Fields => mapValues(one.patch, (value) => `${value}`.replace(/ ?\d*$/, ` ${++number}`))
const mapValues = (fields: Fields, map: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, /On$/.test(name) ? value : map(value)]))

const change: Step = async (t, one, thing) => {
  const path = one.item(thing.body.id)
  const patch = patchOf(one)
  if (thing.isDeleted) return refused(t, '404 not-found', () => api.patch(path, '*', patch))
  const { status, body } = await api.patch(path, thing.body.version, patch)
  t.equal(status, 200)
  const isChanged = Object.entries(patch).some(([name, value]) => thing.body[name] !== value)
  t.match(body, { ...patch, version: thing.body.version + Number(isChanged) })
  thing.body = body
}

const changeStale: Step = (t, one, { body, isDeleted }) =>
  refused(t, isDeleted ? '404 not-found' : '412 precondition-failed', () =>
    api.patch(one.item(body.id), body.version + 1, patchOf(one)),
  )

const changeTwice: Step = async (t, one, thing) => {
  if (thing.isDeleted) return
  const once = { 'idempotency-key': `step ${++number}` }
  const patch = patchOf(one)
  const send = (fields: Fields) => api.patch(one.item(thing.body.id), thing.body.version, fields, once)
  const first = await send(patch)
  const before = await commits(registry.db)
  const again = await send(patch)
  t.same([again.status, again.text, again.headers['idempotent-replayed']], [200, first.text, 'true'])
  t.equal(await commits(registry.db), before)
  await refused(t, '422 idempotency-key-reused', () => send({ ...patch, unknown: 1 }))
  thing.body = first.body
}

const remove: Step = async (t, one, thing) => {
  const path = one.item(thing.body.id)
  if (thing.isDeleted) return refused(t, '404 not-found', () => api.delete(path))
  await refused(t, '412 precondition-failed', () => api.delete(path, thing.body.version + 1))
  t.equal((await api.delete(path, thing.body.version)).status, 204)
  thing.isDeleted = true
}

const removeUnsaid: Step = (t, one, { body, isDeleted }) =>
  refused(t, isDeleted ? '404 not-found' : '428 precondition-required', () => api.delete(one.item(body.id), null))

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
})
