/**
 * OpenAPI document: made from the routes as they are registered, completed by operations.ts, and kept in files, which
 * are served as JSON and as YAML: making it takes the event loop half a second. No database is needed for it. What it
 * says about this API in particular (its words, its examples) is handed in.
 */
import fs from 'node:fs'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import YAML from 'yaml'
import { bytesTag } from '../output/etags.ts'
import { Representation } from '../output/response.ts'
import { completeDocument, completeSchema, type Further } from './operations.ts'

interface Server {
  url: string
  description: string
}

/** What those who operate the service decide of the document. */
export interface OperatorWords {
  contact: object
  license: object
  servers: Server[]
}

export interface ApiWords extends Further {
  info: Record<string, unknown> & { title: string; version: string; description: string }
  servers: Server[]
  /** The groups of operations, in reading order. */
  tags: { name: string; description: string }[]
  /** How a caller comes to a key. */
  apiKey: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The texts of the OpenAPI document, made anew; once the application is ready. */
    openapi: { json(): string; yaml(): string }
  }
}

/** The most characters of the document. */
const TEXT_MAX = 2_000_000

/** To be awaited before the first route is registered. */
export async function registerOpenapi(
  app: FastifyInstance,
  { info, servers, tags, apiKey, ...further }: ApiWords,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      servers,
      tags,
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: apiKey } } },
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
    transform: ({ schema, url, route }) => ({ schema: completeSchema(schema, route), url }),
    transformObject: (made) => completeDocument(Object.values(made)[0], further) as object,
  })
  const json = memoize(() => `${JSON.stringify(app.swagger(), null, 1)}\n`)
  app.decorate('openapi', { json, yaml: memoize(() => YAML.stringify(JSON.parse(json()), { lineWidth: 0 })) })
}

function memoize<T>(make: () => T): () => T {
  let value: T | undefined
  return () => {
    value ??= make()
    return value
  }
}

const formats = {
  Json: { mediaType: 'application/json', schema: { type: 'object', description: 'An OpenAPI 3.1 document.' } },
  Yaml: {
    mediaType: 'application/yaml',
    schema: { type: 'string', maxLength: TEXT_MAX, description: 'An OpenAPI 3.1 document.' },
  },
} as const

/** The JSON of a file with the words of the operators; without the indent, which is for people who compare versions. */
function servedJson(json: string, { contact, license, servers }: OperatorWords): string {
  const { info, ...document } = JSON.parse(json)
  return `${JSON.stringify({ openapi: document.openapi, info: { ...info, contact, license }, ...document, servers })}\n`
}

/** The same of YAML, block by block: to parse all of it would take the event loop a second. */
function servedYaml(yaml: string, { servers, ...ofInfo }: OperatorWords): string {
  const blocks = [
    ...Object.entries(ofInfo).map(([name, value]) => ['  ', name, value] as const),
    ['', 'servers', servers] as const,
  ]
  return blocks.reduce((text, [indent, name, value]) => {
    const block = YAML.stringify({ [name]: value }, { lineWidth: 0 }).replace(/^(?=.)/gm, indent)
    return text.replace(new RegExp(`^${indent}${name}:\\n(?:${indent} .*\\n)*`, 'm'), () => block)
  }, yaml)
}

/** The operations that serve the document from the files that were made of it, `openapi.json` and `openapi.yaml`. */
export function openapiRoutes(app: FastifyInstance, folder: URL, operators: OperatorWords): void {
  for (const [name, { mediaType, schema }] of Object.entries(formats)) {
    const format = name.toLowerCase() as 'json' | 'yaml'
    const words = {
      operationId: `getOpenapi${name}`,
      tags: ['Service'],
      summary: `Get this document as ${name.toUpperCase()}`,
      description: `The OpenAPI 3.1 document of this API as ${name.toUpperCase()}, made from the routes that are served.`,
    }
    const response = { 200: { description: 'The OpenAPI document.', content: { [mediaType]: { schema } } } }
    const representation = memoize(() => {
      const text = fs.readFileSync(new URL(`openapi.${format}`, folder), 'utf8')
      const bytes = Buffer.from(format === 'json' ? servedJson(text, operators) : servedYaml(text, operators))
      return new Representation(bytes, bytesTag(bytes)).keep()
    })
    app.get(
      `/openapi.${format}`,
      { schema: { ...words, response }, config: { produces: [mediaType] } },
      async (_request, reply) => reply.type(`${mediaType}; charset=utf-8`).send(representation()),
    )
  }
}
