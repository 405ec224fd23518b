/** The document in OpenAPI 3.0: what 3.1 says otherwise is said in its words, and means the same. */
import t from 'tap'
import { downgrade } from '../../../src/http/openapi/downgrade.ts'
import type { Document } from '../../../src/http/openapi/types.ts'

const ref = { $ref: '#/components/schemas/Thing' }

const rules: [name: string, schema: object, older: object][] = [
  [
    'a type or null',
    { type: ['string', 'null'], enum: ['a', null] },
    { type: 'string', enum: ['a', null], nullable: true },
  ],
  [
    'a component or null, in words of its own',
    { anyOf: [ref, { type: 'null' }], description: 'The thing', examples: [null, 1] },
    { allOf: [ref], type: 'object', nullable: true, description: 'The thing', example: null },
  ],
  ['a reference beside words', { ...ref, description: 'The thing' }, { allOf: [ref], description: 'The thing' }],
  ['a reference', ref, ref],
  ['a constant', { type: 'string', const: 'a' }, { type: 'string', enum: ['a'] }],
  [
    'several forms or null',
    { anyOf: [{ type: 'string', examples: ['a'] }, ref, { type: 'null' }] },
    { anyOf: [{ type: 'string', nullable: true, example: 'a' }, ref] },
  ],
  [
    'forms within a form or null',
    { anyOf: [{ anyOf: [{ type: 'string' }, ref], description: 'Within' }, { type: 'null' }], description: 'Around' },
    { anyOf: [{ type: 'string', nullable: true }, ref], description: 'Around' },
  ],
  [
    'lists, fields and parts, however they are named',
    { allOf: [ref, { properties: { examples: { type: 'array', items: { type: ['integer', 'null'] } } } }] },
    { allOf: [ref, { properties: { examples: { type: 'array', items: { type: 'integer', nullable: true } } } }] },
  ],
  ['what a text holds', { type: 'string', contentMediaType: 'text/csv', contentSchema: ref }, { type: 'string' }],
]

for (const [name, schema, older] of rules)
  t.test(name, async (t) => {
    const content = { 'application/json': { schema, examples: { one: { value: { type: ['null'], schema: 1 } } } } }
    const given = {
      openapi: '3.1.0',
      info: { title: 'Things', summary: 'All of them', license: { name: 'EUPL', identifier: 'EUPL-1.2' } },
      paths: { '/things': { get: { responses: { 200: { description: '', content } } } } },
      components: { schemas: { Thing: schema }, headers: { ETag: { schema } } },
    } as unknown as Document
    const changed = { 'application/json': { ...content['application/json'], schema: older } }
    t.strictSame(downgrade(given), {
      openapi: '3.0.3',
      info: { title: 'Things', license: { name: 'EUPL', url: 'https://spdx.org/licenses/EUPL-1.2.html' } },
      paths: { '/things': { get: { responses: { 200: { description: '', content: changed } } } } },
      components: { schemas: { Thing: older }, headers: { ETag: { schema: older } } },
    })
  })
