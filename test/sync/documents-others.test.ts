/** What others made under the convention of a source stays, is named by its id, and may stand against a document. */
import t from 'tap'
import { ADMIN_KEY } from '../support/config.ts'
import {
  CAF,
  CDC,
  create,
  documentOf,
  documentPath,
  errorsOf,
  type Fields,
  fullDocument,
  getDocument,
  put,
  RAI,
  read,
  stateOf,
  warningsOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)

/** A convention of the source; what creates things of others under it, and the ids of its own things by key. */
async function open(key: string, document: Fields = fullDocument()) {
  const answer = await put(registry, key, document)
  if (answer.status !== 201) throw new Error(answer.text)
  const { body } = await getDocument(registry, key)
  const path = `/v1/conventions/${body.id}`
  const idOf = (list: string, part: string) => body[list].find((one: Fields) => one.key === part)?.id
  return { document, path, idOf, add: (list: string, part: Fields) => create(registry, `${path}/${list}`, part) }
}

t.test('what others made is left alone and is not in the document of the source', async (t) => {
  const { document, path, idOf, add } = await open('alone')
  const own = (await getDocument(registry, 'alone')).body
  const axis = await add('axes', { title: 'Axe d’un autre', parentId: idOf('axes', '2') })
  const made = [
    await add('amendments', { kinds: ['other'] }),
    await add('signatories', { organizationId: idOf('organizations', 'l-aigle') }),
    await add('actions', { title: 'Action d’un autre', axisIds: [axis.id, idOf('axes', '1')] }),
  ]
  t.same((await getDocument(registry, 'alone')).body, own)
  const before = await stateOf(registry)
  const again = await put(registry, 'alone', document)
  t.same(
    warningsOf(again).filter((one) => one.endsWith('others-left-alone')),
    ['actions', 'amendments', 'axes', 'signatories'].map((list) => `/${list} others-left-alone`),
  )
  t.same(await stateOf(registry), before)
  const whole = (await read(registry, `${path}/document`)).body
  for (const [list, one] of [
    ['axes', axis],
    ['amendments', made[0]],
    ['signatories', made[1]],
    ['actions', made[2]],
  ] as const)
    t.ok(
      whole[list].some((part: Fields) => part.key === one?.id && part.id === one?.id),
      list,
    )
  t.equal(whole.signatories.find((part: Fields) => part.key === made[1]?.id).organization, 'l-aigle')
  t.same(whole.actions.find((part: Fields) => part.key === made[2]?.id).axes, [axis.id, '1'])
})

t.test('a document names what others made by its id, and gets it back so', async (t) => {
  const { document, add } = await open('by-id')
  const axis = await add('axes', { title: 'Axe' })
  const amendment = await add('amendments', { kinds: ['other'], effectiveOn: '2024' })
  const naming = {
    ...document,
    axes: [...(document.axes as Fields[]), { key: '3', title: 'Sous l’axe', parent: axis.id, number: 1 }],
    actions: [{ key: 'x', title: 'Action', axes: [axis.id, '3'] }],
    signatories: [{ key: 'caf', organization: 'caf', exitAmendment: amendment.id }],
  }
  const answer = await put(registry, 'by-id', naming)
  t.equal(answer.status, 200, answer.text)
  const { body } = await getDocument(registry, 'by-id')
  t.equal(body.axes.find((one: Fields) => one.key === '3').parent, axis.id)
  t.same(body.actions[0].axes, [axis.id, '3'])
  t.equal(body.signatories[0].exitAmendment, amendment.id)
  const before = await stateOf(registry)
  await put(registry, 'by-id', body)
  t.same(await stateOf(registry), before)
})

t.test('what others name cannot be dropped: 409 names them, and nothing is written', async (t) => {
  const { document, path, idOf, add } = await open('dropped')
  const under = await add('axes', { title: 'Sous-axe', parentId: idOf('axes', '2') })
  const action = await add('actions', {
    title: 'A',
    axisIds: [idOf('axes', '1.1')],
    serviceSiteIds: [idOf('serviceSites', 'bus')],
  })
  const signatory = await add('signatories', {
    organizationId: idOf('organizations', 'l-aigle'),
    amendmentId: idOf('amendments', 'avenant-1'),
  })
  const before = await stateOf(registry)
  const axes = document.axes as Fields[]
  const cases: [string, Fields, Fields[]][] = [
    ['an axis with a sub-axis', { axes: axes.slice(0, 2), actions: [] }, [{ type: 'axis', id: under.id }]],
    ['an axis with an action', { axes: [axes[0], axes[2]], actions: [] }, [{ type: 'action', id: action.id }]],
    ['a site', { serviceSites: [], actions: [] }, [{ type: 'action', id: action.id }]],
    ['an amendment', { amendments: [], signatories: [] }, [{ type: 'signatory', id: signatory.id }]],
  ]
  for (const [name, changes, users] of cases) {
    const answer = await put(registry, 'dropped', { ...document, ...changes })
    t.same([answer.status, answer.body.type, answer.body.inUseBy], [409, '/problems/in-use', users], name)
    t.same(errorsOf(answer), [`/${Object.keys(changes)[0]} in-use`], `${name} is told by its list`)
    t.equal((await put(registry, 'dropped', { ...document, ...changes }, { dryRun: true })).status, 409)
  }
  const { body: told } = await put(registry, 'dropped', { ...document, serviceSites: [], actions: [] })
  t.match(told.errors[0].message, /^serviceSites no longer lists "bus" \(.*\), which is named by one resource\.$/)
  t.same(await stateOf(registry), before)
  const { headers } = await read(registry, path)
  t.ok(headers.etag)
  t.equal((await registry.request('DELETE', documentPath('dropped'), { key: ADMIN_KEY })).status, 204)
  t.equal((await read(registry, `/v1/actions/${action.id}`)).status, 404)
})

t.test('what the document itself no longer lists cannot be named, by key or id', async (t) => {
  const { document, idOf } = await open('gone')
  const answer = await put(registry, 'gone', {
    ...document,
    axes: [],
    amendments: [],
    signatories: [{ key: 'caf', organization: 'caf', amendment: idOf('amendments', 'avenant-1') }],
    actions: [{ key: 'reseau', title: 'A', axes: [idOf('axes', '1'), '2'] }],
  })
  t.same(errorsOf(answer), [
    '/actions/0/axes/0 unknown-reference',
    '/actions/0/axes/1 unknown-reference',
    '/signatories/0/amendment unknown-reference',
  ])
})

t.test('numbers that others have are a 409 that names whose they are', async (t) => {
  const { document, idOf, add } = await open('numbers')
  const amendment = await add('amendments', { kinds: ['other'], number: 7 })
  const axis = await add('axes', { title: 'Axe', number: 4 })
  const below = await add('axes', { title: 'Sous-axe', number: 4, parentId: idOf('axes', '2') })
  const taken = {
    ...document,
    amendments: [{ key: 'avenant-1', number: 7, kinds: ['other'] }],
    axes: [
      ...(document.axes as Fields[]),
      { key: '4', title: 'Quatre', number: 4 },
      { key: '2.4', title: 'B', parent: '2', number: 4 },
    ],
  }
  const answer = await put(registry, 'numbers', taken)
  t.same([answer.status, answer.body.type], [409, '/problems/already-exists'])
  t.same(errorsOf(answer), ['/amendments/0/number taken', '/axes/3/number taken', '/axes/4/number taken'])
  t.same(
    answer.body.conflictsWith.map(({ id }: Fields) => id),
    [amendment.id, axis.id, below.id],
  )
})

t.test('an organization that others bind on the same days is a 409', async (t) => {
  const { document, idOf, add } = await open('bound')
  const theirs = await add('signatories', { organizationId: idOf('organizations', 'l-aigle'), endsOn: '2023' })
  const signing = (startsOn: string) => ({
    ...document,
    signatories: [{ key: 'l-aigle', organization: 'l-aigle', startsOn }],
  })
  const refused = await put(registry, 'bound', signing('2023-12'))
  t.same([refused.status, errorsOf(refused)], [409, ['/signatories/0/organization taken']])
  t.same(refused.body.conflictsWith, [{ type: 'signatory', id: theirs.id }])
  t.equal(refused.body.errors[0].message, 'The organization is bound already until 2023-12-31.')
  t.equal((await put(registry, 'bound', signing('2024'))).status, 200)
})

t.test('axes of others count in the five levels, and in circles', async (t) => {
  const axes = ['a', 'b', 'c', 'd'].map((key, i, keys) => ({ key, title: key, parent: keys[i - 1] ?? null, number: 1 }))
  const { document, idOf, add } = await open(
    'levels',
    documentOf({ axes: [...axes, { key: 'e', title: 'e', number: 2 }] }),
  )
  const below = await add('axes', { title: 'Sous e', parentId: idOf('axes', 'e') })
  const moved = { ...document, axes: [...axes, { key: 'e', title: 'e', number: 2, parent: 'd' }] }
  t.same(errorsOf(await put(registry, 'levels', moved)), ['/axes/4/parent too-deep'])
  const circle = { ...document, axes: [...axes, { key: 'e', title: 'e', number: 2, parent: below.id }] }
  t.same(errorsOf(await put(registry, 'levels', circle)), ['/axes/4/parent cycle'])
  const moving = { ...document, axes: [...axes, { key: 'e', title: 'e', number: 2, parent: 'a' }] }
  t.equal((await put(registry, 'levels', moving)).status, 200)
  t.equal((await read(registry, `/v1/axes/${below.id}`)).body.version, 1)
})

t.test('what others made counts in what a convention holds at most', async (t) => {
  const kinds = ['other']
  const amendments = Array.from({ length: 49 }, (_, i) => ({ key: `${i}`, number: i + 1, kinds }))
  const { document, add } = await open('most', documentOf({ amendments }))
  await add('amendments', { kinds, number: 900 })
  const answer = await put(registry, 'most', {
    ...document,
    amendments: [...amendments, { key: 'x', number: 50, kinds }],
  })
  t.same([answer.status, errorsOf(answer)], [409, ['/amendments too-many']])
  t.equal((await put(registry, 'most', document)).status, 200)
})

t.test('two sources that hold conventions of the same Caf do not touch what the other made', async (t) => {
  await open('ours', documentOf({ organizations: [CAF, CDC, RAI] }))
  const before = await stateOf(registry)
  const theirs = await put(registry, 'ours', fullDocument(), { source: 'caf-14' })
  t.equal(theirs.status, 201)
  const changed = (await stateOf(registry)).versions.filter((line) => !before.versions.includes(line))
  t.ok(changed.every((line) => /^organization|1$/.test(line)))
})
