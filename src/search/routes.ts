/** Search: `GET /v1/search`, across the resources that are searched and the territories. */
import { cachedRead, seesOnlyPublic } from '../engine/cache/cached-read.ts'
import type { Services } from '../engine/read/services.ts'
import { bytesTag } from '../http/output/etags.ts'
import { jsonLine, Representation } from '../http/output/response.ts'
import { ref } from '../http/schema/schemas.ts'
import type { Api, RequestOf } from '../http/server/api.ts'
import { search } from './queries.ts'
import { defaultLimit, SearchResults, searchQuery, searchTypes } from './schema.ts'

export function searchRoutes(app: Api, { db, cache }: Pick<Services, 'db' | 'cache'>): void {
  const schema = {
    operationId: 'getSearchResults',
    tags: ['Search'],
    summary: 'Search everything',
    description:
      'What fits `q` among conventions, actions, organizations, service sites and territories, the most relevant first, each with the field that fits and an excerpt. Fit for suggestions while somebody types. Titles count more than descriptions, the name itself more than its beginning; of names that fit as well the territory with more people comes first. It answers the best only and has no pages: the lists of resources take `q` too, beside their filters.',
    querystring: searchQuery,
    response: { 200: { description: 'What was found.', ...ref(SearchResults) } },
  }
  const read = cachedRead<RequestOf<typeof schema>>(cache, async ({ query, caller }) => {
    const { q, type: types = searchTypes, limit = defaultLimit } = query
    const bytes = Buffer.from(jsonLine({ data: await search(db, caller, { q, types, limit }) }))
    return {
      representation: new Representation(bytes, bytesTag(bytes)),
      // Whether something is a draft follows from its convention.
      tags: [...types, 'convention'],
      audience: seesOnlyPublic(caller) ? 'public' : 'nobody',
    }
  })
  app.get('/search', { schema, config: { cost: 'large', concurrency: 'largeReads' }, ...read })
}
