/** When hours are open, by the clock and the holidays of their place. Without a database: the functions of the worker. */
import fc from 'fast-check'
import t from 'tap'
import { localClock } from '../../../src/domain/service-sites/local-clock.ts'
import { type Hours, nextOpenings, openAt } from '../../../src/domain/service-sites/openings.ts'

const hours = (text: string, more: Partial<Hours> = {}): Hours => ({
  text,
  department: '61',
  startsOn: null,
  endsOn: null,
  ...more,
})
const isOpen = (one: Hours, instant: string) => openAt({ hours: [one], instant })[0]
const next = (one: Hours, instant: string) => {
  const [opening] = nextOpenings({ hours: [one], instant })
  return opening && [opening.opensAt, opening.closesAt]
}
const mornings = 'Mo-Fr 09:00-12:00'

t.test('hours are those of the clock of the place, in summer and in winter', async (t) => {
  // Mondays: 9 o'clock is 8 in UTC in winter, 7 in summer, always 5 in La Réunion.
  t.same(
    ['07:59', '08:00', '10:59', '11:00'].map((time) => isOpen(hours(mornings), `2026-03-16T${time}:00Z`)),
    [false, true, true, false],
  )
  t.same(
    ['06:59', '07:00', '10:00'].map((time) => isOpen(hours(mornings), `2026-07-06T${time}:00Z`)),
    [false, true, false],
  )
  const reunion = hours(mornings, { department: '974' })
  t.same(
    ['04:59', '05:00', '08:00'].map((time) => isOpen(reunion, `2026-07-06T${time}:00Z`)),
    [false, true, false],
  )
  t.ok(isOpen(hours(mornings), '2026-03-16T11:00:00+02:00'))
})

t.test('hours whose holidays are not known are closed, and hide no others', async (t) => {
  const withSchool = hours('Mo-Fr 08:00-16:00; SH off', { department: '971' })
  const instant = '2030-06-03T14:00:00Z'
  t.same(openAt({ hours: [withSchool, hours('Mo-Fr 09:00-18:00')], instant }), [false, true])
  t.same(nextOpenings({ hours: [withSchool], instant }), [null])
})

t.test('public holidays are those of the place', async (t) => {
  const closed = `${mornings}; PH off`
  const open = (department: string | null, day: string) =>
    isOpen(hours(closed, { department }), `${day}T10:30:00+02:00`)
  t.same([open('61', '2026-07-14'), open('61', '2026-07-15')], [false, true])
  // The abolition of slavery in Guadeloupe, Good Friday in Alsace.
  t.equal(isOpen(hours(closed, { department: '971' }), '2026-05-27T14:00:00Z'), false)
  t.equal(isOpen(hours(closed, { department: '972' }), '2026-05-27T14:00:00Z'), true)
  t.same([open('67', '2026-04-03'), open(null, '2026-04-03')], [false, true])
})

t.test('hours by appointment are not open, and what cannot be read is never', async (t) => {
  t.equal(isOpen(hours('Mo-Fr 09:00-12:00 "sur rendez-vous"'), '2026-03-16T10:00:00Z'), false)
  t.equal(isOpen(hours('nonsense'), '2026-03-16T10:00:00Z'), false)
  t.equal(next(hours('nonsense'), '2026-03-16T10:00:00Z'), null)
})

t.test('hours count from the first to the last day of a stop', async (t) => {
  const march = hours(mornings, { startsOn: '2026-03', endsOn: '2026-03' })
  t.same(
    ['2026-02-27', '2026-03-02', '2026-03-31', '2026-04-01'].map((day) => isOpen(march, `${day}T09:00:00Z`)),
    [false, true, true, false],
  )
  t.same(next(march, '2026-01-01T00:00:00Z'), ['2026-03-02T08:00:00.000Z', '2026-03-02T11:00:00.000Z'])
  t.equal(next(march, '2026-03-31T10:00:00Z'), null)
})

t.test('the next opening is the one under way, or else the first to come', async (t) => {
  t.same(next(hours(mornings), '2026-03-16T09:30:00Z'), ['2026-03-16T08:00:00.000Z', '2026-03-16T11:00:00.000Z'])
  t.same(next(hours(mornings), '2026-03-20T12:00:00Z'), ['2026-03-23T08:00:00.000Z', '2026-03-23T11:00:00.000Z'])
  // Over the night in which summer time begins.
  t.same(next(hours('Sa 22:00-06:00'), '2026-03-28T12:00:00Z'), [
    '2026-03-28T21:00:00.000Z',
    '2026-03-29T04:00:00.000Z',
  ])
  t.same(next(hours('24/7'), '2026-03-16T09:30:00Z'), [null, null])
  t.same(next(hours('24/7', { endsOn: '2026-03-20' }), '2026-03-16T09:30:00Z'), [null, '2026-03-20T23:00:00.000Z'])
  t.equal(next(hours('2020 Mo-Fr 09:00-12:00'), '2026-03-16T09:30:00Z'), null)
})

t.test('a local time and its instant are the same moment in every zone', async () => {
  const departments = fc.constantFrom(
    '61',
    '971',
    '972',
    '973',
    '974',
    '975',
    '976',
    '977',
    '978',
    '984',
    '986',
    '987',
    '988',
  )
  const minutes = fc.integer({ min: Date.UTC(2000, 0) / 60_000, max: Date.UTC(2040, 0) / 60_000 })
  fc.assert(
    fc.property(departments, minutes, (department, minute) => {
      const clock = localClock(department)
      const local = clock.toLocal(minute * 60_000)
      const back = Date.parse(clock.toInstant(local))
      // An hour that the clock shows twice is one of both.
      return clock.toLocal(back).getTime() === local.getTime()
    }),
  )
})
