/** Services that routes work with: the database, the cache, the clock and what is known at the start. */
import type { Clock } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import type { AnswerCache } from '../cache/answer-cache.ts'
import type { Labels } from './formats/writer.ts'

export interface Services {
  db: Database
  /** The labels of the vocabularies. */
  labels: Labels
  clock: Clock
  /** Where answers to reads are kept; undefined: nowhere. */
  cache?: AnswerCache | undefined
  /** Days for which this service promises to keep the journal; null: for ever. */
  retentionDays: number | null
}
