/** The rules of the tree of axes. */
import { type RawBuilder, sql } from 'kysely'
import { type Change, type Check, type Finding, finding, touches, type View } from '../../engine/change-set.ts'
import type { Facts } from '../../engine/declaration/declaration.ts'
import { exampleId } from '../../engine/example-ids.ts'
import type { Row } from '../../engine/row-mapper.ts'
import { id } from '../../http/schema/schemas.ts'

/** How deep the tree of axes goes, its roots included. */
const MAX_LEVELS = 5
const CYCLE = 'An axis cannot be below itself.'
const TOO_DEEP = `Axes have at most ${MAX_LEVELS} levels.`

/** Axes are a tree of at most five levels. What is written is to blame, also for what stands below it. */
export const tree: Check = (view) => {
  const parents = new Map(view.all('axis').map(({ id, parentId }) => [id, parentId]))
  const findings = new Map<Change, Finding>()
  for (const id of parents.keys()) {
    const above = ancestors(id, parents)
    const [change] = [id, ...above].map(view.changeOf).filter((one) => one !== undefined)
    if (!change) continue
    if (above.includes(id)) findings.set(change, finding(change, '/parentId', 'cycle', CYCLE))
    else if (above.length >= MAX_LEVELS && !findings.has(change))
      findings.set(change, finding(change, '/parentId', 'too-deep', TOO_DEEP))
  }
  return [...findings.values()]
}

/** From the parent up to the root, or once around a cycle. */
function ancestors(id: unknown, parents: ReadonlyMap<unknown, unknown>): unknown[] {
  const above: unknown[] = []
  for (let parent = parents.get(id); parent && !above.includes(parent); parent = parents.get(parent)) above.push(parent)
  return above
}

/** The numbers from the root to an axis; empty for none. */
function pathTo(view: View, id: unknown): number[] {
  const axis = view.all('axis').find((one) => one.id === id)
  return axis ? [...pathTo(view, axis.parentId), axis.number as number] : []
}

/** The place in the tree, where it is another one. */
export const parentPath = (change: Change, { view }: Pick<Facts, 'view'>): Row =>
  touches(change, 'parentId') ? { parent_path: pathTo(view, change.after?.parentId) } : {}

/** An axis that is deleted stands at the root, where it would be too deep once what is above it has moved. */
export function released({ before }: Change, view: View): Row | undefined {
  const depthOf = (id: unknown): number => {
    const gone = view.changeOf(id)
    return gone && !gone.after ? 1 + depthOf(gone.before?.parentId) : pathTo(view, id).length
  }
  return depthOf(before?.parentId) >= MAX_LEVELS ? { parent_id: null, parent_path: [] } : undefined
}

/** The parameter of lists that names an axis. */
export const axisParameter = (description: string) => id(description, exampleId('axis', 'pays-de-l-aigle-2022/3'))

/** The ids of axes, and of all that stand below them. */
export const subtreeOf = (ids: readonly string[]): RawBuilder<unknown> => sql`
  select below.id from axis above join axis below
    on below.convention_id = above.convention_id and below.path[1:cardinality(above.path)] = above.path
  where above.id = any(${ids})`
