/** Collections of figures, as formats know them: each is whole on one page. */
import { collectionOf } from '../engine/read/formats/formats.ts'
import { pageOf } from '../http/output/pagination.ts'
import { coverageMap } from './map/map.ts'
import { Coverage, Renewal } from './schema.ts'

/** More than all areas, and more than all months from 1900 to 2199. */
const ROWS_MAX = 5_000

export const coverage = collectionOf('coverage', Coverage, pageOf(Coverage, ROWS_MAX), { pictureOf: coverageMap })
export const renewals = collectionOf('renewals', Renewal, pageOf(Renewal, ROWS_MAX))
