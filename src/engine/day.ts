/** Days and instants: days as the field counts them, in Europe/Paris; instants as Postgres takes them, in UTC. */
const paris = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/Paris',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** The day in Europe/Paris, `2026-03-15`, whatever the time zone of the process. */
export function parisDay(instant: Date): string {
  return paris.format(instant)
}

/** An instant in UTC with at most microseconds: Postgres does not take every offset, and would round upwards. */
export function inUtc(instant: string): string {
  const [fraction = '.0'] = /\.\d{1,6}/.exec(instant) ?? []
  return new Date(instant.replace(/\.\d+/, '')).toISOString().replace('.000', fraction)
}
