/**
 * OWASP API5:2023, broken function level authorization, and API1 with it: every operation of the OpenAPI document, asked by everybody about everything: what is public, a draft of one's own
 * Caf, a draft of others, and what does not exist. The expected answers stand in one table by kind of operation, and
 * no other answer comes. What is out of sight answers like what does not exist, to the byte.
 */
import t from 'tap'
import type { Document, Operation } from '../../src/http/openapi/types.ts'
import type { Fields } from '../support/api.ts'
import { type CallerName, callers, invalid, type State, setCast, states, type Things } from '../support/cast.ts'
import { type Answer, openapiOf, openRegistry } from '../support/registry.ts'
import { requiredQuery } from '../support/required-query.ts'

/** The success of the operation. */
const OK = 'OK'
type Expected = Record<State, (number | typeof OK)[]>

/** What is out of sight: the role alone forbids it to readers and contributors, or to readers only. */
const unseen = [401, 403, 403, 404, 404, 404]
const unseenByContributors = [401, 403, 404, 404, 404, 404]
const refused = [401, 403, 403, 403, 403]

/** By caller: nobody, reader, contributor and editor of this Caf, editor of another, administrator. */
const table = {
  /** Lists, and what is everybody's. */
  list: same([OK, OK, OK, OK, OK, OK]),
  open: { ...same([OK, OK, OK, OK, OK, OK]), none: [404, 404, 404, 404, 404, 404] },
  /** A convention and what is under it. */
  read: {
    public: [OK, OK, OK, OK, OK, OK],
    own: [404, OK, OK, OK, 404, OK],
    foreign: [404, 404, 404, 404, 404, OK],
    none: [404, 404, 404, 404, 404, 404],
  },
  write: {
    public: [401, 403, 403, OK, 403, OK],
    own: [401, 403, 403, OK, 404, OK],
    foreign: [401, 403, 403, 404, 404, OK],
    none: unseen,
  },
  /** The organization of the contributor leads the action; under a draft nobody is bound. */
  action: {
    public: [401, 403, OK, OK, 403, OK],
    own: [401, 403, 403, OK, 404, OK],
    foreign: [401, 403, 404, 404, 404, OK],
    none: unseenByContributors,
  },
  /** A site belongs to the Caf of its first convention; the organization of the contributor manages it. */
  site: {
    public: [401, 403, OK, OK, 403, OK],
    own: [401, 403, 403, OK, 403, OK],
    foreign: [...refused, OK],
    none: unseenByContributors,
  },
  deleteSite: {
    public: [401, 403, 403, OK, 403, OK],
    own: [401, 403, 403, OK, 403, OK],
    foreign: [...refused, OK],
    none: unseen,
  },
  /** Organizations that hold no key; a convention of this Caf names each, so that another one changes none that is public. */
  organization: { ...same([401, 403, 403, OK, OK, OK]), public: [401, 403, 403, OK, 403, OK], none: unseen },
  create: same([401, 403, 403, OK, OK, OK]),
  /** A convention of this Caf, that renews the one in question. */
  createConvention: {
    public: [401, 403, 403, OK, 403, OK],
    own: [401, 403, 403, OK, 403, OK],
    foreign: [401, 403, 403, 422, 403, 422],
    none: [401, 403, 403, 422, 403, 422],
  },
  /** A document under a source; that of what does not exist is put under a source that nobody used. */
  document: {
    public: [401, 403, 403, OK, 403, OK],
    own: [401, 403, 403, OK, 403, OK],
    foreign: [...refused, OK],
    none: [401, 403, 403, 201, 403, 201],
  },
  /** Lines to a source. */
  sync: { ...same([401, 403, 403, OK, 403, OK]), foreign: [...refused, OK] },
  source: {
    public: [...refused, OK],
    own: [...refused, OK],
    foreign: [...refused, OK],
    none: [...refused, 404],
  },
  /** Keys of this Caf, and of a third one. */
  keys: same([401, OK, OK, OK, OK, OK]),
  /** In the place of what is public one's own. */
  readKey: {
    public: [401, OK, OK, OK, OK, OK],
    own: [401, 404, 404, OK, 404, OK],
    foreign: [401, 404, 404, 404, 404, OK],
    none: [401, 404, 404, 404, 404, 404],
  },
  key: {
    public: [401, 403, 403, OK, 404, OK],
    own: [401, 403, 403, OK, 404, OK],
    foreign: [401, 403, 403, 404, 404, OK],
    none: unseen,
  },
  createKey: {
    public: [401, 403, 403, OK, 403, OK],
    own: [401, 403, 403, OK, 403, OK],
    foreign: [...refused, OK],
    none: [...refused, 422],
  },
} satisfies Record<string, Expected>

function same(statuses: Expected[State]): Expected {
  return { public: statuses, own: statuses, foreign: statuses, none: statuses }
}

const special: Record<string, keyof typeof table> = {
  ...{ updateAction: 'action', updateServiceSite: 'site', deleteServiceSite: 'deleteSite' },
  ...{ updateOrganization: 'organization', deleteOrganization: 'organization', listSourceConventions: 'list' },
  ...{ createOrganization: 'create', createServiceSite: 'create', createConvention: 'createConvention' },
  ...{ putSourceConvention: 'document', updateSource: 'source', updateSourceConvention: 'source' },
  ...{ createSourceSync: 'sync', getMe: 'keys', listKeys: 'keys', listAudit: 'keys' },
  ...{ createKey: 'createKey', getKey: 'readKey', createKeyRotation: 'key', deleteKey: 'key' },
}

/** Read by everybody whatever names them. */
const OPEN = /^\/v1\/(service-sites|organizations|territories|vocabularies|schemas)\//

function kindOf({ method, path, operation }: Asked): keyof typeof table {
  const chosen = special[operation.operationId]
  if (chosen) return chosen
  if (method !== 'get') return 'write'
  if (!path.includes('{')) return 'list'
  return OPEN.test(path) ? 'open' : 'read'
}

/** What others name stays: the right is there, and the answer is a conflict. */
const successes: Record<string, number> = {
  ...{ deleteServiceSite: 409, deleteOrganization: 409, createKeyRotation: 200, createSourceSync: 200 },
}
const successOf = ({ method, path, operation }: Asked): number =>
  successes[operation.operationId] ??
  { get: 200, post: 201, patch: 200, delete: 204, put: path.includes('sources') ? 200 : 204 }[method]

interface Asked {
  method: 'get' | 'post' | 'patch' | 'put' | 'delete'
  path: string
  operation: Operation
}

const registry = await openRegistry(t)
const cast = await setCast(registry)
const document = JSON.parse(await openapiOf(registry.app)) as Document
const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method as Asked['method'], path, operation })),
)
const asked = all.filter(({ path }) => path.startsWith('/v1/'))

/** The path of a thing; what a success would take away is made anew for it. */
async function pathOf({ path, operation }: Asked, caller: CallerName, state: State, isFresh: boolean): Promise<string> {
  const set = cast.sets[state]
  const [, , list = ''] = path.split('/')
  const name = { conventions: 'convention', 'service-sites': 'sites' }[list] ?? list
  const isOwn = operation.operationId === 'getKey' && state === 'public'
  const there = (isOwn && cast.keyIds[caller]) || set[name as keyof Things]
  const id = isFresh && there ? await renewed(name as keyof Things, set) : there
  const isNone = state === 'none'
  const key = isNone && operation.operationId === 'putSourceConvention' ? `ctg-${next()}` : isNone ? 'xxx' : 'ctg'
  return path
    .replace('{source}', set.source)
    .replace('{key}', key)
    .replace('{kind}', 'commune')
    .replace('{code}', isNone ? '61999' : '61214')
    .replace('{name}', isNone ? 'xxxxxx' : list === 'schemas' ? 'actions' : 'themes')
    .replace('{siteId}', cast.sets.public.sites)
    .replace('{id}', id ?? '')
    .concat(requiredQuery(operation))
}

let made = 0
const next = (): number => ++made

async function renewed(name: keyof Things, set: Things): Promise<string> {
  const { api } = cast
  const { body: convention } = await api.get(`/conventions/${set.convention}`)
  const body: Partial<Record<keyof Things, Fields>> = {
    signatories: signatory(),
    amendments: { kinds: ['other'] },
    axes: { title: 'Axe' },
    actions: { title: 'Action' },
    keys: { organizationId: convention.cafId, role: 'reader', name: 'target' },
  }
  const { title, cafId, state } = convention
  if (name === 'convention') return (await api.create('/conventions', { title, cafId, state })).id
  const list = name === 'keys' ? '/keys' : `/conventions/${set.convention}/${name}`
  return (await api.create(list, body[name])).id
}

/** Nobody is bound twice on the same day. */
function signatory(): Fields {
  const year = String(1900 + next())
  return { organizationId: cast.sets.public.organizations, startsOn: year, endsOn: year }
}

function bodyOf({ operation }: Asked, state: State, set: Things): unknown {
  const bodies: Record<string, Fields> = {
    createConvention: { title: 'CTG', cafId: cast.cafs.own, predecessorId: set.convention },
    createAmendment: { kinds: ['other'] },
    createKey: {
      organizationId: state === 'none' ? set.organizations : state === 'foreign' ? cast.cafs.foreign : cast.cafs.own,
      role: 'reader',
      name: 'made',
    },
    createKeyRotation: {},
    createOrganization: { kind: 'ccas', name: 'CCAS' },
    createServiceSite: { name: 'Lieu' },
    updateAction: { progress: 50 },
    updateServiceSite: { funding: [] },
    updateSignatory: { signedOn: '2022' },
    updateOrganization: { shortName: 'CCAS' },
    updateSource: { organizationId: state === 'foreign' ? cast.cafs.foreign : cast.cafs.own },
    updateSourceConvention: { source: set.source },
    putSourceConvention: {
      title: 'CTG',
      caf: state === 'foreign' ? cast.cafs.foreign : cast.cafs.own,
      state: state === 'public' ? 'signed' : 'draft',
    },
  }
  if (operation.operationId === 'createSignatory') return signatory()
  return operation.requestBody && (bodies[operation.operationId] ?? { title: 'Titre' })
}

/** A stream never ends, so that its headers are asked for. */
async function ask(one: Asked, caller: CallerName, state: State, isFresh: boolean): Promise<Answer> {
  const set = cast.sets[state]
  const method = one.operation.operationId === 'streamChanges' ? 'HEAD' : one.method.toUpperCase()
  const authorization = cast.credentials[caller]
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(['patch', 'delete'].includes(one.method) && { 'if-match': '*' }),
    ...(one.operation.operationId === 'createSourceSync' && { 'content-type': 'application/x-ndjson' }),
  }
  const body = bodyOf(one, state, set)
  const path = await pathOf(one, caller, state, isFresh)
  const answer = await registry.request(method as 'GET', path, { headers, ...(body !== undefined && { body }) })
  if (isFresh && one.operation.operationId === 'deleteSourceConvention') await putAgain(set, state)
  return answer
}

/** What a source held is deleted under its key only: it is put again. */
async function putAgain(set: Things, state: State): Promise<void> {
  const put = asked.find(({ operation }) => operation.operationId === 'putSourceConvention') as Asked
  const body = bodyOf(put, state, set)
  const headers = { authorization: cast.credentials.admin as string }
  await registry.request('PUT', `/v1/sources/${set.source}/conventions/ctg`, { headers, body })
}

/** All that an answer says, but for the id of the request and the names of what was asked for. */
const sayings = ({ status, headers, text }: Answer, set: Things) => {
  const { 'x-request-id': _id, date: _date, ratelimit: _left, ...rest } = headers
  const names = new RegExp(`${Object.values(set).join('|')}|"(ctg|xxx)\\\\?"`, 'g')
  return {
    status,
    rest,
    text: text
      .replace(/urn:uuid:[0-9a-f-]{36}/, '')
      .replace(names, '*')
      .replace(/\\"(ctg|xxx)\\"/, '*'),
  }
}

for (const one of asked) {
  const { operation } = one
  const expected = table[kindOf(one)]
  t.test(`${operation.operationId}: ${kindOf(one)}`, async (t) => {
    const reached = new Set<CallerName>()
    for (const [i, caller] of callers.entries()) {
      const never = await ask(one, caller, 'none', false)
      for (const state of states) {
        const cell = expected[state][i] as number | typeof OK
        const isFresh = cell === OK && one.method === 'delete' && successOf(one) === 204 && !isKept(one)
        const answer = await ask(one, caller, state, isFresh)
        t.equal(answer.status, cell === OK ? successOf(one) : cell, `${caller}, ${state}`)
        if (![401, 403, 404].includes(answer.status)) reached.add(caller)
        if (answer.status === 404) t.same(sayings(answer, cast.sets[state]), sayings(never, cast.sets.none), caller)
      }
    }
    for (const caller of invalid)
      for (const state of states) t.equal((await ask(one, caller, state, false)).status, 401, `${caller}, ${state}`)
    t.equal(operation['x-required-role'], leastOf(reached), 'the least role is the one that the contract says')
  })
}

/** An unlinked site is there afterwards. */
const isKept = ({ operation }: Asked) => operation.operationId === 'unlinkServiceSite'

function leastOf(reached: ReadonlySet<CallerName>): string | undefined {
  const least = callers.find((caller) => reached.has(caller))
  return least === 'nobody' ? 'none' : least
}

t.test('outside /v1 no credential is asked for, and none is looked at', async (t) => {
  for (const { path } of all.filter((one) => !one.path.startsWith('/v1/')))
    for (const authorization of Object.values(cast.credentials)) {
      const headers = { accept: 'application/json, application/yaml', ...(authorization && { authorization }) }
      t.equal((await registry.request('GET', path, { headers })).status, 200, path)
    }
})
