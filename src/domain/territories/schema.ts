/** Territory schemas: the read-only resource, its list and its path. */
import { type Static, Type } from 'typebox'
import { parametersOf } from '../../engine/declaration/filters.ts'
import { sortParameter } from '../../engine/declaration/orders.ts'
import {
  communeCode,
  departmentCode,
  officialCode,
  regionCode,
  territoryForms,
  territoryKind,
} from '../../engine/declaration/territories.ts'
import { textParameter } from '../../engine/schema.ts'
import { integer, nullable, pattern, responseSchema, text, title, uniqueList } from '../../http/schema/schemas.ts'
import { filters, sortKeys } from './selection.ts'

/** More than the communes of the largest region, so that the bound never cuts an answer. */
const MEMBERS_MAX = 10_000
const POPULATION_MAX = 2 ** 31 - 1
/** That of an EPCI. */
const CODE_MAX = 9
const YEAR = { min: 1990, max: 2100 }

const codesOf = (item: ReturnType<typeof pattern>, description: string) => uniqueList(item, MEMBERS_MAX, description)

/** A territory of the official geographic code. */
export const Territory = responseSchema(
  'Territory',
  'A commune, EPCI, département or region of the official geographic code (French: territoire).',
  {
    kind: territoryKind,
    code: officialCode('49301'),
    name: title('Official name (French: nom officiel).', 'Sèvremoine'),
    siren: nullable(
      pattern(territoryForms.epci, 'SIREN of a commune or EPCI, else null (French: numéro SIREN).', '200054385'),
    ),
    population: nullable(
      integer(
        0,
        POPULATION_MAX,
        'Inhabitants: municipal population; of larger territories the sum of their communes (French: population municipale).',
        25797,
      ),
    ),
    populationYear: nullable(
      integer(
        YEAR.min,
        YEAR.max,
        'Reference year of the population, null where it is unknown (French: millésime de la population).',
        2023,
      ),
    ),
    departmentCodes: codesOf(
      departmentCode('Code of a département.'),
      'Départements that it lies in; an EPCI may span several (French: départements).',
    ),
    regionCodes: codesOf(
      regionCode('Code of a region.'),
      'Regions that it lies in; none for overseas collectivities (French: régions).',
    ),
    memberCodes: codesOf(
      communeCode('INSEE code of a commune.'),
      'Communes of an EPCI, département or region; none for a commune (French: communes membres).',
    ),
    formerCodes: codesOf(
      communeCode('INSEE code of a former commune.', '49349'),
      'Codes that a commune had or took over, by mergers above all (French: anciens codes).',
    ),
  },
)
export type Territory = Static<typeof Territory>

/** The path of one territory. */
export const TerritoryParams = Type.Object({
  kind: territoryKind,
  code: text(
    CODE_MAX,
    'Code of the official geographic code, in the form of its kind (French: code officiel).',
    '200068468',
  ),
})

/** The filters and orders of the list. */
export const TerritoryFilter = {
  q: Type.Optional(
    textParameter(
      'Only those with such a name, the name itself first, then those that begin so, then those with these words, the largest first; typing errors count only where nothing else fits. Names of former communes and of arrondissements find the commune of today. At most 400 are ranked; `next` goes on in them (French: recherche par nom).',
      'rai',
    ),
  ),
  ...parametersOf(filters),
  ...sortParameter(sortKeys),
}
