/** Days as the field counts them: in Europe/Paris. */
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
