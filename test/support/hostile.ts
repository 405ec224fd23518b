/**
 * Bodies that mean harm, made from the schemas of the contract: a value at every place of a body, and the places at
 * which it must be refused; and texts that no JSON reader should let pass.
 */
import type { Keywords } from '../../src/http/schema/schemas.ts'

interface Leaf {
  pointer: string
  schema: Keywords
}

interface Value {
  name: string
  /** As it stands in the text of the body. */
  raw: string
  /** Whether a place must refuse it. */
  isWrongFor(schema: Keywords): boolean
}

type Resolve = (schema: Keywords) => Keywords

const typesOf = ({ type, anyOf }: Keywords, resolve: Resolve): string[] =>
  anyOf ? anyOf.flatMap((one) => typesOf(resolve(one), resolve)) : [type ?? []].flat()

/** Every place of a body that is no object or list of objects, by the first name in its pointer. */
export function leavesOf(schema: Keywords, resolve: Resolve, pointer = ''): Leaf[] {
  const whole = resolve(schema)
  const object = whole.properties ? whole : whole.anyOf?.map(resolve).find(({ properties }) => properties)
  if (object?.properties) {
    return Object.entries(object.properties).flatMap(([name, one]) => leavesOf(one, resolve, `${pointer}/${name}`))
  }
  if (whole.items && resolve(whole.items).properties) return leavesOf(whole.items, resolve, `${pointer}/0`)
  return [{ pointer, schema: whole }]
}

/** The text of a body that holds a value at each of these places. */
export function bodyWith(leaves: Leaf[], raw: string): string {
  const MARK = '\u0001'
  const body: Record<string, unknown> = {}
  for (const { pointer } of leaves) {
    const steps = pointer.split('/').slice(1)
    let at: Record<string, unknown> = body
    for (const [i, step] of steps.slice(0, -1).entries()) {
      at[step] ??= /^\d+$/.test(steps[i + 1] ?? '') ? [] : {}
      at = at[step] as Record<string, unknown>
    }
    at[steps.at(-1) ?? ''] = MARK
  }
  return JSON.stringify(body).replaceAll('"\\u0001"', raw)
}

const lacks =
  (resolve: Resolve, ...types: string[]) =>
  (schema: Keywords) =>
    !typesOf(schema, resolve).some((type) => types.includes(type))

const text = (content: string) => JSON.stringify(content)
const always = () => true

/** Values of the wrong type, and texts and numbers that nothing may hold. */
export function hostileValues(resolve: Resolve): Value[] {
  const bad = (name: string, raw: string): Value => ({ name, raw, isWrongFor: always })
  const typed = (name: string, raw: string, ...types: string[]): Value => ({
    name,
    raw,
    isWrongFor: lacks(resolve, ...types),
  })
  const big = (raw: string): Value => ({ name: raw, raw, isWrongFor: always })
  return [
    typed('null', 'null', 'null'),
    typed('true', 'true', 'boolean'),
    typed('a number', '5', 'integer', 'number'),
    typed('a number as text', '"1e3"', 'string'),
    typed('an empty list', '[]', 'array'),
    bad('a list in a list', '[[]]'),
    bad('an object', '{"a":1}'),
    bad('a NUL', '"a\\u0000b"'),
    bad('a lone surrogate', '"a\\ud800b"'),
    bad('a change of direction', text('a\u202eb')),
    bad('an escape character', '"\\u001b[2J"'),
    bad('a thousand marks', text(`e${'\u0301'.repeat(1000)}`)),
    bad('a text of 20,001 characters', text('x'.repeat(20_001))),
    big('9007199254740993'),
    big('-9007199254740993'),
    big('1e400'),
    big('-1e400'),
    big('123456789012345.678'),
  ]
}

/** Texts that must be refused wherever JSON is read. */
export const hostileTexts: Readonly<Record<string, string | Buffer>> = {
  'invalid UTF-8': Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'a name twice': '{"title":"a","title":"b"}',
  'a name twice, once escaped': '{"title":"a","t\\u0069tle":"b"}',
  __proto__: '{"__proto__":{"title":"a"}}',
  'an escaped __proto__': '{"\\u005f_proto__":{"title":"a"}}',
  'a nested __proto__': '{"title":"a","documents":[{"__proto__":{"kind":"other"}}]}',
  constructor: '{"constructor":{"prototype":{"title":"a"}}}',
  '33 levels': `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`,
  '5,000 levels': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  'a quarter of a megabyte of [': '['.repeat(250_000),
  'nothing at all': ' ',
  'half an object': '{"title":',
  'a comma too many': '{"title":"a",}',
  'two values': '{"title":"a"}{"title":"b"}',
  NaN: '{"capacity":NaN}',
  'a byte order mark and no more': '\ufeff',
  'single quotes': "{'title':'a'}",
}

/** Spellings of the content type. With an invalid body none of them may lead to a success. */
export const contentTypes = [
  'application/json',
  ' application/json',
  'application/json\t;x',
  'application/json\ta',
  'Application/JSON',
  'application/json;charset=x',
  'application/json; charset=utf-16',
  'application/json; charset="utf-8"',
  'application/json, text/plain',
  'application/json;;',
  'application/json garbage',
  'application/vnd.x+json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  '',
]
