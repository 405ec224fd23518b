/** Types of those parts of an OpenAPI 3.1 document that are completed here. */

export interface Reference {
  $ref: string
}

export interface Media {
  schema?: { $ref?: string; [keyword: string]: unknown }
  example?: unknown
  examples?: Record<string, { summary?: string; value: unknown }>
}

/** What can be done next: the parameters of an operation from what was asked and answered. */
export interface Link {
  operationId: string
  description: string
  parameters: Record<string, string>
}

export interface Response {
  description: string
  headers?: Record<string, object>
  content?: Record<string, Media>
  links?: Record<string, Link>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  description?: string
  required?: boolean
  schema: Record<string, unknown>
  example?: unknown
  style?: string
  explode?: boolean
}

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  /** The least role of a key; `none` where it takes no key. */
  'x-required-role'?: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { description?: string; required: boolean; content: Record<string, Media> }
  responses: Record<string, Response | Reference>
}

export type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'

export interface Document {
  openapi: string
  info: Record<string, unknown>
  paths: Record<string, Partial<Record<Method, Operation>>>
  components: {
    schemas: Record<string, object>
    responses?: Record<string, Response>
    headers?: Record<string, object>
    [kind: string]: unknown
  }
  [field: string]: unknown
}

/** Of one operation: what is sent, and what is answered by status and media type. */
export interface Example {
  request?: unknown
  responses: Record<string, Record<string, unknown>>
}

export type Examples = Readonly<Record<string, Example>>
