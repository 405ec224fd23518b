/**
 * OWASP API1:2023, through names that stand already: a draft loses those of what its Caf no longer sees, can be written
 * as before, by itself and as a document, and names nothing that is out of sight.
 */
import { sql } from 'kysely'
import t from 'tap'
import { apiOf, errorsOf, outcomeOf } from '../support/api.ts'
import { documentOf, documentPath, type Fields, put } from '../support/documents.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const admin = apiOf(registry)

async function member(name: string, siren: string) {
  const { id } = await admin.create('/organizations', { kind: 'caf', name, siren })
  const { secret: key } = await createKey(registry.db, name, { role: 'editor', organizationId: id })
  return { id, key, api: apiOf(registry, key) }
}

const own = await member('Caf A', '380481010')
const other = await member('Caf B', '216102145')

/** A convention of the other Caf with an action: public, until it is hidden. */
async function theirs() {
  const { id } = await other.api.create('/conventions', { title: 'Leur CTG', cafId: other.id, state: 'signed' })
  const action = await other.api.create(`/conventions/${id}/actions`, { title: 'Leur action' })
  return { id, action: action.id, hide: () => other.api.change(`/conventions/${id}`, { state: 'draft' }) }
}

t.test('a draft loses the names of what is hidden from its Caf, and takes none again', async (t) => {
  const named = await theirs()
  const { id } = await own.api.create('/conventions', {
    title: 'Projet',
    cafId: own.id,
    predecessorId: named.id,
    mergedIntoId: named.id,
  })
  const path = `/conventions/${id}`
  const action = await own.api.create(`${path}/actions`, { title: 'Suite', carriedFromId: named.action })
  await named.hide()
  t.match((await own.api.get(path)).body, { predecessorId: null, mergedIntoId: null })
  t.equal((await own.api.get(`/actions/${action.id}`)).body.carriedFromId, null)
  t.same(errorsOf(await own.api.patch(path, '*', { predecessorId: named.id })), ['/predecessorId unknown-reference'])
  t.same(errorsOf(await own.api.patch(`/actions/${action.id}`, '*', { carriedFromId: named.action })), [
    '/carriedFromId unknown-reference',
  ])
  t.equal((await own.api.patch(path, '*', { state: 'signed' })).status, 200)
})

t.test('its document goes back as it came, and names nothing that is hidden', async (t) => {
  const named = await theirs()
  const options = { source: 'si-a', key: own.key }
  const document = (fields: Fields = {}) =>
    documentOf({
      state: 'draft',
      caf: own.id,
      organizations: [],
      predecessor: named.id,
      actions: [{ key: '1', title: 'Suite', carriedFrom: named.action }],
      ...fields,
    })
  t.equal((await put(registry, 'projet', document(), options)).status, 201)
  await named.hide()
  const { body } = await registry.request('GET', documentPath('projet', 'si-a'), { key: own.key })
  t.equal(body.predecessor, null)
  const again = await put(registry, 'projet', body, options)
  t.same([again.status, again.body.report.updated], [200, 0])
  for (const key of ['projet', 'autre'])
    t.same(
      errorsOf(await put(registry, key, document(), options)),
      ['/actions/0/carriedFrom unknown-reference', '/predecessor unknown-reference'],
      key,
    )
})

t.test('a site that belongs to nobody is claimed by what is public only: a draft would tell of itself', async (t) => {
  const { id } = await own.api.create('/conventions', { title: 'Projet', cafId: own.id })
  const site = await admin.create('/service-sites', { name: 'Lieu' })
  t.equal((await own.api.put(`/conventions/${id}/service-sites/${site.id}`)).status, 204)
  t.equal((await other.api.patch(`/service-sites/${site.id}`, '*', { name: 'Le lieu' })).status, 200)
  await own.api.change(`/conventions/${id}`, { state: 'signed' })
  t.equal(outcomeOf(await other.api.patch(`/service-sites/${site.id}`, '*', { name: 'Lieu' })), '403 forbidden')
  t.equal((await own.api.patch(`/service-sites/${site.id}`, '*', { name: 'Lieu' })).status, 200)
})

t.test('nor what its document no longer lists; what a document makes is of its Caf', async (t) => {
  const options = { source: 'si-b', key: own.key }
  const document = (state: string, keys: string[]) =>
    documentOf({
      state,
      caf: own.id,
      organizations: [],
      serviceSites: keys.map((key) => ({ key, name: `Lieu ${key}` })),
    })
  const { body } = await put(registry, 'lieux', document('draft', ['a', 'b']), options)
  const site = async (path: string) => (await own.api.get(path)).body.data[0].id
  const [a, b] = await Promise.all(['a', 'b'].map((key) => site(`/service-sites?source=si-b&sourceKey=${key}`)))
  await sql`update service_site set owner_id = null where id = ${a}`.execute(registry.db)
  const theirDraft = await other.api.create('/conventions', { title: 'Projet', cafId: other.id })
  t.equal((await other.api.put(`/conventions/${theirDraft.id}/service-sites/${a}`)).status, 204)
  t.equal((await put(registry, 'lieux', document('signed', ['b']), options)).status, 200)
  const owners = await sql<{ id: string; owner_id: string | null }>`
    select id, owner_id from service_site where id in (${a}, ${b})`.execute(registry.db)
  t.same(
    new Map(owners.rows.map(({ id, owner_id }) => [id, owner_id])),
    new Map([
      [a, null],
      [b, own.id],
    ]),
  )
  t.equal(body.convention.state, 'draft')
})

t.test('no circle leads through what is hidden: its links are gone', async (t) => {
  const ours = await own.api.create('/conventions', { title: 'CTG', cafId: own.id, state: 'signed' })
  const named = await theirs()
  await other.api.change(`/conventions/${named.id}`, { predecessorId: ours.id })
  const draft = await own.api.create('/conventions', { title: 'Projet', cafId: own.id, predecessorId: named.id })
  const closing = () => own.api.patch(`/conventions/${ours.id}`, '*', { predecessorId: draft.id, state: 'draft' })
  t.same(errorsOf(await closing()), ['/predecessorId cycle'])
  await named.hide()
  t.equal((await closing()).status, 200)
  t.equal((await other.api.get(`/conventions/${named.id}`)).body.predecessorId, null)
})
