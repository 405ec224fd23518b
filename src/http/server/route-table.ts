/**
 * Route table: the methods of each path, collected while routes are registered: the framework alone would answer 404 where
 * 405 is true, and knows no OPTIONS.
 */
import { nearest } from '../errors/nearest.ts'

export interface RouteTable {
  add(method: string | string[], url: string): void
  /** The methods that a path takes, OPTIONS among them, in alphabetical order; empty when the path leads nowhere. */
  methodsOf(url: string): string[]
  /** The path that was probably meant by one that leads nowhere: each word of it the nearest that there is. */
  nearestTo(url: string): string | undefined
}

interface Pattern {
  parts: string[]
  methods: Set<string>
}

/** Longer paths are no misspelt ones; they come from a caller, and are repeated in an answer. */
const MEANT_MAX = 200

/** Where the operations are; people leave it out. */
const PREFIX = '/v1'

export function routeTable(): RouteTable {
  const patterns = new Map<string, Pattern>()
  /** The parts of the longest pattern: of a path with more no more are looked at, however many there are. */
  let longest = 0
  return {
    add(method, url) {
      const pattern = patterns.get(url) ?? { parts: url.split('/'), methods: new Set(['OPTIONS']) }
      for (const one of [method].flat()) pattern.methods.add(one)
      patterns.set(url, pattern)
      longest = Math.max(longest, pattern.parts.length)
    },
    methodsOf(url) {
      const given = pathOf(url).split('/', longest + 1)
      const fitting = [...patterns.values()].filter(({ parts }) => matches(parts, given))
      return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort()
    },
    nearestTo(url) {
      const path = targetOf(url).replace(/\/+/g, '/').replace(/\/$/, '')
      if (path === '' || path.length > MEANT_MAX || path.split('/', longest + 1).length > longest) return undefined
      const known = [...patterns.values()].map(({ parts }) => parts)
      return nearestPath(path, known) ?? nearestPath(`${PREFIX}${path}`, known)
    },
  }
}

/** The path of a request target; without the host that a request to a proxy carries. */
const targetOf = (url: string) => url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')

/** The same, decoded. */
function pathOf(url: string): string {
  const path = targetOf(url)
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function matches(expected: string[], given: string[]): boolean {
  const isFitting = (part: string, i: number) =>
    /^:[^:]/.test(part) ? Boolean(given[i]) : part.replaceAll('::', ':') === given[i]
  if (expected.at(-1) === '*') return given.length >= expected.length && expected.slice(0, -1).every(isFitting)
  return given.length === expected.length && expected.every(isFitting)
}

/** Part by part, so that a word is compared only with those that can stand at its place. */
function nearestPath(path: string, patterns: string[][]): string | undefined {
  const meant: string[] = []
  let fitting = patterns
  for (const part of path.split('/')) {
    const wordOf = (parts: string[]) => parts[meant.length] ?? ''
    const longer = fitting.filter(({ length }) => length > meant.length)
    const parameters = longer.filter((parts) => isParameter(wordOf(parts)))
    const words = [...new Set(longer.map(wordOf))].filter((word) => !isParameter(word))
    const word = words.includes(part) || parameters.length > 0 ? part : nearest(part, words)[0]
    if (word === undefined) return undefined
    fitting = words.includes(word) ? longer.filter((parts) => wordOf(parts) === word) : parameters
    meant.push(word)
  }
  return fitting.some(({ length }) => length === meant.length) ? meant.join('/') : undefined
}

const isParameter = (part: string) => /^:[^:]|^\*$/.test(part)
