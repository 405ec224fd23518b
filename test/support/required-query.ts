/** Query of an operation that needs one: its required parameters, each with its example. */
import type { Operation } from '../../src/http/openapi/types.ts'

export function requiredQuery({ parameters = [] }: Operation): string {
  const required = parameters.filter((one) => 'name' in one && one.in === 'query' && one.required)
  const query = new URLSearchParams(Object.fromEntries(required.map(({ name, example }) => [name, String(example)])))
  return required.length === 0 ? '' : `?${query}`
}
