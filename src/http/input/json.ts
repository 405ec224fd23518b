/**
 * JSON, read strictly: valid UTF-8, no name twice in an object, no `__proto__` or `constructor`, at most 32 levels,
 * and bounds on how much there is of each kind. Reading ends at the first bound that is passed, before anything is
 * made of the text.
 */
import { limits } from '../../config.ts'
import { problem } from '../errors/problems.ts'

/** The 400 of a body without a byte. */
export const emptyBody = () => problem('bad-request', 'The body is empty; it must be JSON.')

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The value of a JSON text of bytes; throws a 400 that says what is wrong with it. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw emptyBody()
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw problem('bad-request', 'The body is not valid UTF-8.')
  }
  refuseTraps(text)
  try {
    return JSON.parse(text)
  } catch {
    throw problem('bad-request', 'The body is not valid JSON.')
  }
}

const STRUCTURE = /["{}[\],]/g
const STRING_END = /["\\]/g
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor'])

/** An object or a list that is not closed yet. */
interface Container {
  /** The names of an object so far; null of a list. */
  names: Set<string> | null
  /** Members or entries that were begun. */
  size: number
}

/** What JSON.parse lets pass: deep nesting, endless lists, repeated names, names that reach the prototype of an object. */
function refuseTraps(text: string): void {
  const open: Container[] = []
  let expectsName = false
  let containers = 0
  let values = 0
  STRUCTURE.lastIndex = 0
  for (let match = STRUCTURE.exec(text); match; match = STRUCTURE.exec(text)) {
    const [character] = match
    const within = open.at(-1)
    if (character === '"') {
      const end = endOfString(text, match.index + 1)
      if (expectsName) refuseName(text.slice(match.index, end), within?.names)
      expectsName = false
      STRUCTURE.lastIndex = end
    } else if (character === '{' || character === '[') {
      if (open.push({ names: character === '{' ? new Set() : null, size: 1 }) > limits.jsonDepth)
        throw problem('bad-request', `The body is nested deeper than ${limits.jsonDepth} levels.`)
      refuseMore(++containers, limits.jsonContainers, 'The body holds', 'objects and lists')
      expectsName = character === '{'
    } else if (character === ',') {
      refuseMore(++values, limits.jsonValues, 'The body holds', 'members and entries')
      if (within) refuseMore(++within.size, limits.jsonEntries, 'An object or a list holds', 'members or entries')
      expectsName = within?.names != null
    } else open.pop()
  }
}

function refuseMore(count: number, most: number, where: string, what: string): void {
  if (count > most) throw problem('bad-request', `${where} more than ${most} ${what}.`)
}

/** The index after the closing quotation mark, or the end of the text. */
function endOfString(text: string, start: number): number {
  STRING_END.lastIndex = start
  for (let match = STRING_END.exec(text); match; match = STRING_END.exec(text)) {
    if (match[0] === '"') return STRING_END.lastIndex
    STRING_END.lastIndex++
  }
  return text.length
}

function refuseName(literal: string, names: Set<string> | null | undefined): void {
  const name = literal.includes('\\') ? unescaped(literal) : literal.slice(1, -1)
  if (FORBIDDEN_NAMES.has(name)) throw problem('bad-request', `The name ${name} must not stand in a body.`)
  if (names?.has(name)) throw problem('bad-request', `The name ${name.slice(0, 100)} stands twice in an object.`)
  names?.add(name)
}

function unescaped(literal: string): string {
  try {
    return JSON.parse(literal)
  } catch {
    return literal
  }
}
