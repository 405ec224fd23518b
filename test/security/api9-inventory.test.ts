/** OWASP API9:2023, improper inventory management: what is served is what is documented, and nothing else. */
import t from 'tap'
import type { Document } from '../../src/http/openapi/types.ts'
import { openapiOf, openRegistry } from '../support/registry.ts'

/** Pages for people, and files that say what there is, which are no part of the API. */
const PAGES = /^\/(docs(\/.*)?|guide|problems\/\{slug\}|llms\.txt|catalog\.jsonld|\.well-known\/[\w.-]+)$/

t.test('every route is an operation of the document, and every operation is a route', async (t) => {
  const { app } = await openRegistry(t)
  const document = JSON.parse(await openapiOf(app)) as Document
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  t.same(
    routesOf(app.printRoutes({ commonPrefix: false })).filter((route) => !PAGES.test(route.split(' ')[1] ?? '')),
    documented.sort(),
  )
})

/** `GET /v1/things/{id}` of each route, from the tree that the framework prints; HEAD goes with GET. */
function routesOf(tree: string): string[] {
  const path: string[] = []
  const found: string[] = []
  for (const line of tree.split('\n')) {
    const [, indent, part, methods] = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    if (indent === undefined || part === undefined) continue
    path.length = indent.length / 4
    path.push(part)
    const url = path
      .join('')
      .replace(/:(\w+)/g, '{$1}')
      .replaceAll('::', ':')
    for (const method of methods?.split(', ') ?? []) if (method !== 'HEAD') found.push(`${method} ${url}`)
  }
  return found.sort()
}
