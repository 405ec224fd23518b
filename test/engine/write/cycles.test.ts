/** What continues another thing is not continued by it in turn: conventions and actions, by themselves and as documents. */
import t from 'tap'
import { apiOf, errorsOf, newConvention } from '../../support/api.ts'
import { documentOf, put } from '../../support/documents.ts'
import { openRegistry } from '../../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)
const { id: cafId } = await api.create('/organizations', { kind: 'caf', name: 'Caf' })
const some = async (count: number) => {
  const made = []
  for (let i = 0; i < count; i++) made.push((await newConvention(api, cafId)).id)
  return made as [string, string, string, string]
}

for (const field of ['predecessorId', 'mergedIntoId'])
  t.test(`${field} does not lead back`, async (t) => {
    const [a, b, c, d] = await some(4)
    await api.change(`/conventions/${a}`, { [field]: b })
    await api.change(`/conventions/${b}`, { [field]: c })
    t.same(errorsOf(await api.patch(`/conventions/${c}`, '*', { [field]: a })), [`/${field} cycle`])
    t.same(errorsOf(await api.patch(`/conventions/${b}`, '*', { [field]: a })), [`/${field} cycle`])
    t.same(errorsOf(await api.patch(`/conventions/${a}`, '*', { [field]: a })), [`/${field} self-reference`])
    t.equal((await api.patch(`/conventions/${b}`, '*', { [field]: d })).status, 200, 'another one is fine')
    t.equal((await api.patch(`/conventions/${c}`, '*', { [field]: a })).status, 200, 'and then the chain ends there')
  })

t.test('one may renew what is merged into it', async (t) => {
  const [a, b] = await some(2)
  await api.change(`/conventions/${a}`, { predecessorId: b })
  t.equal((await api.patch(`/conventions/${b}`, '*', { mergedIntoId: a })).status, 200)
})

t.test('an action does not carry on what carries it on', async (t) => {
  const actions: string[] = []
  for (const id of await some(3)) actions.push((await api.create(`/conventions/${id}/actions`, { title: 'A' })).id)
  const [a, b, c] = actions
  await api.change(`/actions/${a}`, { carriedFromId: b })
  await api.change(`/actions/${b}`, { carriedFromId: c })
  t.same(errorsOf(await api.patch(`/actions/${c}`, '*', { carriedFromId: a })), ['/carriedFromId cycle'])
})

t.test('documents neither; what one of them takes away does not count', async (t) => {
  const document = (predecessor: string | null, carried: string[]) =>
    documentOf({
      ...(predecessor && { predecessor }),
      actions: carried.map((carriedFrom, i) => ({
        key: `${i}`,
        title: 'Action',
        ...(carriedFrom && { carriedFrom }),
      })),
    })
  for (const key of ['x', 'y']) t.equal((await put(registry, key, document(null, ['', '']))).status, 201)
  t.equal((await put(registry, 'x', document('y', ['y/1', '']))).status, 200)
  const refused = await put(registry, 'y', document('x', ['x/1', 'x/0']))
  t.same(errorsOf(refused), ['/actions/1/carriedFrom cycle', '/predecessor cycle'])
  t.equal((await put(registry, 'x', document(null, ['', '']))).status, 200)
  t.equal((await put(registry, 'y', document('x', ['x/1', 'x/0']))).status, 200)
})

t.test('several writers do not close a circle together', async (t) => {
  for (let round = 0; round < 5; round++) {
    const [a, b, c, d] = await some(4)
    await api.change(`/conventions/${b}`, { predecessorId: c })
    await api.change(`/conventions/${d}`, { predecessorId: a })
    const set = (id: string, predecessorId: string) => api.patch(`/conventions/${id}`, '*', { predecessorId })
    const answers = await Promise.all([set(a, b), set(c, d)])
    t.equal(answers.filter(({ status }) => status === 200).length, 1)
    t.match(answers.find(({ status }) => status !== 200)?.status, /^(409|422|503)$/)
  }
})
