/** Rules of signatories: the days on which one is bound by itself, and no organization twice on one day. */
import {
  type Change,
  type Check,
  type Fields,
  type Finding,
  finding,
  takenBy,
  touches,
  type View,
} from '../../engine/change-set.ts'
import { dayBefore, firstDay, lastDay } from '../../engine/partial-date.ts'

/** The days on which a signatory is bound by itself, inclusive; null is open. */
interface OwnDays {
  from: string | null
  to: string | null
}

/** The message when an organization would be bound twice and nothing says which of the two is new. */
const BOUND_TWICE = 'The convention would bind an organization twice on some of the same days.'

/** What is said of an organization that is bound already on days which another signatory asks for. */
function boundAlready({ from, to }: OwnDays): string {
  const days = from && to ? `from ${from} to ${to}` : from ? `from ${from} on` : to ? `until ${to}` : 'all the time'
  return `The organization is bound already ${days}.`
}

interface SignatoryDates {
  startsOn: string | null
  endsOn: string | null
}

interface AmendmentDates {
  effectiveOn: string | null
  signedOn: string | null
}

const effect = (amendment: AmendmentDates | undefined) =>
  firstDay(amendment?.effectiveOn) ?? firstDay(amendment?.signedOn)

/** The own days of a signatory. `settle` in the database keeps the same days in the row. */
export function ownDays(
  signatory: SignatoryDates,
  joinedBy: AmendmentDates | undefined,
  leftBy: AmendmentDates | undefined,
): OwnDays {
  const left = effect(leftBy)
  const ends = [lastDay(signatory.endsOn), left && dayBefore(left)].filter((day) => day !== null)
  return { from: firstDay(signatory.startsOn) ?? effect(joinedBy), to: ends.sort()[0] ?? null }
}

/** What the own days of a signatory follow from, beside the dates of its amendments. */
export const daysFields = ['organizationId', 'startsOn', 'endsOn', 'amendmentId', 'exitAmendmentId']
const datesFields = ['effectiveOn', 'signedOn']

/** An organization is not bound twice on the same day. What changed is to blame: the signatory, else its amendment. */
export const boundOnce: Check = (view) => {
  const daysOf = daysIn(view)
  const isKnown = ({ id, organizationId }: Fields) => organizationId && !isUnresolved(view.changeOf(id))
  const groups = Map.groupBy(view.all('signatory').filter(isKnown), ({ organizationId }) => organizationId)
  return [...groups.values()].flatMap((same) => {
    const meets = (one: Fields) => (other: Fields) => overlap(daysOf(one), daysOf(other))
    const sent = same.filter(({ id }) => view.changeOf(id))
    const standing = same.filter(({ id }) => !view.changeOf(id))
    return [
      ...sent.flatMap((one, i) =>
        pairIf(one, sent.slice(0, i).find(meets(one))).flatMap((pair) => bothSent(view, pair)),
      ),
      ...sent.flatMap((one) => meetsStanding(view, one, standing.filter(meets(one)), daysOf)),
      ...standing.flatMap((one, i) =>
        pairIf(one, standing.slice(0, i).find(meets(one))).flatMap((pair) => moved(view, pair)),
      ),
    ]
  })
}

type Pair = [one: Fields, other: Fields]

const pairIf = (one: Fields, other: Fields | undefined): Pair[] => (other ? [[one, other]] : [])

const isUnresolved = (change: Change | undefined) =>
  change !== undefined && ['organizationId', 'amendmentId', 'exitAmendmentId'].some((field) => change.lost.has(field))

function daysIn(view: View): (signatory: Fields) => OwnDays {
  const amendments = new Map(view.all('amendment').map((one) => [one.id, one as unknown as AmendmentDates]))
  return (signatory) =>
    ownDays(
      signatory as unknown as SignatoryDates,
      amendments.get(signatory.amendmentId),
      amendments.get(signatory.exitAmendmentId),
    )
}

/** The later of two that were sent, or the one that changes. */
function bothSent(view: View, [later, earlier]: Pair): Finding[] {
  const changes = [later, earlier].map(({ id }) => view.changeOf(id) as Change)
  const [change] = changes.filter((one) => touches(one, ...daysFields))
  if (!change) return moved(view, [later, earlier])
  const other = changes.find((one) => one !== change)
  const message = `the organization is bound by ${other?.place.at('')} on some of the same days`
  return [finding(change, '/organizationId', 'bound-twice', message)]
}

function meetsStanding(
  view: View,
  sent: Fields,
  standing: Fields[],
  daysOf: (signatory: Fields) => OwnDays,
): Finding[] {
  const [first] = standing
  const change = view.changeOf(sent.id)
  if (!first || !change) return []
  if (!touches(change, ...daysFields)) return standing.flatMap((other) => moved(view, [sent, other]))
  return [takenBy(change, '/organizationId', boundAlready(daysOf(first)), standing)]
}

/** Two that meet because the day of an amendment moves: it is to blame, and names both. */
function moved(view: View, pair: Pair): Finding[] {
  const ids = pair.flatMap(({ amendmentId, exitAmendmentId }) => [amendmentId, exitAmendmentId])
  const amendment = ids.flatMap((id) => view.changeOf(id) ?? []).find((change) => touches(change, ...datesFields))
  if (!amendment) return []
  const pointer = touches(amendment, 'effectiveOn') ? '/effectiveOn' : '/signedOn'
  const areSent = pair.every(({ id }) => view.changeOf(id))
  const holders = pair.toReversed().map(({ id }) => ({ type: 'signatory' as const, id: id as string }))
  return [
    areSent
      ? finding(amendment, pointer, 'bound-twice', BOUND_TWICE)
      : finding(amendment, pointer, 'taken', BOUND_TWICE, holders),
  ]
}

/** Whether two that bind the same organization bind it on some of the same days. */
function overlap(one: OwnDays, other: OwnDays): boolean {
  const from = [one.from, other.from]
    .filter((day) => day !== null)
    .sort()
    .at(-1)
  const to = [one.to, other.to].filter((day) => day !== null).sort()[0]
  return !isEmpty(one) && !isEmpty(other) && (!from || !to || from <= to)
}

const isEmpty = ({ from, to }: OwnDays) => from !== null && to !== null && from > to
