/** Routes: the operations that every resource has, from its declaration. */
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import { exampleId, exampleIds } from './example-ids.ts'
import { conventionExample, namedInDocuments } from './forms.ts'
import { equal, heldBy } from './read/filters.ts'
import { historyRoute } from './read/history.ts'
import type { Condition } from './read/queries.ts'
import { conventionListRoute, itemRoute, listRoute, type Services } from './read/routes.ts'
import { definitionOf, type Resource } from './resource.ts'
import { columnOf } from './row-mapper.ts'
import { nameOf, pascal, pluralOf, tagOf, withArticle } from './words.ts'
import { conventionCreateRoute, createRoute, deleteRoute, updateRoute } from './write/routes.ts'

/** Registers the operations of a resource; all resources are declared by then. */
export function resourceRoutes(app: FastifyInstance, services: Services, resource: Resource): void {
  const { type, path, visibility, words, example, order } = resource
  const convention = definitionOf('convention')
  const noun = withArticle(nameOf(type))
  const plural = pluralOf(path)
  const of = { resource, tag: tagOf(path), exampleId: exampleId(type, example) }
  const under = { ...of, exampleId: exampleIds.convention }
  const include = includeOf(resource)
  const list = {
    ...of,
    page: resource.Page,
    filter: resource.filterParameters,
    conditions: (filter: Filter, caller: Caller) => conditionsOf(resource, filter, caller),
    ...include,
  }
  const operation = (verb: string, summary: string, description = '') => ({
    operationId: `${verb}${verb.startsWith('list') ? pascal(plural) : pascal(type)}`,
    summary,
    description,
  })

  listRoute(app, services, { ...list, ...operation('list', `List ${plural}`, words.list) })
  if (words.listOfConvention)
    conventionListRoute(app, services, convention, {
      ...list,
      exampleId: conventionExample(example),
      order: [...(order ? [{ ...order, column: columnOf(order.column) }] : []), { column: 'id', type: 'uuid' }],
      ...operation('listConvention', `List the ${plural} of a convention`, words.listOfConvention),
    })
  itemRoute(app, services, { ...of, ...include, ...operation('get', `Get ${noun}`, words.get) })
  historyRoute(app, services, of)
  const create = operation('create', `Create ${noun}`, words.create)
  if (visibility === 'convention') conventionCreateRoute(app, services, convention, { ...under, ...create })
  else createRoute(app, services, { ...of, ...create })
  const { description: _shared, ...update } = operation('update', `Change ${noun}`)
  updateRoute(app, services, { ...of, ...update, ...(words.update && { description: words.update }) })
  deleteRoute(app, services, { ...of, ...operation('delete', `Delete ${noun}`, words.delete) })
}

type Filter = Record<string, unknown>

/** What a reader may include, and which fields hold the ids of it. */
function includeOf({ declared, include, includeParameters: parameters }: Resource) {
  if (!include) return {}
  const relations = include.map((name) => {
    const [field, { facts }] = namedInDocuments(declared, name)
    return [name, { field, resource: definitionOf(facts.reference?.to ?? 'convention') }]
  })
  return { include: { parameters, relations: Object.fromEntries(relations) } }
}

/** What the filters of a list mean. */
function conditionsOf(resource: Resource, filter: Filter, caller: Caller) {
  const { type, visibility, filters = {} } = resource
  const { source, sourceKey } = filter as { source?: string; sourceKey?: string }
  const own = Object.entries(filters).map(([name, one]): Condition | undefined => {
    const value = filter[name]
    if (value === undefined || typeof one === 'string') return equal(columnOf(name), value)
    return one.condition(value as never, caller)
  })
  return [
    visibility === 'convention' ? equal('convention_id', filter.conventionId) : undefined,
    ...own,
    source !== undefined && resource.heldBy ? resource.heldBy(source, sourceKey) : heldBy(type, source, sourceKey),
  ]
}
