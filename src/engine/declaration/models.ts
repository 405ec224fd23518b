/** Models: what the items of a list are in standards of others. Each is one more format of the list. */
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../db/database.ts'

export interface ModelContext {
  /** Of the moment that is read. */
  db: Database
  caller: Caller
  now: Date
}

export interface Model {
  /** The name of the format: `hsds`. */
  name: string
  /** For people. */
  label: string
  mediaType: string
  /** What one of its items is, with the schema that it keeps. */
  description: string
  /** Its items as JSON, from the texts that GET answers of a page: none, one or several for each. */
  itemsOf(texts: readonly string[], context: ModelContext): Promise<string[]>
}
