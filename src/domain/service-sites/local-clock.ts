/** Local clocks: the time zone of a département, and the name under which its public holidays are known. */

export interface LocalClock {
  timeZone: string
  /** Empty where the holidays are those of all of France. */
  holidays: string
  /** A date whose local time in this process is the time there. */
  toLocal(instant: number): Date
  /** The instant, RFC 3339 in UTC, at which the time there is the local time of a date. */
  toInstant(local: Date): string
}

const MAINLAND = { timeZone: 'Europe/Paris', holidays: '' }

/** What differs from the mainland. The Marquesas and Gambier keep hours of their own: they count as Tahiti here. */
const elsewhere: Readonly<Record<string, { timeZone: string; holidays: string }>> = {
  '57': { timeZone: 'Europe/Paris', holidays: 'Moselle' },
  '67': { timeZone: 'Europe/Paris', holidays: 'Bas-Rhin' },
  '68': { timeZone: 'Europe/Paris', holidays: 'Haut-Rhin' },
  '971': { timeZone: 'America/Guadeloupe', holidays: 'Guadeloupe' },
  '972': { timeZone: 'America/Martinique', holidays: 'Martinique' },
  '973': { timeZone: 'America/Cayenne', holidays: 'Guyane' },
  '974': { timeZone: 'Indian/Reunion', holidays: 'La Réunion' },
  '975': { timeZone: 'America/Miquelon', holidays: '' },
  '976': { timeZone: 'Indian/Mayotte', holidays: 'Mayotte' },
  '977': { timeZone: 'America/St_Barthelemy', holidays: 'Saint-Barthélemy' },
  '978': { timeZone: 'America/Marigot', holidays: 'Saint-Martin' },
  '984': { timeZone: 'Indian/Kerguelen', holidays: '' },
  '986': { timeZone: 'Pacific/Wallis', holidays: 'Wallis-et-Futuna' },
  '987': { timeZone: 'Pacific/Tahiti', holidays: 'Polynésie française' },
  '988': { timeZone: 'Pacific/Noumea', holidays: 'Nouvelle-Calédonie' },
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** The clock of a département by its code; that of Paris when it is unknown. */
export function localClock(department: string | null): LocalClock {
  const { timeZone, holidays } = elsewhere[department ?? ''] ?? MAINLAND
  const toLocal = (instant: number) => {
    const [year = 0, month = 1, ...rest] = fieldsOf(timeZone, instant)
    return new Date(year, month - 1, ...(rest as [number, number, number, number]))
  }
  return {
    timeZone,
    holidays,
    toLocal,
    toInstant(local) {
      const wanted = asUtc(local)
      const offsetAt = (instant: number) => asUtc(toLocal(instant)) - instant
      // The offset before the change of clocks, corrected once: the second is that of the instant itself.
      const guess = wanted - offsetAt(wanted)
      return new Date(wanted - offsetAt(guess)).toISOString()
    },
  }
}

/** The local time of a date, to the second, as if it were UTC. */
const asUtc = (date: Date) =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds())

/** Year, month, day, hour, minute and second in a zone. */
function fieldsOf(timeZone: string, instant: number): number[] {
  let format = formats.get(timeZone)
  if (!format) {
    const parts = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'iso8601', ...parts })
    formats.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  return (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((name) => parts.get(name) ?? 0)
}
