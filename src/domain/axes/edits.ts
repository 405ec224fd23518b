/** What a write of an axis does beside its row: its number when left out, its place in the tree. */
import { sql } from 'kysely'
import { rights } from '../../auth/policy.ts'
import type { Database } from '../../db/database.ts'
import { NUMBER_TAKEN } from '../../engine/rules.ts'
import { conventionBounds } from '../../engine/schema.ts'
import { allowUnderConvention } from '../../engine/write/authorize.ts'
import { type Editing, type Fields, nextNumber, refuseTaken } from '../../engine/write/edit.ts'
import { axes } from './queries.ts'
import { cycle, MAX_LEVELS, tooDeep } from './rules.ts'
import { AxisInput, AxisPatch } from './schema.ts'

export const axisEditing: Editing = {
  resource: axes,
  input: AxisInput,
  patch: AxisPatch,
  limit: conventionBounds.axes,
  rights: { create: rights.underConvention, update: rights.underConvention, delete: rights.underConvention },
  allow: allowUnderConvention,
  async complete({ db, after }) {
    after.number ??= await nextNumber(db, axes, { convention_id: after.conventionId, parent_id: after.parentId })
  },
  async check({ db, after }) {
    const { below, height } = await selectSubtree(db, after.id as string)
    const path = await selectPath(db, after)
    if (below.includes(after.parentId as string)) return [cycle('/parentId')]
    if (path.length + height > MAX_LEVELS) return [tooDeep('/parentId')]
    return []
  },
  async refuse({ db, after }) {
    const condition = sql<boolean>`t.convention_id = ${after.conventionId} and t.parent_id is not distinct from ${after.parentId}
      and t.number = ${after.number} and t.id <> ${after.id}`
    await refuseTaken(db, axes, '/number', condition, NUMBER_TAKEN)
  },
  hidden: async ({ db, after }) => ({ parent_path: await selectPath(db, after) }),
}

/** The numbers from the root to the parent; empty for a root and for a parent that does not exist. */
async function selectPath(db: Database, { conventionId, parentId }: Fields): Promise<number[]> {
  if (!parentId) return []
  const { rows } = await sql<{
    path: number[]
  }>`select path from axis where convention_id = ${conventionId} and id = ${parentId}`.execute(db)
  return rows[0]?.path ?? []
}

/** The axes at and below one, and how many levels they take; one level for a new axis. */
async function selectSubtree(db: Database, id: string): Promise<{ below: string[]; height: number }> {
  const { rows } = await sql<{ id: string; level: number }>`
    with recursive below as (
      select id, 1 as level from axis where id = ${id}
      union all select a.id, b.level + 1 from axis a join below b on a.parent_id = b.id
    ) select id, level from below`.execute(db)
  return { below: rows.map((row) => row.id), height: Math.max(1, ...rows.map(({ level }) => level)) }
}
