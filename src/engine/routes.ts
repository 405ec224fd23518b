/** Routes: the operations that every resource has, from its declaration. */
import type { Api } from '../http/server/api.ts'
import { exampleConventionId } from './declaration/forms.ts'
import { definitionOf, type Resource } from './declaration/resource.ts'
import { exampleId, exampleIds } from './example-ids.ts'
import { historyRoute } from './read/history.ts'
import { itemRoute } from './read/item-route.ts'
import { conventionListRoute, listRoute } from './read/list/list-routes.ts'
import type { Services } from './read/services.ts'
import { nameOf, pascal, pluralOf, tagOf, withArticle } from './words.ts'
import { conventionCreateRoute, createRoute, deleteRoute, updateRoute } from './write/routes.ts'

/** How every list is narrowed. */
const MANNERS =
  'Several filters together narrow the list; one filter takes several values, separated by commas or by repeating it, and any of them is enough.'

/** Registers the operations of a resource; all resources are declared by then. */
export function resourceRoutes(app: Api, services: Services, resource: Resource): void {
  const { type, path, visibility, docs, example } = resource
  const convention = definitionOf('convention')
  const noun = withArticle(nameOf(type))
  const plural = pluralOf(path)
  const of = { resource, tag: tagOf(path), exampleId: exampleId(type, example) }
  const one = (operation: string, verb: string, description: string) => {
    return { ...of, operationId: `${operation}${pascal(type)}`, summary: `${verb} ${noun}`, description }
  }

  const list = {
    operationId: `list${pascal(plural)}`,
    summary: `List ${plural}`,
    description: `${docs.list} ${MANNERS}`,
  }
  listRoute(app, services, { ...of, ...list })
  if (docs.listOfConvention)
    conventionListRoute(app, services, convention, {
      ...of,
      exampleId: exampleConventionId(example),
      operationId: `listConvention${pascal(plural)}`,
      summary: `List the ${plural} of a convention`,
      description: `${docs.listOfConvention} ${MANNERS}`,
    })
  itemRoute(app, services, one('get', 'Get', docs.get))
  historyRoute(app, services, of)
  const create = one('create', 'Create', docs.create)
  if (visibility !== 'convention') createRoute(app, services, create)
  else conventionCreateRoute(app, services, convention, { ...create, exampleId: exampleIds.convention })
  updateRoute(app, services, one('update', 'Change', docs.update ?? ''))
  deleteRoute(app, services, one('delete', 'Delete', docs.delete))
}
