/**
 * Which methods each path takes, remembered while routes are registered: the framework alone would answer 404 where
 * 405 is true, and knows no OPTIONS.
 */

export interface RouteTable {
  add(method: string | string[], url: string): void
  /** The methods that a path takes, OPTIONS among them, in alphabetical order; empty when the path leads nowhere. */
  methodsOf(url: string): string[]
}

export function routeTable(): RouteTable {
  const methodsByPattern = new Map<string, Set<string>>()
  return {
    add(method, url) {
      const methods = methodsByPattern.get(url) ?? new Set(['OPTIONS'])
      for (const one of [method].flat()) methods.add(one)
      methodsByPattern.set(url, methods)
    },
    methodsOf(url) {
      const path = pathOf(url)
      const fitting = [...methodsByPattern].filter(([pattern]) => matches(pattern, path))
      return [...new Set(fitting.flatMap(([, methods]) => [...methods]))].sort()
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

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const given = path.split('/')
  const isFitting = (part: string, i: number) =>
    /^:[^:]/.test(part) ? Boolean(given[i]) : part.replaceAll('::', ':') === given[i]
  if (expected.at(-1) === '*') return given.length >= expected.length && expected.slice(0, -1).every(isFitting)
  return given.length === expected.length && expected.every(isFitting)
}
