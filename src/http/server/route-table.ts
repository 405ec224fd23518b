/**
 * Route table: the methods of each path, collected while routes are registered: the framework alone would answer 404 where
 * 405 is true, and knows no OPTIONS.
 */

export interface RouteTable {
  add(method: string | string[], url: string): void
  /** The methods that a path takes, OPTIONS among them, in alphabetical order; empty when the path leads nowhere. */
  methodsOf(url: string): string[]
}

interface Pattern {
  parts: string[]
  methods: Set<string>
}

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
  }
}

/** The path of a request target, decoded; without the host that a request to a proxy carries. */
function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
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
