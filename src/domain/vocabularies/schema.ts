/**
 * Vocabulary schemas: closed lists of codes, each with its labels for people. They are data of the service, in no
 * table, so that a schema and its vocabulary never differ.
 */
import { type Static, Type } from 'typebox'
import { form } from '../../http/schema/formats.ts'
import {
  LABEL_MAX,
  list,
  nullable,
  partialDate,
  pattern,
  ref,
  responseSchema,
  text,
} from '../../http/schema/schemas.ts'

/** Bounds of the answers, above what any vocabulary holds. */
const TERMS_MAX = 500
const ALIASES_MAX = 50
const DEFINITION_MAX = 1_000
const codeForm = form('^[a-z0-9-]{1,100}$', '1 to 100 of a-z, 0-9 and hyphens')

const Label = responseSchema('Label', 'The name of a term, short enough for a list to choose from (French: libellé).', {
  fr: text(LABEL_MAX, 'In French (French: en français).', 'Relais petite enfance (RPE)'),
  en: text(LABEL_MAX, 'In English (French: en anglais).', 'Early childhood centre (RPE)'),
})

const Definition = responseSchema('Definition', 'What a term means, in one sentence (French: définition).', {
  fr: text(DEFINITION_MAX, 'In French (French: en français).', 'Avenant : changement daté d’une convention.'),
  en: text(DEFINITION_MAX, 'In English (French: en anglais).', 'Amendment: dated change of a convention.'),
})

export const Term = responseSchema('Term', 'A code of a vocabulary with its words (French: terme).', {
  code: pattern(codeForm, 'The code that stands in bodies (French: code).', 'relais-petite-enfance'),
  label: ref(Label),
  definition: ref(Definition),
  broader: nullable(
    pattern(codeForm, 'Code of the wider term of the same vocabulary (French: terme générique).', 'familles'),
  ),
  aliases: list(
    text(LABEL_MAX, 'Another name (French: autre nom).', 'RAM'),
    ALIASES_MAX,
    'Other names in use, former ones and abbreviations included, in French (French: synonymes).',
  ),
  validFrom: nullable(partialDate('From when the term exists; null: always (French: valable depuis).', '2019')),
  validTo: nullable(partialDate('Until when the term is in use; null: without end (French: valable jusqu’à).', '2023')),
  replacedBy: nullable(
    pattern(codeForm, 'Code to use instead once the term is no longer in use (French: remplacé par).', 'other'),
  ),
})
export type Term = Static<typeof Term>

export const Vocabulary = responseSchema('Vocabulary', 'A closed list of codes with labels (French: vocabulaire).', {
  name: pattern(codeForm, 'Name, which is its key (French: nom).', 'site-types'),
  terms: list(ref(Term), TERMS_MAX, 'The terms, in the order in which to show them (French: termes).'),
})
export type Vocabulary = Static<typeof Vocabulary>

/** The path of one vocabulary. */
export const VocabularyParams = Type.Object({
  name: pattern(codeForm, 'Name of the vocabulary (French: nom du vocabulaire).', 'site-types'),
})
