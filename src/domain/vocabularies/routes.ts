/** Vocabulary routes, read only. The data is in files, read at the start: nothing here asks the database. */
import { Type } from 'typebox'
import { problem } from '../../http/errors/problems.ts'
import { bytesTag } from '../../http/output/etags.ts'
import { pageBody, pageOf, pageParameters, pageStart } from '../../http/output/pagination.ts'
import { jsonLine, Representation } from '../../http/output/response.ts'
import { ref } from '../../http/schema/schemas.ts'
import type { Api } from '../../http/server/api.ts'
import { Vocabulary, VocabularyParams } from './schema.ts'
import { findVocabulary, vocabularies } from './vocabularies.ts'

const VocabularyPage = pageOf(Vocabulary)

const representations = new Map<string, Representation>()

/** A vocabulary as bytes, made when it is first asked for; undefined when there is none of this name. */
function representationOf(name: string): Representation | undefined {
  const known = representations.get(name)
  if (known) return known
  const vocabulary = findVocabulary(name)
  if (!vocabulary) return undefined
  const bytes = Buffer.from(jsonLine(vocabulary))
  const representation = new Representation(bytes, bytesTag(bytes)).keep()
  representations.set(name, representation)
  return representation
}

export function vocabularyRoutes(app: Api): void {
  app.get(
    '/vocabularies',
    {
      schema: {
        operationId: 'listVocabularies',
        tags: ['Vocabularies'],
        summary: 'List vocabularies',
        description:
          'Every closed list of codes that the API knows, with French and English labels and definitions, by name. One page holds them all.',
        querystring: Type.Object(pageParameters),
        response: { 200: { description: 'A page of vocabularies.', ...ref(VocabularyPage) } },
      },
    },
    async (request, reply) => {
      const { limit, count, after } = pageStart(request, ['text'])
      const [afterName = ''] = (after ?? []) as [string?]
      const rest = vocabularies.filter(({ name }) => name > afterName)
      const data = rest.slice(0, limit)
      const final = rest.length > limit ? data.at(-1) : undefined
      return pageBody(request, reply, { data, last: final && [final.name], count: count ? vocabularies.length : null })
    },
  )

  app.get(
    '/vocabularies/:name',
    {
      schema: {
        operationId: 'getVocabulary',
        tags: ['Vocabularies'],
        summary: 'Get a vocabulary',
        description:
          'One closed list of codes with French and English labels and definitions, in the order to show them.',
        params: VocabularyParams,
        response: { 200: { description: 'The vocabulary.', ...ref(Vocabulary) } },
      },
    },
    async ({ params }) => {
      const representation = representationOf(params.name)
      if (!representation) throw problem('not-found', `There is no vocabulary ${params.name}.`)
      return representation
    },
  )
}
