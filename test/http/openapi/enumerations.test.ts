/** Enumerations of the OpenAPI document: the codes of a vocabulary are one component, under its name. */
import fs from 'node:fs'
import t from 'tap'
import { vocabularies } from '../../../src/domain/vocabularies/vocabularies.ts'
import { nameEnumerations } from '../../../src/http/openapi/enumerations.ts'
import type { Document } from '../../../src/http/openapi/types.ts'

const committed = fs.readFileSync(new URL('../../../openapi/openapi.json', import.meta.url), 'utf8')

/** Every list of codes in a part of the document, without its null. */
function codesIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  const own = 'enum' in part && Array.isArray(part.enum) ? [part.enum.filter((code) => code !== null).join()] : []
  return [...own, ...Object.values(part).flatMap(codesIn)]
}

t.test('the codes of no vocabulary stand twice', (t) => {
  const { components, paths } = JSON.parse(committed) as Document
  const all = codesIn([components.schemas, paths])
  for (const { name, terms } of vocabularies) {
    const codes = terms.map(({ code }) => code).join()
    t.ok(all.filter((one) => one === codes).length <= 1, name)
  }
  t.end()
})

t.test('a field keeps its words, and a null that it may be; values of examples stay', (t) => {
  const document = {
    components: {
      schemas: {
        Thing: {
          properties: {
            size: { type: 'string', enum: ['s', 'm'], description: 'How large.' },
            next: { type: ['string', 'null'], enum: ['s', 'm', null], description: 'How large then.' },
            other: { type: 'string', enum: ['x'], examples: [{ enum: ['s', 'm'] }] },
          },
        },
      },
    },
    paths: {},
  } as unknown as Document
  const made = nameEnumerations(document, { Size: { codes: ['s', 'm'], description: 'A size.' } })
  const to = { $ref: '#/components/schemas/Size' }
  t.same(made.components.schemas, {
    Thing: {
      properties: {
        size: { ...to, description: 'How large.' },
        next: { anyOf: [to, { type: 'null' }], description: 'How large then.' },
        other: { type: 'string', enum: ['x'], examples: [{ enum: ['s', 'm'] }] },
      },
    },
    Size: { type: 'string', enum: ['s', 'm'], description: 'A size.' },
  })
  t.end()
})
