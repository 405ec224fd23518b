/**
 * Axes: numbered lines of the plan, under which stand actions or further axes, up to five levels. The number is the
 * place among siblings; the code is printed.
 */
import type { Static } from 'typebox'
import { taken, unknown, wrong } from '../../engine/declaration/constraints.ts'
import { integer, prose, ref, text, title } from '../../engine/declaration/field-types.ts'
import { byText } from '../../engine/declaration/orders.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { NUMBER_MAX } from '../../engine/schema.ts'
import { LABEL_MAX } from '../../http/schema/schemas.ts'
import { filters } from './filters.ts'
import { parentPath, released, tree } from './rules.ts'

export const axes = resource('axis', {
  path: '/axes',
  visibility: 'convention',
  limit: 300,
  example: 'pays-de-l-aigle-2022/2',
  document: { description: 'Axes of the plan, in order (French: axes).' },
  docs: {
    answer: 'A numbered line of the plan of a convention (French: axe).',
    input: 'An axis to create: its title is enough (French: axe à créer).',
    french: 'un axe',
    tag: 'The numbered lines of the plan of a convention, in a tree.',
    home: 'The axes of all conventions.',
    list: 'Axes of the plans across all conventions, by id.',
    listOfConvention:
      'The plan of this convention in the order of its tree: each axis before its sub-axes, siblings by number. With `asOf`, as it stood at an instant.',
    get: 'One line of the plan of a convention, with its place in the tree.',
    create:
      'Adds a line to the plan, at the top or below `parentId`, up to five levels; the number is the next free one among its siblings when left out.',
    update: 'With another parent or number the axes below it move along.',
    delete: 'Deletes it. One with sub-axes or actions is in use and cannot be deleted.',
  },
  fields: {
    number: integer(
      1,
      NUMBER_MAX,
      'Place among its siblings; left out: the next free one, in a document its place there (French: numéro d’ordre).',
      2,
    ).completed(),
    code: text(LABEL_MAX, 'Number as printed (French: code imprimé).', '2').nullable(),
    parentId: ref('axis', {
      name: 'parent',
      example: 'pays-de-l-aigle-2022/2',
      exampleKey: '1',
      id: 'The axis above, in the same convention (French: axe parent).',
      key: 'Key of the axis above, in this document (French: axe parent).',
    }).nullable(),
    label: text(
      LABEL_MAX,
      'What the territory calls it: axe, enjeu, orientation ... (French: appellation).',
      'axe',
    ).nullable(),
    title: title(
      'Title as printed (French: intitulé).',
      "Poursuivre le développement d'une politique de soutien à la parentalité",
    ).required(),
    description: prose(
      'What it aims at (French: description).',
      'En développant et créant des lieux ressources pour les familles et les professionnels.',
    ).nullable(),
  },
  hidden: { path: 'the numbers from its root to it', parentPath: 'those of the axis above, by which `path` is found' },
  order: { column: 'path', type: 'integer[]' },
  filters,
  sort: { title: byText('title') },
  numbered: { among: 'parentId' },
  reads: { number: ['axis'], parentId: ['axis'] },
  checks: [tree],
  deferred: { fields: ['number', 'parentId'], constraints: ['axis_number', 'axis_parent'] },
  derivedColumns: parentPath,
  releasedColumns: released,
  constraints: {
    axis_number: taken('/number', 'Another axis at the same place of the tree has this number.'),
    axis_key: taken('/number', 'Another axis at the same place of the tree has this number.'),
    axis_number_range: wrong('too-large', '/number', 'number must be from 1 to 999.'),
    axis_root: unknown('/parentId', 'parentId names no axis of the convention.'),
    axis_depth: wrong('too-deep', '/parentId', 'Axes have at most 5 levels, and none is below itself.'),
  },
})
export type Axis = Static<typeof axes.Answer>
