/**
 * The words of an axis: a numbered line of the plan, under which stand actions or further axes, up to five levels.
 * Its number is its place among its siblings; the code is what is printed.
 */
import type { Static } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import {
  derived,
  filterByConvention,
  filterBySource,
  identity,
  NUMBER_MAX,
  ofConvention,
  partial,
  record,
} from '../../engine/schema.ts'
import { answer, id, input, integer, LABEL_MAX, nullable, prose, text, title } from '../../http/schema/schemas.ts'

/** The fields of an axis, in the order in which people read them. */
export const axisFields = {
  number: integer(
    1,
    NUMBER_MAX,
    'Place among its siblings; left out: the next free one, in a document its place there (French: numéro d’ordre).',
    2,
  ),
  code: nullable(text(LABEL_MAX, 'Number as printed (French: code imprimé).', '2')),
  parentId: nullable(id('The axis above, in the same convention (French: axe parent).', exampleIds.axis)),
  label: nullable(
    text(LABEL_MAX, 'What the territory calls it: axe, enjeu, orientation ... (French: appellation).', 'axe'),
  ),
  title: title(
    'Title as printed (French: intitulé).',
    "Poursuivre le développement d'une politique de soutien à la parentalité",
  ),
  description: nullable(
    prose(
      'What it aims at (French: description).',
      'En développant et créant des lieux ressources pour les familles et les professionnels.',
    ),
  ),
}

/** The fields of an axis as it is written. */
export const axisBody = axisFields

export const Axis = answer('Axis', 'A numbered line of the plan of a convention (French: axe).', {
  ...identity(exampleIds.axis),
  ...ofConvention(exampleIds.convention),
  ...axisFields,
  ...record,
})
export type Axis = Static<typeof Axis>

export const AxisInput = input(
  'AxisInput',
  'An axis to create: its title is enough (French: axe à créer).',
  partial(axisBody, 'title'),
  derived(Axis, axisBody),
)
export type AxisInput = Static<typeof AxisInput>

export const AxisPatch = input(
  'AxisPatch',
  'The fields of an axis to change, as JSON Merge Patch (French: modification d’un axe).',
  partial(axisBody),
  derived(Axis, axisBody),
)
export type AxisPatch = Static<typeof AxisPatch>

export const AxisFilter = {
  ...filterByConvention(exampleIds.convention),
  ...filterBySource('2'),
}
