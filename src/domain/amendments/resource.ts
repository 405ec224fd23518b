/**
 * Amendments: dated changes of a convention. One records the changes in words and dates; signatories say who joined or
 * left by it.
 */
import type { Static } from 'typebox'
import { taken, wrong } from '../../engine/declaration/constraints.ts'
import { codes, integer, partialDate, prose, title } from '../../engine/declaration/field-types.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { NUMBER_MAX } from '../../engine/schema.ts'
import { documents } from '../conventions/parts.ts'
import { byPerimeter } from '../territories/filters.ts'
import { amendmentKinds } from '../vocabularies/codes.ts'

export const amendments = resource('amendment', {
  path: '/amendments',
  visibility: 'convention',
  limit: 50,
  example: 'pays-de-l-aigle-2018/avenant-1',
  document: { description: 'Dated changes of the convention (French: avenants).', order: 'number' },
  docs: {
    answer: 'A dated change of a convention (French: avenant).',
    input: 'An amendment to create: its kinds are enough (French: avenant à créer).',
    french: 'un avenant',
    tag: 'Dated changes: who joined or left, what was extended.',
    home: 'The amendments of all conventions.',
    list: 'Dated changes across all conventions, by id.',
    listOfConvention:
      'Who joined or left, what was extended or changed, and when, by id. With `asOf`, as it stood at an instant.',
    get: 'One dated change of a convention: what kind, since when, and the new end if there is one.',
    create:
      'Its kinds are enough; the number is the next free one when left out. With `endsOn` it gives the convention a new end: its period and perhaps its status follow at once.',
    delete:
      'Deletes it; the period of the convention follows. One by which an organization joined or left is in use and cannot be deleted.',
  },
  fields: {
    number: integer(
      1,
      NUMBER_MAX,
      'Number, unique in the convention; left out: the next free one, in a document its place there (French: numéro d’avenant).',
      1,
    ).completed(),
    kinds: codes(
      amendmentKinds,
      'What it does: one kind or more (French: objets de l’avenant).',
      { description: 'Something that it does (French: objet).', example: 'add-signatory' },
      1,
    )
      .required()
      .filter('Only those that do this (French: objet de l’avenant).', 'kind'),
    title: title('Title as printed (French: intitulé).', "Adhésion de L'Aigle et de Rai").nullable(),
    summary: prose(
      'What it changes (French: résumé).',
      "La ville de L'Aigle et la commune de Rai rejoignent la convention.",
    ).nullable(),
    signedOn: partialDate('Signature: year, month or day (French: date de signature).', '2020-01').nullable(),
    effectiveOn: partialDate(
      'When it takes effect: its first day counts (French: date d’effet).',
      '2020-01',
    ).nullable(),
    endsOn: partialDate(
      'New end of the convention, if it moves it (French: nouvelle date de fin).',
      '2022-12-31',
    ).nullable(),
    documents,
  },
  hidden: {},
  filters: byPerimeter,
  numbered: {},
  reads: { number: ['amendment'], effectiveOn: ['amendment', 'signatory'], signedOn: ['amendment', 'signatory'] },
  dayFields: ['number', 'signedOn', 'effectiveOn', 'endsOn'],
  deferred: {
    fields: ['number', 'signedOn', 'effectiveOn'],
    constraints: ['amendment_number', 'signatory_bound_once'],
  },
  constraints: {
    amendment_number: taken('/number', 'Another amendment of the convention has this number.'),
    amendment_number_range: wrong('too-large', '/number', 'number must be from 1 to 999.'),
    amendment_kinds: wrong('too-few', '/kinds', 'kinds must have at least 1 entry.'),
    amendment_of_convention: taken('/id', 'Another amendment has this id.'),
  },
})
export type Amendment = Static<typeof amendments.Answer>
