/**
 * OpenAPI document: made from the routes as they are registered, completed by operations.ts, and kept in files, which
 * are served as JSON, as YAML and as OpenAPI 3.0: making it takes the event loop half a second. No database is needed for
 * it. What it says about this API in particular (its words, its examples) is handed in.
 */
import fs from 'node:fs'
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import YAML from 'yaml'
import { bytesTag } from '../output/etags.ts'
import { Representation } from '../output/response.ts'
import { downgrade, type License, olderLicense } from './downgrade.ts'
import { completeDocument, completeSchema, type Further } from './operations.ts'
import type { Document } from './types.ts'

interface Server {
  url: string
  description: string
}

/** What those who operate the service decide of the document. */
export interface OperatorWords {
  contact: object
  license: License
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
    openapi: { json(): string; yaml(): string; json30(): string }
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
  const text = (document: unknown) => `${JSON.stringify(document, null, 1)}\n`
  const json = memoize(() => text(app.swagger()))
  const made = () => JSON.parse(json()) as Document
  app.decorate('openapi', {
    json,
    yaml: memoize(() => YAML.stringify(made(), { lineWidth: 0 })),
    json30: memoize(() => text(downgrade(made()))),
  })
}

function memoize<T>(make: () => T): () => T {
  let value: T | undefined
  return () => {
    value ??= make()
    return value
  }
}

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'

/** The forms in which the document is served, each from a file of its own. */
const forms = [
  { file: 'openapi.json', id: 'getOpenapiJson', type: JSON_TYPE, summary: 'Get this document as JSON', version: '3.1' },
  { file: 'openapi.yaml', id: 'getOpenapiYaml', type: YAML_TYPE, summary: 'Get this document as YAML', version: '3.1' },
  {
    file: 'openapi-3.0.json',
    id: 'getOpenapi30',
    type: JSON_TYPE,
    summary: 'Get this document in OpenAPI 3.0',
    version: '3.0',
    further: ' For tools that know no 3.1: what 3.0 has no words for is left out, such as what a line of a file holds.',
  },
] as const

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

/** The operations that serve the document from the files of a folder that were made of it. */
export function openapiRoutes(app: FastifyInstance, folder: URL, operators: OperatorWords): void {
  for (const { file, id, type, summary, version, ...form } of forms) {
    const further = 'further' in form ? form.further : ''
    const content = `An OpenAPI ${version} document.`
    const words = {
      operationId: id,
      tags: ['Service'],
      summary,
      description: `The OpenAPI ${version} document of this API, made from the routes that are served.${further}`,
    }
    const schema =
      type === JSON_TYPE
        ? { type: 'object', description: content }
        : { type: 'string', maxLength: TEXT_MAX, description: content }
    const response = { 200: { description: 'The OpenAPI document.', content: { [type]: { schema } } } }
    const representation = memoize(() => {
      const text = fs.readFileSync(new URL(file, folder), 'utf8')
      const license = version === '3.0' ? olderLicense(operators.license) : operators.license
      const served = type === JSON_TYPE ? servedJson : servedYaml
      const bytes = Buffer.from(served(text, { ...operators, license }))
      return new Representation(bytes, bytesTag(bytes)).keep()
    })
    app.get(`/${file}`, { schema: { ...words, response }, config: { produces: [type] } }, async (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).send(representation()),
    )
  }
}
