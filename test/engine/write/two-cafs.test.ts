/**
 * Two Cafs write at random what each names of the other: drafts come and go, keys of organizations move, conventions are
 * published, hidden and deleted, over two processes. Whatever meets what, every rule holds afterwards.
 */
import { sql } from 'kysely'
import t from 'tap'
import { type Api, apiOf, type Fields, outcomeOf } from '../../support/api.ts'
import { CAF, documentOf, documentPath, put } from '../../support/documents.ts'
import { brokenRules } from '../../support/invariants.ts'
import { createKey } from '../../support/keys.ts'
import { type Answer, openRegistry, type Registry, serve } from '../../support/registry.ts'
import { pick, randomFrom } from '../../support/turmoil.ts'

const WRITERS = 6
const WRITES = 25
const registry = await openRegistry(t, { connections: 8 })
const second = await serve(t, registry, { connections: 8 })
const admin = apiOf(registry)

async function member(name: string, source: string) {
  const { id } = await admin.create('/organizations', { kind: 'caf', name })
  const { secret: key } = await createKey(registry.db, name, { role: 'editor', organizationId: id })
  return { id, key, source }
}

const members = [await member('Caf A', 'si-a'), await member('Caf B', 'si-b')] as const
const keys = ['1', '2', '3']
const names = ['Un', 'Deux', 'Trois', 'Quatre']
const states = ['draft', 'signed']

type Turn = { random: () => number; one: Registry; me: (typeof members)[number]; api: Api }
type Write = (turn: Turn) => Promise<Answer | undefined>

const all = async (api: Api, path: string): Promise<Fields[]> => (await api.get(`${path}?limit=200`)).body.data
const owned = async ({ api, me }: Turn) =>
  all(api, '/conventions').then((data) => data.filter((c) => c.cafId === me.id))

async function anyOwned(turn: Turn, write: (convention: Fields) => Promise<Answer>): Promise<Answer | undefined> {
  const convention = pick(turn.random, await owned(turn))
  return convention && write(convention)
}

/** What the caller sees, of whomever; nothing now and then. */
async function anySeen({ random, api }: Turn, path: string): Promise<unknown> {
  return random() < 0.1 ? null : (pick(random, await all(api, path))?.id ?? null)
}

const writes: Write[] = [
  async (turn) => {
    const { api, me, random } = turn
    const state = pick(random, states)
    return api.post('/conventions', {
      title: 'CTG',
      cafId: me.id,
      state,
      predecessorId: await anySeen(turn, '/conventions'),
    })
  },
  (turn) =>
    anyOwned(turn, async ({ id }) =>
      turn.api.patch(`/conventions/${id}`, '*', { mergedIntoId: await anySeen(turn, '/conventions') }),
    ),
  (turn) => anyOwned(turn, ({ id }) => turn.api.patch(`/conventions/${id}`, '*', { state: pick(turn.random, states) })),
  (turn) => anyOwned(turn, ({ id }) => turn.api.patch(`/conventions/${id}`, '*', { state: 'draft' })),
  (turn) => anyOwned(turn, ({ id }) => turn.api.delete(`/conventions/${id}`)),
  (turn) => anyOwned(turn, ({ id }) => turn.api.delete(`/conventions/${id}`)),
  (turn) =>
    anyOwned(turn, async ({ id }) =>
      turn.api.post(`/conventions/${id}/actions`, { title: 'A', carriedFromId: await anySeen(turn, '/actions') }),
    ),
  async (turn) => {
    const action = pick(turn.random, await all(turn.api, '/actions'))
    return action && turn.api.delete(`/actions/${action.id}`)
  },
  async (turn) => {
    const { one, me, random } = turn
    const organizations = keys
      .filter(() => random() < 0.7)
      .map((key) => ({ key, kind: 'association', name: pick(random, names) }))
    const document = {
      ...{ caf: me.id, state: pick(random, states), predecessor: await anySeen(turn, '/conventions') },
      organizations: [CAF, ...organizations],
      actions: keys.filter(() => random() < 0.6).map((key) => ({ key, title: 'A' })),
    }
    return put(one, pick(random, keys), documentOf(document), { source: me.source, key: me.key, maxDeletes: 100 })
  },
  ({ one, me, random }) => one.request('DELETE', documentPath(pick(random, keys), me.source), { key: me.key }),
  async (turn) => {
    const convention = pick(turn.random, await all(admin, '/conventions'))
    return convention && admin.patch(`/conventions/${convention.id}`, '*', { cafId: pick(turn.random, members).id })
  },
]

t.test('whatever two Cafs write, each answer is one of the contract', async (t) => {
  const counts = new Map<string, number>()
  const writer = async (i: number) => {
    const random = randomFrom(i + 1)
    const me = members[i % 2] as (typeof members)[number]
    for (let n = 0; n < WRITES; n++) {
      const one = random() < 0.5 ? registry : second
      const answer = await pick(random, writes)({ random, one, me, api: apiOf(one, me.key) })
      if (!answer) continue
      counts.set(outcomeOf(answer), (counts.get(outcomeOf(answer)) ?? 0) + 1)
      t.ok([200, 201, 204, 403, 404, 409, 422, 503].includes(answer.status), answer.text)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i)))
  t.comment(Object.fromEntries(counts))
})

t.test('every rule holds over the whole database afterwards', async (t) => {
  t.same(await brokenRules(registry.db, registry.clock.now()), [])
  const { rows } = await sql<{ cleared: number }>`select count(*)::int as cleared from change where cleared`.execute(
    registry.db,
  )
  t.comment(`${rows[0]?.cleared} references were cleared`)
})
