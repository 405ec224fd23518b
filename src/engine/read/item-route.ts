/** Item route: GET of one resource by its id, the stored text of the journal. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { versionTag } from '../../http/output/etags.ts'
import { Representation } from '../../http/output/response.ts'
import { id, ref } from '../../http/schema/schemas.ts'
import { type Api, type OperationDocs, operationDocs, type RequestOf } from '../../http/server/api.ts'
import { cachedRead } from '../cache/cached-read.ts'
import type { Resource } from '../declaration/resource.ts'
import { asOfParameter, readAsOf } from './as-of.ts'
import { chosenRelations, includeParameters, selectIncluded } from './include.ts'
import type { Services } from './services.ts'
import { answerLoader } from './stored-answers.ts'
import { audienceOf, getVisibleOr404 } from './visible.ts'

export interface ReadRoute extends OperationDocs {
  resource: Resource
  exampleId: string
}

export interface ReadQuery {
  include?: string[]
  asOf?: string
}

/** The parameters of a read. Their schema is made of a declaration, at run time: of it the compiler knows only these. */
const queryOf = ({ query }: FastifyRequest) => query as ReadQuery

/** GET of one resource by its id. */
export function itemRoute(app: Api, { db, cache }: Services, route: ReadRoute): void {
  const { resource } = route
  const params = Type.Object({ id: id('Its id (French: identifiant).', route.exampleId) })
  const schema = {
    ...operationDocs(route),
    params,
    querystring: Type.Object({ ...includeParameters(resource), ...asOfParameter }),
    response: { 200: { description: 'The resource.', ...ref(resource.Answer) } },
  }
  const load = answerLoader(db, resource)
  const read = cachedRead<RequestOf<{ params: typeof params }>>(cache, async (request) => {
    const { caller } = request
    const { id: wanted } = request.params
    const query = queryOf(request)
    const relations = chosenRelations(resource, query.include)
    return readAsOf(db, caller, query.asOf, async (reading) => {
      const isPlain = relations.length === 0
      const row = await getVisibleOr404(reading, resource, caller, wanted, isPlain ? load : undefined, relations)
      const included = await selectIncluded(reading, caller, [row], relations)
      const tag = versionTag(row.version, row.form, included.mark(row))
      const representation = new Representation(Buffer.from(`${included.answerOf(row)}\n`), tag)
      return { representation, tags: [row.id, ...included.ids], audience: audienceOf(reading, row) }
    })
  })
  app.get(`${resource.path}/:id`, { schema, ...read })
}
