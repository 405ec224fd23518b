/** Partial dates (EDTF level 0: `2022`, `2022-03`, `2022-03-17`): a start means its first day, an end its last. */

/** The first day, `2022-01-01`; null for an unknown date. */
export function firstDay(date: string | null | undefined): string | null {
  return date ? `${date}-01-01`.slice(0, 10) : null
}

/** The last day, `2022-12-31`; null for an unknown date. */
export function lastDay(date: string | null | undefined): string | null {
  if (!date) return null
  if (date.length === 10) return date
  const [year = 0, month = 12] = date.split('-').map(Number)
  return `${date.slice(0, 4)}-${String(month).padStart(2, '0')}-${new Date(Date.UTC(year, month, 0)).getUTCDate()}`
}

/** The day before a full day, `2021-12-31` of `2022-01-01`. */
export function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
}
