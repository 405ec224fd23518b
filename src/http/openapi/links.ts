/**
 * Links of the OpenAPI document: from an answer with a resource to what can be done with it next, with the id and
 * the entity tag that were answered. They follow from the paths: what is created in a list stands under `{id}` in the
 * list of all of its kind.
 */
import type { Document, Link, Method, Operation, Response } from './types.ts'

/** Adds to each success that answers with a resource a link to every operation on it. */
export function addLinks({ paths }: Document): void {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods) as [Method, Operation][]) {
      const [, api, ...parts] = path.split('/')
      const item = method === 'post' ? `/${api}/${parts.at(-1)}/{id}` : path
      const others = Object.entries(paths[item] ?? {}).filter(([other]) => other !== method || item !== path)
      const links = others.map(([, other]) => [other.operationId, linkTo(other, item, method)])
      if (links.length === 0 || method === 'delete') continue
      for (const status of [200, 201])
        if (hasBody(operation, status)) (operation.responses[status] as Response).links = Object.fromEntries(links)
    }
  }
}

const hasBody = ({ responses }: Operation, status: number) => {
  const response = responses[status]
  return response !== undefined && 'content' in response
}

function linkTo({ operationId, summary, responses }: Operation, item: string, method: Method): Link {
  const ofPath = [...item.matchAll(/\{(\w+)\}/g)].map(([, name]) => [
    name,
    method === 'post' ? '$response.body#/id' : `$request.path.${name}`,
  ])
  const version = responses[428] ? { 'If-Match': '$response.header.ETag' } : {}
  return { operationId, description: `${summary}.`, parameters: { ...Object.fromEntries(ofPath), ...version } }
}
