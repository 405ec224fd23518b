/**
 * Item schemas: the objects that a convention document lists. They are the resources with keys in place of ids. What a
 * document takes and what it gives back differ in optionality only; `id` and `version` come back with a GET, and a PUT
 * ignores them.
 */
import { type TProperties, Type } from 'typebox'
import { propertiesOf } from '../../engine/declaration/fields.ts'
import type { Resource } from '../../engine/declaration/resource.ts'
import { exampleId } from '../../engine/example-ids.ts'
import { derived, identity, key } from '../../engine/schema.ts'
import { capital, lastOf, nameOf, pascal, withArticle } from '../../engine/words.ts'
import { requestSchema, responseSchema } from '../../http/schema/schemas.ts'

/** The properties of one in a document, as it is written and as it is given back. */
export function documentProperties({ type, declared, example, document }: Resource) {
  const {
    key: ownKey,
    id,
    version,
  } = {
    key: key('Key in the source, case-sensitive (French: clé dans la source).', lastOf(example)),
    ...identity(exampleId(type, example)),
  }
  const written = Object.fromEntries(
    Object.entries(propertiesOf(declared, 'document')).map(([name, schema]) => [
      name,
      document?.optional?.includes(name) ? Type.Optional(schema) : schema,
    ]),
  )
  const ignored = { id: Type.Optional(id), version: Type.Optional(version) }
  return {
    written: { key: ownKey, ...ignored, ...written } as TProperties,
    given: { key: ownKey, id, version, ...propertiesOf(declared, 'documentAnswer') } as TProperties,
  }
}

/** The fields of its answer that no writer gives. */
export const readOnlyIn = ({ Answer, Input }: Resource): string[] =>
  derived(Answer, (Input as unknown as { properties: TProperties }).properties)

/** The components of one that documents list. */
export function itemSchemas(resource: Resource) {
  const { type, docs: words } = resource
  const [name, noun, french] = [pascal(type), capital(withArticle(nameOf(type))), words.french.replace(/^une? /, '')]
  const { written, given } = documentProperties(resource)
  const { document = `${noun} in a document (French: ${french}).` } = words
  return {
    written: requestSchema(`Document${name}`, document, written, readOnlyIn(resource)),
    given: responseSchema(`Document${name}Answer`, `${noun} as a document gives it back (French: ${french}).`, given),
  }
}
