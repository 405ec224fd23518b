/**
 * Cast of tests of rights: two Cafs and a third, keys of every role and some that are no longer valid, and a convention
 * of each kind with one of each resource under it.
 */
import type { Database } from '../../src/db/database.ts'
import { type Api, apiOf, type Created, type Fields, newConvention } from './api.ts'
import { ADMIN_KEY } from './config.ts'
import { createKey, dropKey } from './keys.ts'
import type { Registry } from './registry.ts'

/** Who calls: of "this Caf" all but `other`, who is an editor of another one, and the administrator. */
export const callers = ['nobody', 'reader', 'contributor', 'editor', 'other', 'admin'] as const
export const invalid = ['expired', 'revoked', 'malformed'] as const
export type CallerName = (typeof callers)[number] | (typeof invalid)[number]

/** What is asked for: a draft is own to this Caf, or foreign to all but the administrator. */
export const states = ['public', 'own', 'foreign', 'none'] as const
export type State = (typeof states)[number]

/** A convention of a state with one of each thing under it, and the source that holds another such convention. */
export interface Things {
  convention: string
  signatories: string
  amendments: string
  axes: string
  actions: string
  sites: string
  organizations: string
  keys: string
  source: string
}

export interface Cast {
  api: Api
  cafs: { own: string; other: string; foreign: string }
  /** What is sent as `Authorization`; undefined of nobody. */
  credentials: Record<CallerName, string | undefined>
  /** The keys of some of them. */
  keyIds: Partial<Record<CallerName, string>>
  sets: Record<State, Things>
}

const NEVER = '019b76da-a800-7000-8000-000000000000'

const sources = { public: 'caf-a-1', own: 'caf-a-2', foreign: 'caf-c-1', none: 'caf-x-1' } as const

export async function setCast(registry: Registry): Promise<Cast> {
  const api = apiOf(registry)
  const caf = async (name: string) => (await api.create('/organizations', { kind: 'caf', name })).id
  const cafs = { own: await caf('Caf A'), other: await caf('Caf B'), foreign: await caf('Caf C') }
  const { credentials, keyIds } = await makeKeys(registry.db, cafs)
  const own = { ...registry, ...cafs }
  const sets = {
    public: await makeSet(own, api, { cafId: cafs.own, state: 'signed' }, sources.public),
    own: await makeSet(own, api, { cafId: cafs.own, state: 'draft' }, sources.own),
    foreign: await makeSet(own, api, { cafId: cafs.foreign, state: 'draft' }, sources.foreign),
    none: noSet(sources.none),
  }
  return { api, cafs, credentials, keyIds, sets }
}

async function makeKeys(db: Database, cafs: Cast['cafs']): Promise<Pick<Cast, 'credentials' | 'keyIds'>> {
  const made = async (role: 'reader' | 'contributor' | 'editor', organizationId: string, options = {}) => {
    const { key, secret } = await createKey(db, role, { role, organizationId, ...options }, new Date('2026-01-01'))
    return { id: key.id, bearer: `Bearer ${secret}` }
  }
  const keys = {
    reader: await made('reader', cafs.own),
    contributor: await made('contributor', cafs.own),
    editor: await made('editor', cafs.own),
    other: await made('editor', cafs.other),
    // It ended before the clock of the tests stands.
    expired: await made('editor', cafs.own, { expiresAt: '2026-02-01T00:00:00Z' }),
    revoked: await made('editor', cafs.own),
  }
  await dropKey(db, keys.revoked.id)
  const of = <K extends string>(name: 'id' | 'bearer') =>
    Object.fromEntries(Object.entries(keys).map(([caller, key]) => [caller, key[name]])) as Record<K, string>
  const others = { nobody: undefined, admin: `Bearer ${ADMIN_KEY}`, malformed: 'Bearer  ' }
  return { credentials: { ...of<keyof typeof keys>('bearer'), ...others }, keyIds: of<keyof typeof keys>('id') }
}

/** The Caf of the convention leads, manages and is bound, as far as anybody is bound under a draft. */
async function makeSet({ db, request }: Registry, api: Api, fields: Fields, source: string): Promise<Things> {
  const { cafId } = fields as { cafId: string }
  const convention = await newConvention(api, cafId, fields)
  const path = `/conventions/${convention.id}`
  const id = async (list: string, body: Fields): Promise<string> => (await api.create(list, body)).id
  const organization = await id('/organizations', { kind: 'ccas', name: `CCAS ${source}` })
  const { secret: itsKey } = await createKey(db, 'maker', { role: 'editor', organizationId: cafId })
  const { id: site } = await apiOf({ request }, itsKey).create('/service-sites', { name: 'Lieu', managerId: cafId })
  await api.put(`${path}/service-sites/${site}`)
  const { key } = await createKey(db, 'target', { role: 'reader', organizationId: cafId })
  const document = await request('PUT', `/v1/sources/${source}/conventions/ctg`, {
    key: ADMIN_KEY,
    body: { title: 'CTG', caf: cafId, state: fields.state },
  })
  if (document.status !== 201) throw new Error(document.text)
  await api.patch(`/sources/${source}`, null, { organizationId: cafId })
  return {
    convention: convention.id,
    signatories: await id(`${path}/signatories`, { organizationId: cafId }),
    amendments: await id(`${path}/amendments`, { kinds: ['other'] }),
    axes: await id(`${path}/axes`, { title: 'Axe' }),
    actions: await id(`${path}/actions`, { title: 'Action', leadId: cafId, partnerIds: [organization] }),
    sites: site,
    organizations: organization,
    keys: key.id,
    source,
  }
}

const noSet = (source: string): Things => ({
  ...{ convention: NEVER, signatories: NEVER, amendments: NEVER, axes: NEVER, actions: NEVER },
  ...{ sites: NEVER, organizations: NEVER, keys: NEVER, source },
})

export type { Created }
