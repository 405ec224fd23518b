/** What a document changes, pure: entries against what is held. Nothing is written that is as it should be already. */
import { resources } from '../domain/resources.ts'
import type { ResourceType } from '../engine/resource.ts'
import type { Entry } from './items.ts'
import { type Held, keyIn } from './stored.ts'

export interface Change {
  operation: 'create' | 'update' | 'delete' | 'keep'
  type: ResourceType
  key: string
  id: string
  /** The fields that change, by their names in the resource. */
  fields: string[]
}

/** The convention and what is under it; organizations are planned by themselves. */
export function diffEntries(entries: Entry[], held: Held, source: string): Change[] {
  const linked = new Set((held.get('service-site') ?? []).map(({ id }) => id))
  const written = entries
    .filter(({ type }) => type !== 'organization')
    .map((one) => changeOf(one, one.type === 'service-site' && !linked.has(one.id)))
  const listed = new Set(entries.map(({ id }) => id))
  const dropped = [...held].flatMap(([type, bodies]) =>
    bodies
      .filter((body) => keyIn(source, body) !== undefined && !listed.has(body.id))
      .map((body): Change => ({ operation: 'delete', type, key: keyIn(source, body) ?? '', id: body.id, fields: [] })),
  )
  return [...written, ...dropped]
}

function changeOf({ type, key, id, body, current }: Entry, isNewlyLinked: boolean): Change {
  if (!current) return { operation: 'create', type, key, id, fields: [] }
  const changed = resources[type].fields.filter((field) => !isSame(body[field], current[field]))
  const fields = isNewlyLinked ? [...changed, 'conventionIds'] : changed
  return { operation: fields.length > 0 ? 'update' : 'keep', type, key, id, fields }
}

/** Both sides were shaped by the same schema, so the same value has the same text. */
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
