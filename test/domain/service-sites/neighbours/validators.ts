/** Validators of the schemas of neighbours, which throw at what is invalid there and at properties that there are none of. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { Ajv } from 'ajv'
import { addFormats } from '../../../../src/http/schema/formats.ts'

const ajv = new Ajv({ strict: false, allErrors: true })
addFormats(ajv)
ajv.addFormat('uri', (value) => /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value) && URL.canParse(value))

function validator(name: string) {
  const schema = JSON.parse(fs.readFileSync(new URL(`schemas/${name}.json`, import.meta.url), 'utf8'))
  const validate = ajv.compile(schema)
  const known = new Set(Object.keys(schema.properties))
  return (value: object) => {
    assert.ok(validate(value), JSON.stringify(validate.errors))
    assert.deepEqual(
      Object.keys(value).filter((property) => !known.has(property)),
      [],
    )
  }
}
export const isStructure = validator('data-inclusion-structure')
export const isService = validator('data-inclusion-service')
export const isHsds = validator('hsds-service')
