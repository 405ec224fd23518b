/**
 * Reads of the vocabularies. Their data is in files, read at the start: nothing here asks the database.
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { problem } from '../../http/errors/problems.ts'
import { pageBody, pageOf, pageParameters, readPage } from '../../http/output/pagination.ts'
import { ref } from '../../http/schema/schemas.ts'
import { Vocabulary, VocabularyParams } from './schema.ts'
import { findVocabulary, vocabularies } from './vocabularies.ts'

const VocabularyPage = pageOf(Vocabulary)

export function vocabularyRoutes(app: FastifyInstance): void {
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()

  typed.get(
    '/v1/vocabularies',
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
      const { limit, count, after } = readPage(request, ['text'])
      const [afterName = ''] = (after ?? []) as [string?]
      const rest = vocabularies.filter(({ name }) => name > afterName)
      const data = rest.slice(0, limit)
      const final = rest.length > limit ? data.at(-1) : undefined
      return pageBody(request, reply, { data, last: final && [final.name], count: count ? vocabularies.length : null })
    },
  )

  typed.get(
    '/v1/vocabularies/:name',
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
      const vocabulary = findVocabulary(params.name)
      if (!vocabulary) throw problem('not-found', `There is no vocabulary ${params.name}.`)
      return vocabulary
    },
  )
}
