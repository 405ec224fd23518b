/** What others name is not deleted: each row of the contract's list, alone and with others, and what races do to it. */
import { sql } from 'kysely'
import t from 'tap'
import { anonymous } from '../../../src/auth/caller.ts'
import { selectUsers } from '../../../src/engine/write/decide/users.ts'
import { type Created, type Fields, newConvention, newWorld, slugOf } from '../../support/api.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t, { connections: 8 })
const { api, caf } = await newWorld(registry)

interface Case {
  what: string
  /** The path of what cannot be deleted. */
  path: string
  by: [type: string, user: Created, release: () => Promise<unknown>]
}

const organization = () => api.create('/organizations', { kind: 'commune', name: 'Rai' })
const convention = (fields: Fields = {}) => newConvention(api, caf.id, fields)
const pathOf = async (fields: Fields = {}) => `/conventions/${(await convention(fields)).id}`
const remove = (path: string) => () => api.delete(path)
const change = (path: string, body: Fields) => () => api.change(path, body)
const funding = (funderId: string) => [{ year: 2023, funderId }]

async function ofOrganization(): Promise<Case[]> {
  const under = await pathOf()
  const cases: Case[] = []
  const add = async (what: string, type: string, list: string, body: (id: string) => Fields, release?: Fields) => {
    const { id } = await organization()
    const user = await api.create(list, body(id))
    const own = `/${list.split('/').at(-1)}/${user.id}`
    cases.push({ what, path: `/organizations/${id}`, by: [type, user, release ? change(own, release) : remove(own)] })
  }
  await add('coordinates', 'convention', '/conventions', (cafId) => ({ title: 'C', cafId }))
  await add('signs', 'signatory', `${under}/signatories`, (organizationId) => ({ organizationId }))
  await add('leads', 'action', `${under}/actions`, (leadId) => ({ title: 'A', leadId }), { leadId: null })
  await add('is a partner', 'action', `${under}/actions`, (id) => ({ title: 'A', partnerIds: [id] }), {
    partnerIds: [],
  })
  await add('funds an action', 'action', `${under}/actions`, (id) => ({ title: 'A', funding: funding(id) }), {
    funding: [],
  })
  await add('manages', 'service-site', '/service-sites', (managerId) => ({ name: 'L', managerId }), { managerId: null })
  await add('funds a site', 'service-site', '/service-sites', (id) => ({ name: 'L', funding: funding(id) }), {
    funding: [],
  })
  return cases
}

const as = (what: string, path: string, ...by: Case['by']): Case => ({ what, path, by })

async function ofParts(): Promise<Case[]> {
  const under = await pathOf()
  const amendment = () => api.create(`${under}/amendments`, { kinds: ['other'] })
  const [joined, left] = [await amendment(), await amendment()]
  const organizationId = caf.id
  const joiner = await api.create(`${under}/signatories`, { organizationId, amendmentId: joined.id, endsOn: '2023' })
  const leaver = await api.create(`${under}/signatories`, {
    organizationId,
    exitAmendmentId: left.id,
    startsOn: '2024',
  })
  const parent = await api.create(`${under}/axes`, { title: 'A' })
  const named = await api.create(`${under}/axes`, { title: 'B' })
  const child = await api.create(`${under}/axes`, { title: 'A1', parentId: parent.id })
  const action = await api.create(`${under}/actions`, { title: 'A', axisIds: [child.id, named.id] })
  const site = await api.create('/service-sites', { name: 'Lieu' })
  await api.put(`${under}/service-sites/${site.id}`)
  const { body: convention } = await api.get(under)
  const leave = change(`/signatories/${leaver.id}`, { exitAmendmentId: null })
  const rise = change(`/axes/${child.id}`, { parentId: null, number: 9 })
  const unlink = remove(`${under}/service-sites/${site.id}`)
  return [
    as('amendment joined by', `/amendments/${joined.id}`, 'signatory', joiner, remove(`/signatories/${joiner.id}`)),
    as('amendment left by', `/amendments/${left.id}`, 'signatory', leaver, leave),
    as('axis with an action', `/axes/${named.id}`, 'action', action, change(`/actions/${action.id}`, { axisIds: [] })),
    as('axis with a sub-axis', `/axes/${parent.id}`, 'axis', child, rise),
    as('linked site', `/service-sites/${site.id}`, 'convention', convention, unlink),
  ]
}

async function ofConventions(): Promise<Case[]> {
  const [under, other, last] = [await pathOf(), await pathOf(), await pathOf()]
  const [renewed, merged] = [await convention(), await convention()]
  const next = await convention({ predecessorId: renewed.id })
  const absorbed = await convention({ mergedIntoId: merged.id })
  const carry = async (from: Created) => api.create(`${under}/actions`, { title: 'A', carriedFromId: from.id })
  const carried = await api.create(`${other}/actions`, { title: 'A' })
  const carrying = await carry(carried)
  const carryingLast = await carry(await api.create(`${last}/actions`, { title: 'A' }))
  const renewNothing = change(`/conventions/${next.id}`, { predecessorId: null })
  const carryNothing = change(`/actions/${carrying.id}`, { carriedFromId: null })
  return [
    as('renewed convention', `/conventions/${renewed.id}`, 'convention', next, renewNothing),
    as('merged into', `/conventions/${merged.id}`, 'convention', absorbed, remove(`/conventions/${absorbed.id}`)),
    as('continued action', `/actions/${carried.id}`, 'action', carrying, carryNothing),
    as('convention of one', last, 'action', carryingLast, remove(`/actions/${carryingLast.id}`)),
  ]
}

t.test('each that names it stands in the way, until it does no more', async (t) => {
  for (const { what, path, by } of [...(await ofOrganization()), ...(await ofParts()), ...(await ofConventions())]) {
    const [type, user, release] = by
    const refused = await api.delete(path)
    t.equal(slugOf(refused), 'in-use', what)
    t.same([refused.body.inUseBy, refused.body.inUseByCount], [[{ type, id: user.id }], 1], what)
    t.equal((await api.get(path)).status, 200, what)
    await release()
    t.equal((await api.delete(path)).status, 204, what)
  }
})

t.test('a site that an action names is neither unlinked nor deleted', async (t) => {
  const under = await pathOf()
  const site = await api.create('/service-sites', { name: 'Lieu' })
  const link = `${under}/service-sites/${site.id}`
  await api.put(link)
  const action = await api.create(`${under}/actions`, { title: 'A', serviceSiteIds: [site.id] })
  t.match(await api.delete(link), {
    status: 409,
    body: {
      detail: 'The service site is named by one resource: change or delete what names it first.',
      inUseBy: [{ type: 'action', id: action.id }],
      inUseByCount: 1,
    },
  })
  t.match(await api.delete(`/service-sites/${site.id}`), { status: 409, body: { inUseByCount: 2 } })
  t.equal((await api.delete(`/actions/${action.id}`)).status, 204)
  t.equal((await api.delete(link)).status, 204)
})

t.test('fifty are named and all are counted', async (t) => {
  const under = await pathOf()
  const { id } = await organization()
  const conventionId = under.split('/')[2]
  await sql`insert into action (convention_id, title, status, recurring, lead_id)
    select ${conventionId}, 'A', 'planned', false, ${id} from generate_series(1, 60)`.execute(registry.db)
  const manager = await api.create('/service-sites', { name: 'Lieu', managerId: id })
  const refused = await api.delete(`/organizations/${id}`)
  t.match(refused, { status: 409, body: { inUseByCount: 61 } })
  t.equal(refused.body.inUseBy.length, 50)
  t.equal(new Set(refused.body.inUseBy.map((one: Created) => one.id)).has(manager.id), false)
})

t.test('what the caller may not see is counted, never named', async (t) => {
  const { id } = await organization()
  const shown = await convention({ cafId: id })
  await convention({ cafId: id, state: 'draft' })
  t.match(await api.delete(`/organizations/${id}`), { status: 409, body: { inUseByCount: 2 } })
  // No caller that may write is blind as yet.
  const users = await selectUsers(registry.db, anonymous, { gone: [{ type: 'organization', id }] })
  t.same(users, { shown: [{ type: 'convention', id: shown.id }], count: 2, each: { [id]: 2 } })
})

t.test('who names and who deletes at once: one of them is refused, and told why', async (t) => {
  const under = await pathOf()
  for (let round = 0; round < 12; round++) {
    const { id } = await organization()
    const body = [{ leadId: id }, { partnerIds: [id] }, { funding: funding(id) }][round % 3]
    const named = () => api.post(`${under}/actions`, { title: 'A', ...body })
    const deleted = () => api.delete(`/organizations/${id}`)
    const order = round % 2 ? [named(), deleted()] : [deleted(), named()].reverse()
    const [made, gone] = await Promise.all(order)
    if (made?.status === 201) t.same([gone?.status, gone?.body?.inUseBy], [409, [{ type: 'action', id: made.body.id }]])
    else t.same([made?.status, made?.body?.errors[0].code, gone?.status], [422, 'unknown-reference', 204])
  }
  for (let round = 0; round < 6; round++) {
    const old = await convention()
    const renew = api.post('/conventions', { title: 'C', cafId: caf.id, state: 'signed', predecessorId: old.id })
    const hide = api.patch(`/conventions/${old.id}`, '*', { state: 'draft' })
    const [made, hidden] = await Promise.all(round % 2 ? [renew, hide] : [renew, hide])
    if (made.status === 201) t.equal(slugOf(hidden), 'in-use')
    else t.same([made.body.errors[0].code, hidden.status], ['draft', 200])
  }
})
