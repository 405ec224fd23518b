/**
 * Forms of answers: a field is added while the service runs. Versions stay, and so does the chain; tags and readers of
 * the feed hear of it.
 */
import { sql } from 'kysely'
import t from 'tap'
import { rewriteAnswers } from '../../../src/changes/rewrite.ts'
import { versionTag } from '../../../src/http/output/etags.ts'
import { apiOf, newWorld } from '../../support/api.ts'
import { recomputed } from '../../support/chain.ts'
import { addColourToAxes } from '../../support/new-form.ts'
import { openRegistry } from '../../support/registry.ts'
import { column } from '../../support/rows.ts'

const registry = await openRegistry(t)
const { app, db } = registry
const { api, path } = await newWorld(registry)
const axis = await api.create(`${path}/axes`, { title: 'before' })
await api.change(`/axes/${axis.id}`, { title: 'after' })
await api.create('/organizations', { kind: 'association', name: 'An association' })
const at = new Date().toISOString()

/** Past the check of answers against the contract, which does not have the new field. */
async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ url: `/v1${url}`, headers })
  return { ...answer, status: answer.statusCode, tag: String(answer.headers.etag), body: answer.body && answer.json() }
}

const urls = [`/axes/${axis.id}`, `${path}/document`, `${path}/axes`, '/organizations', path, `${path}/axes?asOf=${at}`]
// Twice, so that the answer is kept.
const before = new Map<string, Awaited<ReturnType<typeof get>>>()
for (const url of [...urls, ...urls]) before.set(url, await get(url))
const chain = await column(db, sql`select encode(chain, 'hex') from commit order by position`)
const { body: feed } = await get('/changes')

t.test('before it, tags name no form, and readers of the feed are in the first', async (t) => {
  t.equal(before.get(`/axes/${axis.id}`)?.tag, versionTag(2))
  t.equal(feed.form, 1)
})

t.test('a new field is in every answer at once, also of what is kept in memory', async (t) => {
  await addColourToAxes(db)
  const { body, tag } = await get(`/axes/${axis.id}`)
  t.match(body, { colour: null, version: 2, title: 'after' })
  t.equal(tag, '"2-f2"')
  for (const url of [`${path}/axes`, `${path}/axes?asOf=${at}`])
    t.equal((await get(url)).body.data[0].colour, null, url)
})

t.test('a tag of the old form is answered 200, one of the new form 304', async (t) => {
  for (const url of urls) {
    const old = before.get(url)?.tag ?? ''
    const now = await get(url, { 'if-none-match': old })
    t.equal(now.status, 200, url)
    t.not(now.tag, old, url)
    t.equal((await get(url, { 'if-none-match': now.tag })).status, 304, url)
  }
})

t.test('the tag of the new form fits as If-Match', async (t) => {
  const organization = await api.create('/organizations', { kind: 'association', name: 'Another' })
  const { tag } = await get(`/organizations/${organization.id}`)
  t.equal(tag, '"1-f2"')
  const patched = await apiOf(registry).patch(`/organizations/${organization.id}`, tag, { name: 'Renamed' })
  t.equal(patched.status, 200)
  t.equal(patched.headers.etag, (await get(`/organizations/${organization.id}`)).tag, 'writes name the form too')
})

t.test('history and the past have the field in versions of before it', async (t) => {
  const { body } = await get(`/axes/${axis.id}/history`)
  t.match(body.data, [
    { version: 2, changed: ['title'], data: { colour: null } },
    { version: 1, data: { colour: null, title: 'before' } },
  ])
  t.equal((await get(`/axes/${axis.id}?asOf=${at}`)).body.colour, null)
})

t.test('feed, snapshot and digest name the form, and tell bodies in it', async (t) => {
  const { body } = await get('/changes?since=beginning&types=axis')
  t.equal(body.form, 2)
  t.same(
    body.data.map(({ data }: { data: { colour: unknown } }) => data.colour),
    [null, null],
  )
  const lines = (await app.inject('/v1/snapshot?types=axis')).body.trim().split('\n')
  t.match(JSON.parse(lines[0] ?? ''), { form: 2 })
  t.match(JSON.parse(lines[1] ?? ''), { data: { colour: null } })
  t.equal((await get('/digest')).body.form, 2)
})

t.test('what is stored is renewed in batches without touching the chain, and only once', async (t) => {
  const isOld = sql`select count(*)::int from change where form <> answer_form()`
  t.not((await column(db, isOld))[0], 0)
  const { renewed, read } = await rewriteAnswers(db)
  t.ok(renewed > 0 && read >= renewed)
  t.same(await column(db, isOld), [0])
  t.match(await rewriteAnswers(db), { renewed: 0, read })
  t.same(await column(db, sql`select distinct answer = answer_of(type, body) from change where answer is not null`), [
    true,
  ])
  t.same(
    (await column(db, sql`select encode(chain, 'hex') from commit order by position`)).slice(0, chain.length),
    chain,
  )
  t.same(await recomputed(db), [], 'the chain is whole')
})
