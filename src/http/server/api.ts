/**
 * Typed operations: a type provider by which a handler reads what its schemas declare and returns what they answer,
 * as a value or as its bytes. Bodies are not typed: the write that takes one checks it, after 404, 403 and 412.
 */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
} from 'fastify'
import { type Static, type TSchema, Type } from 'typebox'
import type { Representation } from '../output/response.ts'
import { ref } from '../schema/schemas.ts'

declare const body: unique symbol

/** A reply that was sent with a body of this type. */
export type Sent<Body> = FastifyReply & { readonly [body]?: Body }

export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema
    ? Static<this['schema']> | Representation | Buffer | Sent<Static<this['schema']>>
    : unknown
}

/** The plugin of the operations, as those who register them see it. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>

/** A request to an operation with this schema. */
export type RequestOf<Schema extends FastifySchema> = FastifyRequest<
  RouteGenericInterface,
  RawServerDefault,
  RawRequestDefaultExpression,
  Schema,
  SchemaTypes
>

/** The words of an operation in the contract. */
export interface OperationDocs {
  operationId: string
  tag: string
  summary: string
  description: string
}

/** The parts of a route's schema that are words of the contract. */
export const operationDocs = ({ operationId, tag, summary, description }: OperationDocs) => ({
  operationId,
  tags: [tag],
  summary,
  description,
})

/** The schema of a body, which is not checked before its write asks for it. */
export const unchecked = (schema: TSchema) => Type.Unsafe<unknown>(ref(schema))

/** The schema of an answer without a body. */
export const noBody = (description: string) => Type.Unsafe<undefined>({ description, type: 'null' })
