import { readFileSync } from 'node:fs'
import t from 'tap'
import { type TSchema, Type } from 'typebox'
// Every schema is there, whatever else this process has loaded.
import '../../src/app.ts'
import { actions } from '../../src/domain/actions/resource.ts'
import { conventions } from '../../src/domain/conventions/resource.ts'
import { resources } from '../../src/domain/resources.ts'
import { signatories } from '../../src/domain/signatories/resource.ts'
import { actionStatuses } from '../../src/domain/vocabularies/codes.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import { EXAMPLE_SOURCE, exampleId, exampleIds } from '../../src/engine/example-ids.ts'
import { includeParameters } from '../../src/engine/read/include.ts'
import { type ResourceType, resourceTypes } from '../../src/engine/resource-types.ts'
import { pascal } from '../../src/engine/words.ts'
import { checkBody, errorsIn } from '../../src/http/input/validation.ts'
import { components, type Keywords, resolve } from '../../src/http/schema/schemas.ts'
import { documentLists } from '../../src/sync/document/key-mapping.ts'
import { ConventionDocument } from '../../src/sync/document/schema.ts'

const filters = Object.fromEntries(
  Object.values(resources).map((one: Resource) => [
    `filters of ${one.type}`,
    { ...one.filterParameters, ...includeParameters(one) },
  ]),
)

/** Schemas of the protocol, not of the field, have no French terms. */
const PROTOCOL = /^(\w+Page|Fault|InUseBy|Problem|Health|Readiness|Links|Limits|Home)(\.|$)/

/** Every property of every component and query, with its path: `Action.axisIds`, `Action.axisIds[]`. */
function everyProperty() {
  const found: [path: string, schema: Keywords & Record<string, unknown>][] = []
  const visit = (path: string, schema: Keywords) => {
    found.push([path, schema as Keywords & Record<string, unknown>])
    if (schema.items) visit(`${path}[]`, schema.items)
    for (const branch of schema.anyOf ?? []) if (branch.type !== 'null' && !branch.$ref) visit(`${path}|`, branch)
    for (const [name, property] of Object.entries(schema.properties ?? {})) visit(`${path}.${name}`, property)
  }
  const queries = Object.entries(filters).map(([name, properties]): [string, TSchema] => [
    name,
    Type.Object(properties),
  ])
  for (const [name, schema] of [...components, ...queries]) {
    for (const [field, property] of Object.entries((schema as Keywords).properties ?? {})) {
      visit(`${name}.${field}`, property)
    }
  }
  return found
}

const typesOf = ({ type }: Keywords) => [type ?? []].flat()

t.test('every text, list and number of the contract is bounded', async (t) => {
  const unbounded = everyProperty().filter(([, schema]) => {
    const types = typesOf(schema)
    if (types.includes('string')) {
      const format = schema.format as string | undefined
      const free = format === 'text' || format === 'prose' || format === 'web-url' || format === 'email'
      return free ? !schema.maxLength : !(schema.maxLength || schema.pattern || schema.enum || schema.const || format)
    }
    if (types.includes('array')) return schema.maxItems === undefined
    if (types.includes('number') || types.includes('integer')) {
      return schema.minimum === undefined || schema.maximum === undefined
    }
    return false
  })
  t.same(
    unbounded.map(([path]) => path),
    [],
  )
})

t.test('every property has a description with its French term, in its component if it is one', async (t) => {
  const described = (schema: Keywords & { description?: string }): boolean => {
    if (/\S \(French: [^()]+\)\.?$/.test(schema.description ?? '')) return true
    if (schema.$ref) return described(resolve(schema))
    return (schema.anyOf ?? []).some((branch) => branch.type !== 'null' && described(branch))
  }
  t.same(
    everyProperty()
      .filter(([path, schema]) => !path.endsWith('[]') && !PROTOCOL.test(path) && !described(schema))
      .map(([path]) => path),
    [],
  )
  t.same(
    [...components]
      .filter(([name, schema]) => !PROTOCOL.test(name) && !described(schema as Keywords))
      .map(([name]) => name),
    [],
  )
})

t.test('every scalar has an example, and every example is valid', async (t) => {
  for (const [path, schema] of everyProperty()) {
    if (schema.$ref || schema.anyOf || schema.items || schema.properties) continue
    t.equal(schema.examples?.length, 1, `${path} has one example`)
    t.same(errorsIn(schema as TSchema, schema.examples?.[0]), [], `${path} takes its example`)
  }
})

t.test('an answer always has all of its fields, but for what is included on demand', async (t) => {
  const optional = [...components].flatMap(([name, schema]) => {
    const { properties = {}, required = [], additionalProperties } = schema as Keywords
    if (additionalProperties === false) return []
    return Object.keys(properties)
      .filter((field) => !required.includes(field))
      .map((field) => `${name}.${field}`)
  })
  // A line of a snapshot, or of a bulk sync, is of one of three kinds, and the descriptions of columns follow a standard of their own.
  const own = optional.filter(
    (path) => !/^(Problem|Fault|SnapshotLine|SyncLine|Column|ColumnConstraints|TableSchema)\./.test(path),
  )
  const included = Object.values<Resource>(resources).flatMap(({ type, lookup, relations }) =>
    [...relations.map(({ name }) => name), ...(lookup ? ['match'] : [])].map((name) => `${pascal(type)}.${name}`),
  )
  t.same(own.sort(), [...included, 'SyncResult.plan'].sort())
})

t.test('a resource reads from its identity to its record', async (t) => {
  for (const name of resourceTypes.map(pascal)) {
    const { required = [] } = components.get(name) as Keywords
    t.same(required.slice(0, 2), ['id', 'version'], name)
    t.same(required.slice(-3), ['sources', 'createdAt', 'updatedAt'], name)
  }
})

t.test('a body may hold null but where the contract says never', async (t) => {
  const never: [ResourceType, string[]][] = [
    ['convention', ['title', 'state', 'cafId', 'territories', 'themes', 'needs', 'governance', 'documents']],
    ['amendment', ['number', 'kinds', 'documents']],
    ['organization', ['kind', 'name', 'identifiers']],
    ['signatory', ['role']],
    ['axis', ['number', 'title']],
    [
      'action',
      ['title', 'status', 'recurring', 'axisIds', 'themes', 'audiences', 'territories', 'partnerIds', 'funding'].concat(
        ['milestones', 'indicators', 'reviews', 'serviceSiteIds'],
      ),
    ],
    ['service-site', ['name', 'types', 'identifiers', 'themes', 'audiences', 'funding', 'itinerant', 'stops']],
  ]
  for (const [type, expected] of never) {
    const schema = resources[type].Patch as TSchema
    const fields = Object.keys((schema as Keywords).properties ?? {})
    const refused = fields.filter((field) => checkBody(schema, { [field]: null }).errors.length > 0)
    t.same(refused.sort(), [...expected].sort(), type)
  }
})

t.test('inside lists null is refused where the contract says never, and only there', async (t) => {
  const never = {
    NeedInput: ['description'],
    GovernanceBodyInput: ['kind'],
    DocumentLinkInput: ['kind', 'title'],
    FundingLineInput: ['year'],
    MilestoneInput: ['title'],
    ReviewInput: ['text', 'year'],
    IndicatorInput: ['key', 'kind', 'name'],
    MeasurementInput: ['on', 'value'],
    StopInput: [],
    IdentifierInput: ['scheme', 'value'],
  }
  for (const [name, required] of Object.entries(never)) {
    const schema = components.get(name) as TSchema
    t.same([...((schema as Keywords).required ?? [])].sort(), required, name)
    const fields = Object.entries((schema as Keywords).properties ?? {}).filter(([, { type }]) => type !== 'array')
    const refused = fields.filter(([, property]) => errorsIn(property as TSchema, null).length > 0)
    t.same(refused.map(([field]) => field).sort(), required, name)
  }
})

t.test('what is derived or fixed once written is no field of a body', async (t) => {
  const fieldsOf = (schema: TSchema) => Object.keys((schema as Keywords).properties ?? {})
  for (const name of ['id', 'version', 'status', 'period', 'successorIds', 'sources', 'createdAt', 'updatedAt']) {
    t.notOk(fieldsOf(conventions.Input).includes(name), name)
  }
  t.notOk(fieldsOf(resources.organization.Patch).includes('departmentCodes'))
  t.notOk(fieldsOf(resources['service-site'].Patch).includes('conventionIds'))
  t.notOk(fieldsOf(actions.Patch).includes('conventionId'))
  t.ok(fieldsOf(signatories.Input).includes('organizationId'))
  t.notOk(fieldsOf(signatories.Patch).includes('organizationId'))
})

t.test('a body takes nothing that it does not know, at any depth', async (t) => {
  const body = { title: 'x', cafId: exampleIds.caf, colour: 1, needs: [{ description: 'y', depth: 2 }] }
  const pointers = checkBody(conventions.Input, body).errors.map(({ pointer }) => pointer)
  t.same(pointers.sort(), ['/colour', '/needs/0/depth'])
})

t.test('a patch holds no defaults', async (t) => {
  t.same(checkBody(actions.Patch, {}), { value: {}, errors: [] })
  t.same((actions.Patch.properties.status as Keywords).enum, [...actionStatuses])
})

t.test('the real documents are valid, and so is what a GET adds to them', async (t) => {
  const documents = JSON.parse(readFileSync(`${import.meta.dirname}/../../examples/pays-de-l-aigle.json`, 'utf8'))
  t.equal(documents.length, 2)
  for (const document of documents) {
    t.same(checkBody(ConventionDocument, document), { value: document, errors: [] }, document.key)
    const period = { from: '2022-01-01', to: null }
    t.same(
      checkBody(ConventionDocument, { ...document, id: exampleIds.convention, version: 3, status: 'active', period })
        .errors,
      [],
    )
  }
})

t.test('a faulty document is told by its pointers', async (t) => {
  const document = {
    title: null,
    colour: 'red',
    territories: ['epci:12', { kind: 'commune', code: '61214', name: null }],
    actions: [{ key: 'a', title: 'A', axes: ['1', '1'], funding: [{ funder: 'caf', amount: 1 }] }, { title: 'B' }],
  }
  const pointers = checkBody(ConventionDocument, document).errors.map(({ pointer }) => pointer)
  t.same(pointers.sort(), [
    '/actions/0/axes/1',
    '/actions/0/funding/0/amount',
    '/actions/0/funding/0/year',
    '/actions/1/key',
    '/caf',
    '/colour',
    '/territories/0',
    '/title',
  ])
})

t.test('a document names what the resource holds by id as its references say', async (t) => {
  const beside = ['key', 'id', 'version', 'status', 'period', 'organizations', ...Object.keys(documentLists)]
  for (const { type, references, fields: written } of Object.values<Resource>(resources)) {
    const name = type === 'convention' ? 'ConventionDocument' : `Document${pascal(type)}`
    const names = new Map(references.map(({ field, name }) => [field, name]))
    const expected = written.map((field) => names.get(field) ?? field)
    const fields = Object.keys((components.get(name) as Keywords).properties ?? {})
    t.same(
      fields.filter((field) => expected.includes(field)),
      expected,
      name,
    )
    for (const field of fields) t.ok(expected.includes(field) || beside.includes(field), `${name}.${field}`)
  }
})

t.test('the ids of the example are UUIDv7 of one instant, the same everywhere', async (t) => {
  t.equal(exampleId('convention', 'pays-de-l-aigle-2022'), '019b76da-a800-72a0-a1bf-d36a184884d9')
  const ids = Object.values(exampleIds)
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) t.match(id, /^019b76da-a800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.match(EXAMPLE_SOURCE, /^[a-z0-9-]{1,50}$/)
})
