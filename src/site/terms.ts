/** Terms: under which licence the data is, whose it is, and where the world finds it, as each page and file says it. */
import type { Config } from '../config.ts'
import type { OperatorWords } from '../http/openapi/openapi.ts'

export type Publisher = Pick<Config, 'dataLicence' | 'contactEmail' | 'publicUrl'>

/** Of the licences that open data in France has; of another one its identifier is its name. */
const names: Record<string, string> = {
  'etalab-2.0': 'Licence Ouverte 2.0',
  'ODbL-1.0': 'Open Database License 1.0',
  'CC-BY-4.0': 'Creative Commons Attribution 4.0',
  'CC0-1.0': 'Creative Commons Zero 1.0',
}

export interface Licence {
  /** The SPDX identifier. */
  id: string
  name: string
  url: string
}

export const licenceOf = ({ dataLicence: id }: Publisher): Licence => ({
  id,
  name: names[id] ?? id,
  url: `https://spdx.org/licenses/${id}.html`,
})

/** The `Link` that leads from what is read to its licence. */
export const licenceLink = (publisher: Publisher): string => `<${licenceOf(publisher).url}>; rel="license"`

/** An absolute address where the origin is known, else the path itself. */
export const addressOf = ({ publicUrl }: Publisher, path: string): string => `${publicUrl ?? ''}${path}`

export const OPERATORS = 'The operators of this registry'

/** The parts of the OpenAPI document that operators decide. */
export function openapiTerms(publisher: Publisher): OperatorWords {
  const { id, name } = licenceOf(publisher)
  return {
    contact: { name: OPERATORS, ...(publisher.contactEmail !== null && { email: publisher.contactEmail }) },
    license: { name, identifier: id },
    servers: [{ url: publisher.publicUrl ?? '/', description: 'The registry that serves this document.' }],
  }
}
