/** Writer of one answer in a format, and what a request says of it. */

export type Language = 'fr' | 'en'

/** The labels of a closed list of codes, by code; undefined when it is no vocabulary. */
export type Labels = (codes: readonly string[], language: Language) => ReadonlyMap<string, string> | undefined

/** What a request says of a format beside its name. */
export interface WriteOptions {
  columns?: readonly string[]
  labels?: Language
}

/** What stands around the items of a page. */
export interface Around {
  next: string | null
  count: number | null
}

/** How one answer is written: its head, batches of items with `between` between them, its foot. */
export interface Writer {
  head: string
  between: string
  /** One batch, from the texts of its items. */
  items(texts: readonly string[]): string
  foot(around: Around): string
}
