/**
 * OWASP API6:2023, unrestricted access to sensitive business flows: making keys, taking sources, handing over and
 * publishing. None can be had by doing it often, twice, for trial or by the way. Quotas of keys: test/domain/api-keys/keys.test.ts.
 */
import t from 'tap'
import { apiOf, newConvention, outcomeOf } from '../support/api.ts'
import { documentOf, put } from '../support/documents.ts'
import { createKey, listKeys } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const admin = apiOf(registry)
const { id: cafId } = await admin.create('/organizations', { kind: 'caf', name: 'Caf' })
const { id: otherId } = await admin.create('/organizations', { kind: 'caf', name: 'Autre' })
const member = async (role: 'reader' | 'contributor' | 'editor', organizationId = cafId) => {
  const { secret, key } = await createKey(registry.db, role, { role, organizationId })
  return { id: key.id, secret, api: apiOf(registry, secret) }
}

t.test('the secret of a new key is answered to nobody a second time', async (t) => {
  const [editor, colleague, stranger] = [
    await member('editor'),
    await member('editor'),
    await member('editor', otherId),
  ]
  const once = { 'idempotency-key': 'same' }
  const input = { organizationId: cafId, role: 'reader', name: 'SI' }
  const made = await editor.api.post('/keys', input, once)
  t.match(made.body.key, /^ctg_/)
  t.equal((await editor.api.post('/keys', input, once)).body.key, null)
  t.equal(outcomeOf(await stranger.api.post('/keys', input, once)), '403 forbidden')
  const another = await colleague.api.post('/keys', input, once)
  t.not(another.body.id, made.body.id, 'the same Idempotency-Key of another key is another request')
  t.not(another.body.key, made.body.key)
})

t.test('no key raises itself: a role above its own is neither made nor reached by a rotation', async (t) => {
  const [reader, editor] = [await member('reader'), await member('editor')]
  const count = (await listKeys(registry.db)).length
  for (const { api } of [reader, editor])
    for (const organizationId of [cafId, otherId, null])
      t.equal(outcomeOf(await api.post('/keys', { organizationId, role: 'admin', name: 'SI' })), '403 forbidden')
  t.equal(outcomeOf(await reader.api.post(`/keys/${editor.id}/rotate`, {})), '403 forbidden', 'by its role alone')
  t.equal(outcomeOf(await reader.api.post(`/keys/${reader.id}/rotate`, {})), '403 forbidden')
  t.equal((await listKeys(registry.db)).length, count)
})

t.test('a trial takes nothing: no source, no organization, no version', async (t) => {
  const [editor, stranger] = [await member('editor'), await member('editor', otherId)]
  const trial = documentOf({ caf: cafId, organizations: [] })
  t.equal((await put(registry, 'a', trial, { source: 'si', key: editor.secret, dryRun: true })).status, 201)
  t.notMatch((await admin.get('/sources')).text, /"si"/)
  const theirs = documentOf({ caf: otherId, organizations: [] })
  t.equal((await put(registry, 'a', theirs, { source: 'si', key: stranger.secret })).status, 201)
  t.equal(outcomeOf(await put(registry, 'b', trial, { source: 'si', key: editor.secret })), '403 forbidden')
})

t.test('what is public cannot be hidden, given away or ended by another Caf', async (t) => {
  const stranger = await member('editor', otherId)
  const convention = await newConvention(admin, cafId)
  const path = `/conventions/${convention.id}`
  for (const body of [
    { state: 'draft' },
    { state: 'terminated' },
    { cafId: otherId },
    { mergedIntoId: convention.id },
    { predecessorId: convention.id },
  ])
    t.equal(outcomeOf(await stranger.api.patch(path, '*', body)), '403 forbidden', Object.keys(body).join())
  t.equal(outcomeOf(await stranger.api.delete(path)), '403 forbidden')
  t.same((await admin.get(path)).body, convention)
})
