/** Forms: the schemas that follow from the fields of a resource: its bodies, its pages, its filters and includes. */
import { type TSchema, Type } from 'typebox'
import type { Visibility } from '../../auth/visibility.ts'
import { pageOf } from '../../http/output/pagination.ts'
import * as schemas from '../../http/schema/schemas.ts'
import { exampleId, exampleIds } from '../example-ids.ts'
import type { ResourceType } from '../resource-types.ts'
import {
  derived,
  filterBySource,
  identity,
  ofConvention,
  record,
  searchInList,
  sourceName,
  version,
} from '../schema.ts'
import { lastOf, nameOf, pascal, withArticle } from '../words.ts'
import type { BodyOf, Declaration } from './declaration.ts'
import { type Fields, type InputOf, isSearched, type PatchOf, propertiesOf, typed } from './fields.ts'
import { filtersOf, parametersOf } from './filters.ts'
import { sortKeysOf, sortParameter } from './orders.ts'
import { includedProperties, relationsOf } from './relations.ts'

const FIELDS_MAX = 100

/** What made a version of a history. */
export const versionOperations = ['created', 'updated', 'deleted'] as const

/** The schemas of a resource; each is a component of the contract but for the parameters. */
export function formsOf<T extends ResourceType, F extends Fields, V extends Visibility>(
  type: T,
  declaration: Declaration<T, F, V>,
) {
  const { visibility, docs, example, lookup } = declaration
  const fields: Fields = declaration.fields
  const name = pascal(type)
  const conventionId = exampleConventionId(example)
  const isUnderConvention = visibility === 'convention'
  const filters = filtersOf(
    fields,
    declaration.filters ?? {},
    exampleId(type, example),
    isUnderConvention ? conventionId : undefined,
  )
  const own = {
    ...identity(exampleId(type, example)),
    ...(isUnderConvention && ofConvention(conventionId)),
    ...propertiesOf(fields, 'answer'),
    ...record,
  }
  const relations = relationsOf(fields, isUnderConvention)
  const answer = {
    ...own,
    ...includedProperties(relations, own),
    ...(lookup && { match: Type.Optional(schemas.ref(lookup.Match)) }),
  }
  const writable = propertiesOf(fields, 'input')
  const changeable = propertiesOf(fields, 'patch')
  const patch = `The fields of ${withArticle(nameOf(type))} to change, as JSON Merge Patch (French: modification d’${docs.french}).`
  const Answer = typed<BodyOf<F, V>>(schemas.responseSchema(name, docs.answer, answer))
  const sortKeys = sortKeysOf(declaration.sort)
  return {
    Answer,
    Input: typed<InputOf<F>>(schemas.requestSchema(`${name}Input`, docs.input, writable, derived(Answer, writable))),
    Patch: typed<PatchOf<F>>(schemas.requestSchema(`${name}Patch`, patch, changeable, derived(Answer, changeable))),
    Page: pageOf(Answer),
    VersionPage: pageOf(versionOf(name, nameOf(type), Answer)),
    filters,
    sortKeys,
    sortParameters: sortParameter(sortKeys),
    filterParameters: {
      ...parametersOf(filters),
      ...(isSearched(fields) && searchInList),
      ...filterBySource(lastOf(example)),
    },
    relations,
  }
}

/** The convention of an example; that of the contract for what belongs to none. */
export function exampleConventionId(example: string): string {
  const [convention = '', key] = example.split('/')
  return key === undefined ? exampleIds.convention : exampleId('convention', convention)
}

/** A version in the history of a resource. */
const versionOf = (name: string, noun: string, Answer: TSchema) =>
  schemas.responseSchema(`${name}Version`, `A version of one ${noun} (French: version).`, {
    version: version(),
    operation: schemas.code(versionOperations, 'What made this version (French: opération).', 'updated'),
    position: schemas.integer(1, Number.MAX_SAFE_INTEGER, 'Its place in the journal (French: position).', 2),
    at: schemas.instant('When it was committed, in microseconds (French: date).', '2026-01-01T00:00:00.000000Z'),
    actor: schemas.nullable(
      schemas.text(
        schemas.LABEL_MAX,
        'The key that made it, for administrators and the Caf of the convention (French: auteur).',
        'bootstrap',
      ),
    ),
    source: schemas.nullable(sourceName('The source that made it (French: source).')),
    requestId: schemas.nullable(
      schemas.text(
        schemas.LABEL_MAX,
        'The request that made it, for the same (French: requête).',
        '01890a5d-ac96-774b-bcce-b302099a8057',
      ),
    ),
    changed: schemas.list(
      schemas.text(schemas.LABEL_MAX, 'Name of a field (French: nom du champ).', 'title'),
      FIELDS_MAX,
      'The fields that differ from the version before; empty when that is not known (French: champs modifiés).',
    ),
    data: Type.Unsafe<unknown>({
      anyOf: [schemas.ref(Answer), { type: 'null' }],
      description: 'The resource as it stood; null where it was deleted (French: contenu).',
    }),
  })
