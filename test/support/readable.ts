/** Readable registry: the real example, and documents with something for every filter. */
import fs from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { documentOf, documentPath, type Fields, fullDocument, put, read } from './documents.ts'
import { openRegistry } from './registry.ts'

/** Codes of actions as plans print them. */
const CODES = ['10', '2', null, '1.10', 'A2', 'a10', '1.9', null, '1']

const EXAMPLE = path.join(import.meta.dirname, '../../examples/pays-de-l-aigle.json')

/** An id that nothing has. */
export const NOBODY = '01890a5d-ac96-774b-bcce-b302099a8057'

/** The documents in it and their keys: full, codes, communes, two (of another source) and the two real ones. */
export async function openReadable(t: Test) {
  const registry = await openRegistry(t)
  for (const document of JSON.parse(fs.readFileSync(EXAMPLE, 'utf8'))) await put(registry, document.key, document)
  const period = { startsOn: '2027', endsOn: '2030', state: 'terminated', terminatedOn: '2028-06' }
  await put(registry, 'full', fullDocument(period))
  const actions = CODES.map((code, i) => ({ key: `${i}`, code, title: `Action ${i}` }))
  await put(registry, 'codes', documentOf({ territories: ['departement:61'], actions }))
  const communes = ['commune:61342', 'commune:14118']
  await put(registry, 'communes', documentOf({ territories: communes, state: 'terminated' }))
  const unknown = { territories: ['epci:200034023'], startsOn: null, endsOn: null }
  await put(registry, 'two', documentOf(unknown), { source: 'caf-81' })
  const document = async (key: string) => (await read(registry, documentPath(key))).body
  return {
    registry,
    get: (url: string, headers = {}) => registry.request('GET', url, { headers }),
    full: await document('full'),
    first: await document('pays-de-l-aigle-2018'),
    second: await document('pays-de-l-aigle-2022'),
    codes: await document('codes'),
  }
}

/** The id of an object of a document, by its key. */
export const idIn = (document: Fields, list: string, key: string) =>
  (document[list] as Fields[]).find((one) => one.key === key)?.id
