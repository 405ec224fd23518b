/** Plan generator: axes with sub-axes, and under them actions with all that real ones have. */
import { priorities } from '../../src/domain/vocabularies/codes.ts'
import type { Random } from './random.ts'
import { findings, means, results, subjects, verbs } from './words.ts'

/** What the actions of a plan may name, by keys of its document. */
export interface Around {
  random: Random
  /** The years in which the convention runs. */
  years: { from: number; to: number }
  leads: readonly string[]
  partners: readonly string[]
  funders: readonly string[]
  sites: readonly string[]
  /** `<convention key>/<action key>` of what the actions may continue. */
  earlier: readonly string[]
}

interface Axis {
  key: string
  code: string
  parent: string | null
  label: string
  title: string
  subject: (typeof subjects)[number]
}

/** Axes, and so many actions under them. */
export function planOf(around: Around, actions: number) {
  const axes = axesOf(around.random)
  return {
    axes: axes.map(({ subject, ...axis }) => axis),
    actions: Array.from({ length: actions }, (_, i) => actionOf(around, axes, i)),
  }
}

function axesOf(random: Random): Axis[] {
  const label = random.pick(['axe', 'enjeu', 'orientation'])
  return random.some(subjects, random.whole(3, 6)).flatMap((subject, i) => {
    const key = String(i + 1)
    const axis = (of: string, parent: string | null, title: string) =>
      ({ key: of, code: of, parent, label, title, subject }) satisfies Axis
    const below = random.some(subject.objects, random.whole(0, 2))
    return [
      axis(key, null, `Axe inventé ${key} : ${subject.theme.replaceAll('-', ' ')}`),
      ...below.map((object, j) => axis(`${key}.${j + 1}`, key, `Agir pour ${object}`)),
    ]
  })
}

function actionOf(around: Around, axes: readonly Axis[], i: number) {
  const { random, years } = around
  const axis = random.pick(axes)
  const { subject } = axis
  const verb = random.pick(verbs)
  const object = random.pick(subject.objects)
  const from = random.whole(years.from, years.to)
  const status = random.pick(['planned', 'ongoing', 'ongoing', 'completed', 'completed', 'suspended', 'abandoned'])
  return {
    key: String(i + 1),
    code: `${axis.code}.${i + 1}`,
    title: `${verb.word} ${object} (action inventée)`,
    objective: `${verb.word} ${object} sur l'ensemble du territoire. ${random.pick(results)}`,
    description: random.some(means, random.whole(2, 4)).join(' '),
    context: random.pick(findings),
    expectedResults: random.pick(results),
    axes: [axis.key],
    carriedFrom: around.earlier.length > 0 && random.chance(0.3) ? random.pick(around.earlier) : null,
    nature: verb.nature,
    priority: random.pick(priorities),
    themes: [subject.theme],
    audiences: random.some(subject.audiences, random.whole(1, 2)),
    status,
    progress: { completed: 100, ongoing: random.whole(5, 95) }[status] ?? null,
    recurring: random.chance(0.1),
    startsOn: String(from),
    endsOn: String(random.whole(from, years.to)),
    lead: random.pick(around.leads),
    partners: random.some(around.partners, random.whole(0, 3)),
    resources: random.pick(means),
    funding: fundingOf(around, from),
    milestones: milestonesOf(random, from),
    indicators: indicatorsOf(random, from),
    reviews: status === 'completed' ? [{ year: years.to, text: random.pick(results), decision: 'continue' }] : [],
    serviceSites: random.some(around.sites, random.pick([0, 0, 1, 2])),
  }
}

function fundingOf({ random, years, funders }: Around, from: number) {
  return Array.from({ length: random.whole(1, 4) }, (_, i) => {
    const plannedCents = random.whole(5, 800) * 100_00
    return {
      year: Math.min(from + i, years.to),
      funder: random.pick(funders),
      scheme: random.pick(['bonus-territoire', 'pilotage-ctg', 'reaap', 'clas', 'fonds-propres', 'subvention']),
      plannedCents,
      paidCents: random.chance(0.5) ? Math.round(plannedCents * random.next()) : null,
    }
  })
}

function milestonesOf(random: Random, from: number) {
  return Array.from({ length: random.whole(1, 3) }, (_, i) => ({
    title: `Étape ${i + 1}`,
    dueOn: `${from}-${String(random.whole(1, 12)).padStart(2, '0')}`,
    doneOn: random.chance(0.4) ? `${from}-12` : null,
  }))
}

function indicatorsOf(random: Random, from: number) {
  return Array.from({ length: random.whole(1, 2) }, (_, i) => ({
    key: `indicateur-${i + 1}`,
    name: random.pick(['Nombre de familles accueillies', 'Nombre de rencontres tenues', 'Taux de satisfaction']),
    kind: random.pick(['output', 'result']),
    unit: random.pick(['familles par an', 'rencontres par an', '%']),
    baseline: random.whole(0, 20),
    target: random.whole(21, 100),
    measurements: Array.from({ length: random.whole(0, 3) }, (_, j) => ({
      on: String(from + j),
      value: random.whole(0, 100),
    })),
  }))
}
