/** Schemas of the statistics: how far conventions cover areas, and when they end. */
import { type Static, Type } from 'typebox'
import { areaKinds } from '../domain/vocabularies/codes.ts'
import { severalOf } from '../engine/declaration/filters.ts'
import { officialCode } from '../engine/declaration/territories.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { asOfParameter } from '../engine/read/as-of.ts'
import { form } from '../http/schema/formats.ts'
import {
  code,
  date,
  decimal,
  id,
  instant,
  integer,
  nullable,
  pattern,
  ref,
  responseSchema,
  title,
} from '../http/schema/schemas.ts'

const COMMUNES_MAX = 100_000
const PEOPLE_MAX = 1_000_000_000

const count = (description: string, example: number) => integer(0, COMMUNES_MAX, description, example)
const people = (description: string, example: number) => integer(0, PEOPLE_MAX, description, example)
const share = (description: string, example: number) =>
  nullable(Type.Unsafe<number>({ ...decimal(description, example), minimum: 0, maximum: 1 }))

const areaKind = code(areaKinds, 'Kind of area (French: type de zone).', 'departement')

const asOf = nullable(
  instant(
    'The `asOf` of the request; null: as known when this was answered (French: état à cette date).',
    '2026-03-15T08:30:00Z',
  ),
)

const Area = responseSchema('Area', 'What there is in an area, by the official geographic code (French: zone).', {
  epcis: count('EPCI that have communes in it, each once (French: nombre d’EPCI).', 16),
  communes: count('Communes (French: nombre de communes).', 381),
  population: people('Inhabitants of these communes, by the latest census (French: population).', 275_201),
})

const coveredArea = ($id: string, description: string) =>
  responseSchema($id, description, {
    conventions: count('Such conventions whose perimeter meets it (French: nombre de conventions).', 1),
    epcis: count('EPCI of which all communes are covered (French: nombre d’EPCI couverts).', 1),
    communes: count('Communes covered (French: nombre de communes couvertes).', 32),
    population: people('Inhabitants of the communes covered (French: population couverte).', 24_782),
    share: share(
      'Share of the inhabitants who are covered, from 0 to 1, to four decimals; null where nobody lives (French: taux de couverture).',
      0.0901,
    ),
  })

const Covered = coveredArea(
  'CoveredArea',
  'What conventions with a known end cover of an area (French: part couverte).',
)

const WithoutEnd = coveredArea(
  'CoveredWithoutEnd',
  'What only conventions without a known end cover of an area (French: part couverte sans fin connue).',
)

export const Coverage = responseSchema('Coverage', 'How far conventions cover an area on a day (French: couverture).', {
  kind: areaKind,
  code: nullable({
    ...officialCode('61'),
    description: 'Official code of a region or département, else null (French: code officiel).',
  }),
  cafId: nullable(id('Of a Caf: the organization that it is (French: Caf).', exampleIds.caf)),
  name: title('Name (French: nom).', 'Orne'),
  validOn: date('The day of the figures (French: date d’effet).', '2026-03-15'),
  asOf,
  total: ref(Area),
  covered: ref(Covered),
  withoutEnd: ref(WithoutEnd),
})
export type Coverage = Static<typeof Coverage>

const month = form('^\\d{4}-(0[1-9]|1[0-2])$', 'a month such as 2026-12')

export const Renewal = responseSchema('Renewal', 'The conventions that end in a month (French: échéances du mois).', {
  month: nullable(
    pattern(
      month,
      'The month; null of the conventions without a known end, which come last (French: mois).',
      '2026-12',
    ),
  ),
  asOf,
  conventions: count('Conventions whose period ends in this month (French: nombre de conventions).', 1),
  renewed: count('Those of them that another one renews (French: dont renouvelées).', 0),
  communes: count('Communes of their perimeters, each once (French: nombre de communes).', 32),
  population: people('Inhabitants of these communes (French: population).', 24_782),
})
export type Renewal = Static<typeof Renewal>

export const coverageParameters = {
  kind: Type.Optional(
    severalOf(code(areaKinds, 'Only areas of this kind; not of a map (French: type de zone).', 'caf')),
  ),
  validOn: Type.Optional(
    date(
      'The day of the figures; left out, that of `asOf`, else today, both in Europe/Paris (French: date d’effet).',
      '2026-03-15',
    ),
  ),
  ...asOfParameter,
}
