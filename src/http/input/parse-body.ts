/** Body parser and check in one, pure: it runs in a worker thread, so its result is plain data. */
import type { TSchema } from 'typebox'
import type { BodyError } from '../errors/field-errors.ts'
import { Problem, type ProblemSlug } from '../errors/problems.ts'
import { components } from '../schema/schemas.ts'
import { parseJson } from './json.ts'
import { checkBody } from './validation.ts'

/** The JSON of a body as its schema repairs it, and all that is wrong with it; or why it cannot be read at all. */
export type ParsedBody = { json: string; errors: BodyError[] } | { problem: { slug: ProblemSlug; detail: string } }

/** Parses the bytes of a body and checks it by the component of that name. */
export function parseBody({ bytes, component }: { bytes: Uint8Array; component: string }): ParsedBody {
  try {
    const { value, errors } = checkBody(components.get(component) as TSchema, parseJson(bytes))
    return { json: JSON.stringify(value), errors }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { problem: { slug: error.slug, detail: error.detail } }
  }
}
