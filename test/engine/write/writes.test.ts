/** What every resource has in common when it is created, changed and deleted, one by one. */
import t from 'tap'
import { versionTag } from '../../../src/http/output/etags.ts'
import { commits, errorsOf, outcomeOf } from '../../support/api.ts'
import { derivedOf, setStage } from '../../support/every.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const { api, every } = await setStage(registry)
const count = () => commits(registry.db)
const MISSING = '01890a5d-ac96-774b-bcce-b302099a8057'

/** The lists and fields of the contract that are never null; all others may be. */
const neverNull: Record<string, string[]> = {
  conventions: ['title', 'state', 'cafId'],
  amendments: ['number', 'kinds'],
  organizations: ['kind', 'name'],
  signatories: ['organizationId', 'role'],
  axes: ['number', 'title'],
  actions: ['title', 'status', 'recurring'],
  'service-sites': ['name', 'itinerant'],
}

for (const one of every) {
  t.test(`${one.name}: the least and the most that creates one`, async (t) => {
    const least = await api.post(one.list, one.least)
    t.equal(least.status, 201, least.text)
    t.equal(least.headers.location, `/v1${one.item(least.body.id)}`)
    t.equal(least.headers.etag, versionTag(1))
    t.match(least.body, { version: 1, sources: [], ...one.defaults, ...one.least })
    t.equal(least.body.createdAt, least.body.updatedAt)
    for (const field of one.resource.fields) {
      if (field in one.least || field in one.defaults) continue
      t.match(least.body[field], Array.isArray(one.full[field]) ? [] : null, field)
    }
    const read = await api.get(one.item(least.body.id))
    t.same(read.body, least.body, 'GET gives what POST gave')
    t.same(Object.keys(read.body), Object.keys(least.body), 'in the same order')
    t.equal(read.headers.etag, versionTag(1))
    t.equal((await api.delete(one.item(least.body.id), 1)).status, 204)

    const full = await api.post(one.list, one.full)
    t.equal(full.status, 201, full.text)
    t.same(Object.fromEntries(one.resource.fields.map((field) => [field, full.body[field]])), one.full)
    t.same(Object.keys(one.full), [...one.resource.fields], 'the test gives every field')
    t.equal((await api.delete(one.item(full.body.id), 1)).status, 204)
    t.equal(outcomeOf(await api.get(one.item(full.body.id))), '404 not-found')
    t.equal(outcomeOf(await api.delete(one.item(full.body.id), 1)), '404 not-found', 'twice deleted')
  })

  t.test(`${one.name}: a merge patch`, async (t) => {
    const { id, version: _1, updatedAt: _made, ...unversioned } = await api.create(one.list, one.full)
    const path = one.item(id)
    const changed = await api.patch(path, 1, one.patch)
    t.equal(changed.status, 200, changed.text)
    t.equal(changed.headers.etag, versionTag(2))
    const { version, updatedAt, ...rest } = changed.body
    t.equal(version, 2)
    t.same(rest, { ...unversioned, id, ...one.patch })
    const before = await count()
    const whole = Object.entries({ ...one.full, ...one.patch }).filter(([field]) => !one.fixed.includes(field))
    for (const body of [{}, one.patch, Object.fromEntries(whole)]) {
      const again = await api.patch(path, 2, body)
      t.equal(again.status, 200, again.text)
      t.equal(again.headers.etag, versionTag(2))
      t.same(again.body, changed.body, 'unchanged')
    }
    t.equal(await count(), before, 'no row in the journal')
    t.equal((await api.delete(path, 2)).status, 204)
  })

  t.test(`${one.name}: null where it may be, lists whole, the rest is refused`, async (t) => {
    const { id } = await api.create(one.list, one.full)
    const path = one.item(id)
    const lists = one.resource.fields.filter((field) => Array.isArray(one.full[field]))
    const fixed = [...new Set([...(neverNull[one.name] ?? []), ...lists])]
    const nulls = Object.fromEntries(one.resource.fields.map((field) => [field, null]))
    const refused = await api.patch(path, 1, nulls)
    t.equal(outcomeOf(refused), '422 invalid-body')
    const told422 = one.fixed.length > 0 ? fixed.filter((field) => !one.fixed.includes(field)) : fixed
    t.same(
      errorsOf(refused).filter((error) => error.endsWith(' type')),
      told422.map((field) => `/${field} type`).sort(),
    )
    const free = one.resource.fields.filter((field) => !fixed.includes(field))
    const emptied = await api.patch(path, 1, Object.fromEntries(free.map((field) => [field, null])))
    t.equal(emptied.status, 200, emptied.text)
    for (const field of free) t.equal(emptied.body[field], null, field)
    const bare = lists.filter((field) => field !== 'kinds')
    if (bare.length > 0) {
      const without = await api.patch(path, 2, Object.fromEntries(bare.map((field) => [field, []])))
      t.equal(without.status, 200, without.text)
      for (const field of bare) t.same(without.body[field], [], field)
    }
    t.equal((await api.delete(path)).status, 204)
  })

  t.test(`${one.name}: what the registry fills in and what nobody knows`, async (t) => {
    const derived = derivedOf(one).filter((field) => field !== 'organizationId')
    const strange = ['unknown', 'toString']
    const given = Object.fromEntries([...derived, ...strange].map((field) => [field, 'x']))
    const errors = [
      ...derived.map((field) => `/${field} read-only`),
      ...strange.map((field) => `/${field} unknown-field`),
    ].sort()
    const before = await count()
    const created = await api.post(one.list, { ...one.least, ...given })
    t.equal(outcomeOf(created), '422 invalid-body')
    t.same(errorsOf(created), errors)
    t.equal(await count(), before, 'nothing is written')
    const { id } = await api.create(one.list, one.least)
    const changed = await api.patch(one.item(id), 1, given)
    t.equal(outcomeOf(changed), '422 invalid-body')
    t.same(errorsOf(changed), errors)
    for (const field of one.fixed)
      t.same(errorsOf(await api.patch(one.item(id), 1, { [field]: id })), [`/${field} read-only`])
    for (const body of [null, [], 'x', 5, true]) {
      t.same(errorsOf(await api.post(one.list, JSON.stringify(body))), [' type'])
      t.same(errorsOf(await api.patch(one.item(id), 1, JSON.stringify(body))), [' type'])
    }
    t.equal((await api.delete(one.item(id), 1)).status, 204)
  })

  t.test(`${one.name}: If-Match`, async (t) => {
    const { id } = await api.create(one.list, one.least)
    const path = one.item(id)
    const writes = [(tag: string | null) => api.patch(path, tag, {}), (tag: string | null) => api.delete(path, tag)]
    const before = await count()
    for (const write of writes) {
      const without = await write(null)
      t.equal(outcomeOf(without), '428 precondition-required')
      t.equal(without.headers.etag, versionTag(1))
      for (const stale of ['"2"', '"0"', 'W/"1"', '"11"', '"2", "3"', '"1gzip"']) {
        const refused = await write(stale)
        t.equal(outcomeOf(refused), '412 precondition-failed', stale)
        t.equal(refused.headers.etag, versionTag(1))
      }
      for (const malformed of ['1', '', '"1', '*, "1"', 'w/"1"'])
        t.equal((await write(malformed)).status, 400, malformed)
    }
    t.equal(await count(), before)
    for (const fits of ['*', '"1"', '"1-gzip"', '"7", "1"', 'W/"1","1-br"'])
      t.equal((await api.patch(path, fits, {})).status, 200, fits)
    t.equal((await api.delete(path, '"9", "1-gzip"')).status, 204)
  })

  t.test(`${one.name}: a write without a key, with a wrong one, of what is not there`, async (t) => {
    const { id } = await api.create(one.list, one.least)
    for (const there of [one.item(id), one.item(MISSING)]) {
      for (const method of ['PATCH', 'DELETE'] as const) {
        for (const authorization of [undefined, 'Bearer wrong', '', 'Basic eDp5']) {
          const headers = { 'if-match': '*', ...(authorization !== undefined && { authorization }) }
          const refused = await registry.request(method, `/v1${there}`, { headers, body: {} })
          t.equal(outcomeOf(refused), '401 unauthorized', `${method} ${authorization}`)
        }
      }
    }
    t.equal(outcomeOf(await registry.request('POST', `/v1${one.list}`, { body: one.least })), '401 unauthorized')
    t.equal(outcomeOf(await api.patch(one.item(MISSING), null, { unknown: 1 })), '404 not-found')
    t.equal(outcomeOf(await api.delete(one.item(MISSING), null)), '404 not-found')
    t.equal((await api.delete(one.item(id), 1)).status, 204)
  })

  t.test(`${one.name}: Prefer: return=minimal`, async (t) => {
    const prefer = { prefer: 'respond-async, Return="minimal"; x=1' }
    const created = await api.post(one.list, one.least, prefer)
    t.match(created, {
      status: 201,
      text: '',
      headers: { 'preference-applied': 'return=minimal', etag: versionTag(1) },
    })
    const path = created.headers.location?.replace('/v1', '') as string
    const changed = await api.patch(path, 1, one.patch, prefer)
    t.match(changed, {
      status: 204,
      text: '',
      headers: { 'preference-applied': 'return=minimal', etag: versionTag(2) },
    })
    const whole = await api.patch(path, 2, {}, { prefer: 'return=representation' })
    t.match(whole, { status: 200, body: { version: 2, ...one.patch } })
    t.equal((await api.delete(path, 2, prefer)).status, 204)
  })
}
