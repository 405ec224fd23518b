/**
 * Vocabularies by name: each list of codes with its terms, one a line in data/vocabularies. To add one: a tuple in
 * codes.ts and a file of its name.
 */
import fs from 'node:fs'
import { keyRoles } from '../../auth/caller.ts'
import { versionOperations } from '../../engine/declaration/forms.ts'
import { territoryKinds } from '../../engine/declaration/territories.ts'
import { resourceTypes } from '../../engine/resource-types.ts'
import * as codes from './codes.ts'
import type { Term, Vocabulary } from './schema.ts'

const folder = new URL('../../../data/vocabularies/', import.meta.url)

/** Those of codes.ts, and those that the rooms below need. */
export const codeLists = { ...codes, keyRoles, resourceTypes, territoryKinds, versionOperations }

/** Vocabularies that begin with the terms of another one. */
const extended: Readonly<Record<string, string>> = {
  'audit-operations': 'version-operations',
  'audit-types': 'resource-types',
}

/** The terms of one file, in its order; what a line leaves out is null, or an empty list. */
function termsOf(name: string): Term[] {
  const lines = fs
    .readFileSync(new URL(`${name}.ndjson`, folder), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => {
    const { code, label, definition, ...rest } = JSON.parse(line)
    const { broader = null, aliases = [], validFrom = null, validTo = null, replacedBy = null } = rest
    return { code, label, definition, broader, aliases, validFrom, validTo, replacedBy }
  })
}

const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** In the order of their names, which is the order of the list that the API answers. */
export const vocabularies: readonly Vocabulary[] = Object.keys(codeLists)
  .map(kebabCase)
  .sort()
  .map((name) => ({ name, terms: [extended[name] ?? [], name].flat().flatMap(termsOf) }))

const byCodes = new Map(vocabularies.map(({ terms }) => [terms.map(({ code }) => code).join(), terms]))

/** The labels of the vocabulary of exactly these codes, by code; undefined when there is none. */
export function labelsOf(codes: readonly string[], language: 'fr' | 'en'): ReadonlyMap<string, string> | undefined {
  const terms = byCodes.get(codes.join())
  return terms && new Map(terms.map(({ code, label }) => [code, label[language]]))
}

const byName = new Map(vocabularies.map((one) => [one.name, one]))

/** Undefined when there is none of that name. */
export const findVocabulary = (name: string): Vocabulary | undefined => byName.get(name)
