/**
 * The OpenAPI document: made from the routes as they are registered, completed by openapi-operations.ts, and served
 * as JSON and as YAML. It is made when it is first asked for; no database is needed for it. What it says about this
 * API in particular (its words, its examples) is handed in.
 */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import YAML from 'yaml'
import { completeDocument, completeSchema } from './openapi-operations.ts'
import type { Examples } from './openapi-types.ts'

export interface ApiWords {
  info: Record<string, unknown> & { title: string; version: string; description: string }
  /** The groups of operations, in reading order. */
  tags: { name: string; description: string }[]
  /** How a caller comes to a key. */
  apiKey: string
  /** By operationId; what is missing has no example. */
  examples: Examples
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The texts of the OpenAPI document; once the application is ready. */
    openapi: { json(): string; yaml(): string }
  }
}

const servers = [{ url: '/', description: 'The registry that serves this document.' }]

/** To be awaited before the first route is registered. */
export async function registerOpenapi(app: FastifyInstance, { info, tags, apiKey, examples }: ApiWords): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      servers,
      tags,
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: apiKey } } },
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: ({ schema, url, route }) => ({ schema: completeSchema(schema, url, route), url }),
    transformObject: (made) => completeDocument(Object.values(made)[0], examples) as object,
  })
  const json = once(() => `${JSON.stringify(app.swagger(), null, 2)}\n`)
  app.decorate('openapi', { json, yaml: once(() => YAML.stringify(JSON.parse(json()), { lineWidth: 0 })) })
}

function once(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}

const schema = (format: string, mediaType: string) => ({
  operationId: `getOpenapi${format}`,
  tags: ['Service'],
  summary: `Get this document as ${format.toUpperCase()}`,
  description: `The OpenAPI 3.1 document of this API as ${format.toUpperCase()}, made from the routes that are served.`,
  response: {
    200: {
      description: 'The OpenAPI document.',
      content: { [mediaType]: { schema: { type: 'object', description: 'An OpenAPI 3.1 document.' } } },
    },
  },
})

/** The operations that serve the document. */
export function openapiRoutes(app: FastifyInstance): void {
  const formats = { Json: ['json', 'application/json'], Yaml: ['yaml', 'application/yaml'] } as const
  for (const [name, [format, mediaType]] of Object.entries(formats)) {
    const options = { schema: schema(name, mediaType), config: { produces: [mediaType] } }
    app.get(`/openapi.${format}`, options, async (_request, reply) =>
      reply.type(`${mediaType}; charset=utf-8`).send(app.openapi[format]()),
    )
  }
}
