/** Short entries: an organization of a document by its SIREN or territory alone. */
import t from 'tap'
import { apiOf } from '../support/api.ts'
import {
  CAF,
  changedBetween,
  documentOf,
  errorsOf,
  type Fields,
  getDocument,
  put,
  stateOf,
  warningsOf,
} from '../support/documents.ts'
import { openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const api = apiOf(registry)

t.test('a SIREN or a territory is enough where the official code or the registry knows the rest', async (t) => {
  const association = await api.create('/organizations', {
    kind: 'association',
    name: 'Les Lutins du Perche',
    siren: '552032534',
  })
  const entries = [
    { key: 'bySiren', siren: '216100081' },
    { key: 'byTerritory', territory: 'commune:61342' },
    { key: 'epci', territory: 'epci:200068468' },
    { key: 'known', siren: '552032534' },
    { key: 'region', territory: 'region:28' },
  ]
  const answer = await put(registry, 'short', documentOf({ organizations: [CAF, ...entries] }))
  t.equal(answer.status, 201, answer.text)
  const { body } = await getDocument(registry, 'short')
  const organization = (key: string) => body.organizations.find((one: Fields) => one.key === key)
  t.same(
    warningsOf(answer).filter((one) => one.endsWith('-differs')),
    [],
  )
  t.match(organization('bySiren'), { kind: 'commune', name: 'Aube', territory: { code: '61008' } })
  t.match(organization('byTerritory'), { kind: 'commune', name: 'Rai', siren: '216103424' })
  t.match(organization('epci'), { kind: 'epci', siren: '200068468' })
  t.match(organization('region'), { kind: 'region', name: 'Normandie' })
  t.equal(organization('known').id, association.id)
  const before = await stateOf(registry)
  await put(registry, 'short', documentOf({ organizations: [CAF, ...entries.toReversed()] }))
  t.same(changedBetween(before, await stateOf(registry)), [])
  const unknown = [
    CAF,
    { key: 'x', siren: '542065479' },
    { key: 'y', kind: 'ccas', territory: 'commune:61342' },
    { key: 'z' },
  ]
  t.same(errorsOf(await put(registry, 'unknown', documentOf({ organizations: unknown }))), [
    '/organizations/1/kind required',
    '/organizations/1/name required',
    '/organizations/2/name required',
    '/organizations/3/kind required',
    '/organizations/3/name required',
  ])
})
