/**
 * OWASP API3:2023, broken object property level authorization: no write sets what only the registry writes, whoever
 * sends it. Which fields of an action and of a site a contributor may change stands in api5-rights, who is told who
 * wrote in api1-sight.
 */
import t from 'tap'
import { apiOf, errorsOf } from '../support/api.ts'
import { documentOf, put } from '../support/documents.ts'
import { derivedOf, setStage } from '../support/every.ts'
import { createKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { every, caf } = await setStage(registry)
const { secret } = await createKey(registry.db, 'SI', { role: 'editor', organizationId: caf.id })
const writers = { administrator: apiOf(registry), editor: apiOf(registry, secret) }

/** Columns that no body shows, and what programs like to merge into objects. */
const hidden = [
  'tx',
  'conventionIds',
  'owner',
  'organizationRole',
  'isPublic',
  'actor',
  'deletedAt',
  'hash',
  '__proto__x',
]

for (const one of every)
  t.test(`${one.name}: what only the registry writes is refused in every write, and changes nothing`, async (t) => {
    for (const [writer, api] of Object.entries(writers)) {
      const made = await api.create(one.list, one.least)
      const path = one.item(made.id)
      for (const field of derivedOf(one)) {
        // Also as it stands: what is answered is no body.
        for (const value of [made[field], 'forged']) {
          const body = { [field]: value }
          t.same(errorsOf(await api.patch(path, '*', body)), [`/${field} read-only`], `${writer} PATCH ${field}`)
          const posted = errorsOf(await api.post(one.list, { ...one.least, ...body }))
          t.same(posted, [`/${field} read-only`], `${writer} POST ${field}`)
        }
      }
      for (const field of hidden.filter((name) => !(name in made)))
        t.same(errorsOf(await api.patch(path, '*', { [field]: 'forged' })), [`/${field} unknown-field`], field)
      t.same((await api.get(path)).body, made)
      await api.delete(path)
    }
  })

t.test('a document sets none of it either', async (t) => {
  const id = '019b76da-a800-7000-8000-000000000001'
  const given = { id, version: 99, status: 'active', period: { from: '1990-01-01', to: '2199-12-31' } }
  const answer = await put(registry, 'forged', documentOf({ ...given, state: 'draft' }))
  t.equal(answer.status, 201, answer.text)
  const { convention } = answer.body
  t.not(convention.id, id)
  t.match(convention, { version: 1, status: 'draft', period: { from: '2022-01-01', to: '2026-12-31' } })
  for (const field of ['createdAt', 'updatedAt', 'sources', 'successorIds'])
    t.same(errorsOf(await put(registry, 'forged', documentOf({ [field]: 'forged' }))), [`/${field} read-only`], field)
  for (const field of ['cafId', 'tx'])
    t.same(
      errorsOf(await put(registry, 'forged', documentOf({ [field]: 'forged' }))),
      [`/${field} unknown-field`],
      field,
    )
})
