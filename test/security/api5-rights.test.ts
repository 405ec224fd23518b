/** OWASP API5:2023 and, by fields, API3: the rules of who may change what, one by one: fields, days, both sides of a change, what belongs to whom. */
import t from 'tap'
import { actions } from '../../src/domain/actions/resource.ts'
import { serviceSites } from '../../src/domain/service-sites/resource.ts'
import { type Api, apiOf, type Created, errorsOf, newConvention, outcomeOf } from '../support/api.ts'
import { createKey, dropKey } from '../support/keys.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t, { now: '2026-03-15T12:00:00Z' })
const admin = apiOf(registry)

/** An organization, and a client with a key of it. */
async function member(role: 'reader' | 'contributor' | 'editor', kind = 'caf', of?: string) {
  const id = of ?? (await admin.create('/organizations', { kind, name: `${kind} ${role}` })).id
  const { secret, key } = await createKey(registry.db, role, { role, organizationId: id })
  return { id, api: apiOf(registry, secret), key }
}

const caf = await member('editor')
const other = await member('editor')
const commune = await member('contributor', 'commune')

/** A convention of the Caf that binds the commune, with an action that it leads and a site that it manages. */
async function bound(fields = {}, signatory = {}) {
  const convention = await newConvention(admin, caf.id, fields)
  const path = `/conventions/${convention.id}`
  await admin.create(`${path}/signatories`, { organizationId: commune.id, ...signatory })
  const action = await admin.create(`${path}/actions`, { title: 'Action', leadId: commune.id })
  const site = await admin.create('/service-sites', { name: 'Lieu', managerId: commune.id })
  await admin.put(`${path}/service-sites/${site.id}`)
  return { convention, path, action: `/actions/${action.id}`, site: `/service-sites/${site.id}` }
}

const status = async (answer: Promise<{ status: number }>) => (await answer).status

const fieldsOf = (schema: unknown) => Object.keys((schema as { properties: object }).properties)

t.test(
  'a contributor changes progress, milestones, indicators, funding and reviews of an action, no other field',
  async (t) => {
    const { action } = await bound()
    const { body: before } = await admin.get(action)
    const open = ['progress', 'milestones', 'indicators', 'funding', 'reviews']
    for (const field of fieldsOf(actions.Patch)) {
      const answer = await commune.api.patch(action, '*', { [field]: before[field] })
      t.equal(answer.status, open.includes(field) ? 200 : 403, field)
    }
    const both = await commune.api.patch(action, '*', { progress: 10, title: 'Autre' })
    t.match(both, {
      status: 403,
      body: { type: '/problems/forbidden', detail: /nothing here but progress, milestones/ },
    })
    t.equal(outcomeOf(await commune.api.patch(action, '*', { version: 7 })), '403 forbidden')
    t.same(errorsOf(await commune.api.patch(action, '*', { progress: 101 })), ['/progress too-large'])
    t.equal(outcomeOf(await commune.api.patch(action, '*', [])), '422 invalid-body')
    t.equal(await status(commune.api.delete(action)), 403)
    t.equal((await admin.get(action)).body.version, before.version)
  },
)

t.test('a contributor changes the funding of a site that it manages, no other field', async (t) => {
  const { site, path } = await bound()
  const { body: before } = await admin.get(site)
  for (const field of fieldsOf(serviceSites.Patch))
    t.equal(
      await status(commune.api.patch(site, '*', { [field]: before[field] })),
      field === 'funding' ? 200 : 403,
      field,
    )
  await admin.delete(`${path}/service-sites/${before.id}`)
  t.equal(await status(commune.api.patch(site, '*', { funding: [] })), 403, 'no longer linked to what binds it')
})

t.test('only what binds it today, by the calendar of Europe/Paris', async (t) => {
  const may = async (fields = {}, signatory = {}) => {
    const { action, site } = await bound(fields, signatory)
    const statuses = [
      await status(commune.api.patch(action, '*', { progress: 1 })),
      await status(commune.api.patch(site, '*', { funding: [] })),
    ]
    t.equal(statuses[0] === 200, statuses[1] === 200, 'actions and sites alike')
    return statuses[0] === 200
  }
  t.ok(await may())
  t.notOk(await may({ state: 'draft' }), 'nobody is bound under a draft')
  t.notOk(await may({ startsOn: '2027', endsOn: '2030' }), 'not yet')
  t.notOk(await may({ endsOn: '2025' }), 'expired')
  t.notOk(await may({ state: 'terminated', terminatedOn: '2026-03-14' }))
  t.ok(await may({ state: 'terminated', terminatedOn: '2026-03-15' }), 'its last day')
  t.notOk(await may({}, { startsOn: '2026-03-16' }), 'joins tomorrow')
  t.notOk(await may({}, { endsOn: '2026-03-14' }), 'left yesterday')
  const { action } = await bound({ endsOn: '2026' })
  registry.clock.set('2026-12-31T22:59:59Z')
  t.equal(await status(commune.api.patch(action, '*', { progress: 1 })), 200)
  registry.clock.set('2026-12-31T23:00:00Z')
  t.equal(await status(commune.api.patch(action, '*', { progress: 2 })), 403, 'it is next year in Paris')
  registry.clock.set('2026-03-15T12:00:00Z')
})

t.test('a signatory that does not lead, and a leader that is not bound, change nothing', async (t) => {
  const { path, action } = await bound()
  const unled = await admin.create(`${path}/actions`, { title: 'Autre', leadId: caf.id, partnerIds: [commune.id] })
  t.equal(await status(commune.api.patch(`/actions/${unled.id}`, '*', { progress: 1 })), 403)
  const stranger = await member('contributor', 'association')
  await admin.change(action, { leadId: stranger.id })
  t.equal(await status(stranger.api.patch(action, '*', { progress: 1 })), 403)
  const reader = await member('reader', 'commune', commune.id)
  await admin.change(action, { leadId: commune.id })
  t.equal(await status(reader.api.patch(action, '*', { progress: 1 })), 403, 'nor does a reader')
  const editor = await member('editor', 'commune', commune.id)
  t.equal(await status(editor.api.patch(action, '*', { progress: 1 })), 200, 'an editor may what a contributor may')
  await dropKey(registry.db, editor.key.id)
})

t.test('a 403 comes before what is said of the precondition and of the body, after a 404', async (t) => {
  const { convention, path } = await bound()
  for (const [version, body] of [
    [null, {}],
    ['"9"', {}],
    ['*', { title: null }],
    ['*', []],
  ] as const)
    t.equal(outcomeOf(await other.api.patch(path, version, body)), '403 forbidden')
  t.equal(outcomeOf(await other.api.delete(path, null)), '403 forbidden')
  t.equal(outcomeOf(await other.api.post(`${path}/axes`, {})), '403 forbidden')
  t.equal(outcomeOf(await caf.api.patch(path, null, {})), '428 precondition-required')
  t.equal(outcomeOf(await caf.api.patch(path, '"9"', { title: null })), '412 precondition-failed')
  t.equal(outcomeOf(await caf.api.patch(path, '*', { title: null })), '422 invalid-body')
  await admin.change(path, { state: 'draft' })
  for (const [version, body] of [
    [null, {}],
    ['"9"', {}],
    ['*', { title: null }],
  ] as const)
    t.equal(outcomeOf(await other.api.patch(path, version, body)), '404 not-found')
  t.equal(outcomeOf(await other.api.post(`${path}/axes`, {})), '404 not-found')
  t.equal(outcomeOf(await other.api.put(`${path}/service-sites/${convention.id}`)), '404 not-found')
  t.equal(outcomeOf(await other.api.post('/conventions', {})), '422 invalid-body', 'whose it shall be is not said')
  t.equal(outcomeOf(await other.api.post('/conventions', { cafId: caf.id })), '403 forbidden')
})

t.test('another Caf takes the right on both sides, and the sites go with the convention', async (t) => {
  const { path, site } = await bound()
  const shared = await admin.create('/service-sites', { name: 'Commun' })
  const kept = await newConvention(admin, caf.id)
  for (const one of [path, `/conventions/${kept.id}`]) await admin.put(`${one}/service-sites/${shared.id}`)
  t.equal(await status(caf.api.patch(path, '*', { cafId: other.id })), 403, 'it cannot be given away')
  t.equal(await status(other.api.patch(path, '*', { cafId: other.id })), 403, 'nor taken')
  t.equal(await status(caf.api.patch(path, '*', { cafId: caf.id.toUpperCase() })), 200, 'its own')
  t.equal(await status(caf.api.patch(path, '*', { cafId: null })), 422)
  await admin.change(path, { cafId: other.id })
  t.equal(await status(caf.api.patch(path, '*', { title: 'CTG' })), 403)
  t.equal(await status(other.api.patch(path, '*', { title: 'CTG' })), 200)
  t.equal(await status(other.api.patch(site, '*', { name: 'Lieu' })), 200)
  t.equal(await status(caf.api.patch(site, '*', { name: 'Lieu' })), 403)
  t.equal(await status(caf.api.patch(`/service-sites/${shared.id}`, '*', { name: 'Lieu' })), 200, 'it is still used')
})

t.test(
  'a site belongs to who made it, else to the Caf that linked it first; linking it elsewhere changes nothing',
  async (t) => {
    const [own, theirs] = [await newConvention(caf.api, caf.id), await newConvention(other.api, other.id)]
    const link = (api: Api, convention: Created, site: string) =>
      api.put(`/conventions/${convention.id}/service-sites/${site}`)
    const rename = (api: Api, site: string) => status(api.patch(`/service-sites/${site}`, '*', { name: 'Lieu' }))
    const made = await caf.api.create('/service-sites', { name: 'Lieu' })
    t.same([await rename(caf.api, made.id), await rename(other.api, made.id)], [200, 403])
    t.equal(await status(link(other.api, theirs, made.id)), 204, 'the right on the convention is enough')
    t.same([await rename(caf.api, made.id), await rename(other.api, made.id)], [200, 403])
    t.equal(await status(link(other.api, own, made.id)), 403)

    const free = await admin.create('/service-sites', { name: 'Lieu' })
    t.same([await rename(caf.api, free.id), await rename(other.api, free.id)], [200, 200])
    await link(other.api, theirs, free.id)
    await link(caf.api, own, free.id)
    t.same([await rename(caf.api, free.id), await rename(other.api, free.id)], [403, 200])
    t.equal(await status(caf.api.delete(`/service-sites/${free.id}`)), 403)
  },
)

t.test('an organization that holds keys belongs to itself, any other to every editor', async (t) => {
  const path = `/organizations/${commune.id}`
  t.equal(await status(caf.api.patch(path, '*', { shortName: 'Rai' })), 403)
  t.equal(await status(commune.api.patch(path, '*', { shortName: 'Rai' })), 403, 'to its editors')
  const editor = await member('editor', 'commune', commune.id)
  t.equal(await status(editor.api.patch(path, '*', { shortName: 'Rai' })), 200)
  const free = await caf.api.create('/organizations', { kind: 'ccas', name: 'CCAS' })
  t.equal(await status(other.api.patch(`/organizations/${free.id}`, '*', { shortName: 'CCAS' })), 200)

  const { key } = await createKey(registry.db, 'CCAS', { role: 'reader', organizationId: free.id })
  t.equal(await status(other.api.delete(`/organizations/${free.id}`)), 403)
  const { body } = await admin.delete(`/organizations/${free.id}`)
  t.match(body, { status: 409, inUseBy: [{ type: 'key', id: key.id }], inUseByCount: 1 })
  await dropKey(registry.db, key.id)
  t.equal(await status(other.api.delete(`/organizations/${free.id}`)), 204, 'a revoked key holds nothing')
  const { body: kept } = await admin.get(`/keys/${key.id}`)
  t.match(kept, { organizationId: null, revokedAt: String })
  await dropKey(registry.db, editor.key.id)
})

t.test('an organization that public conventions of another Caf name is changed in its département only', async (t) => {
  const venissieux = await admin.create('/organizations', {
    kind: 'commune',
    name: 'Vénissieux',
    territory: 'commune:69259',
  })
  const path = `/organizations/${venissieux.id}`
  const rhone = await admin.create('/organizations', { kind: 'caf', name: 'Caf du Rhône', territory: 'departement:69' })
  const { api: near } = await member('editor', 'caf', rhone.id)
  const rename = async (api: Api) => outcomeOf(await api.patch(path, '*', { shortName: `${Math.random()}` }))
  t.equal(await rename(caf.api), '200', 'nobody names it')
  const own = await newConvention(caf.api, caf.id)
  await caf.api.create(`/conventions/${own.id}/signatories`, { organizationId: venissieux.id })
  t.equal(await rename(caf.api), '200', 'its own conventions do')
  const theirs = await newConvention(admin, rhone.id, { state: 'draft' })
  await admin.create(`/conventions/${theirs.id}/actions`, { title: 'Action', partnerIds: [venissieux.id] })
  t.equal(await rename(caf.api), '200', 'a draft names nothing')
  await admin.change(`/conventions/${theirs.id}`, { state: 'signed' })
  const refused = await caf.api.patch(path, '*', { name: 'Autre' })
  t.match(refused, { status: 403, body: { detail: /conventions of another Caf name this organization/ } })
  t.equal(outcomeOf(await caf.api.delete(path)), '403 forbidden')
  t.equal(await rename(near), '200')
  t.equal(await rename(admin), '200')
})

t.test('another key gets nothing by an Idempotency-Key that was used', async (t) => {
  const { path } = await bound({ state: 'draft' })
  const once = { 'idempotency-key': 'mine' }
  t.equal(await status(caf.api.post(`${path}/axes`, { title: 'Axe' }, once)), 201)
  t.equal(await status(other.api.post(`${path}/axes`, { title: 'Axe' }, once)), 404)
  t.equal((await caf.api.post(`${path}/axes`, { title: 'Axe' }, once)).headers['idempotent-replayed'], 'true')
})
