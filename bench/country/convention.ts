/**
 * Convention generator: one invented convention as a document: signatories, amendments, plan and sites. Title and
 * summary say that it is invented; the bodies and territories that it names are real.
 */
import { association, caf, keyOf, type ListedOrganization, msa, type Perimeter, publicBody } from './places.ts'
import { planOf } from './plan.ts'
import { type Random, randomOf } from './random.ts'
import type { ListedSite } from './sites.ts'
import { findings, subjects } from './words.ts'

/** The invented country is seen from this year, whenever it is generated. */
const PRESENT = 2026
const PARTNERS = 6
const COMMUNES = 8

export interface Asked {
  seed: number
  perimeter: Perimeter
  years: { from: number; to: number }
  /** The one that it renews. */
  predecessor: Convention | null
  isLatest: boolean
  sites: readonly ListedSite[]
  actions: number
}

export interface Convention {
  key: string
  years: { from: number; to: number }
  document: Record<string, unknown>
  actionKeys: readonly string[]
}

export const conventionKey = ({ territory }: Perimeter, year: number) => `${keyOf(territory)}-${year}`

export function conventionOf(asked: Asked): Convention {
  const { seed, perimeter, years, predecessor, isLatest } = asked
  const { territory, department } = perimeter
  const key = conventionKey(perimeter, years.from)
  const random = randomOf(seed, key)
  const parties = partiesOf(perimeter, random)
  const { axes, actions } = planOf(
    {
      random,
      years,
      leads: keysOf([parties.territory, ...parties.communes, parties.caf]),
      partners: keysOf([...parties.partners, ...parties.communes]),
      funders: keysOf([parties.caf, parties.territory, parties.department]),
      sites: asked.sites.map(({ site }) => site.key),
      earlier: predecessor ? predecessor.actionKeys.map((action) => `${predecessor.key}/${action}`) : [],
    },
    asked.actions,
  )
  const amendments = amendmentsOf(random, years)
  const document = {
    key,
    title: `Convention territoriale globale, ${territory.name}, ${years.from}-${years.to} (données inventées)`,
    reference: `${years.from}-${random.whole(100, 999)}`,
    ...stateOf(random, years, isLatest),
    startsOn: String(years.from),
    endsOn: String(years.to),
    signedOn: `${years.from}-${String(random.whole(1, 12)).padStart(2, '0')}`,
    caf: caf(department).key,
    predecessor: predecessor?.key ?? null,
    territories: [`${territory.kind}:${territory.code}`],
    themes: [
      'petite-enfance',
      'enfance',
      'jeunesse',
      'parentalite',
      ...random.some(['acces-aux-droits', 'logement'], 1),
    ],
    summary: 'Données inventées pour essayer le registre : seuls les territoires et les collectivités sont réels.',
    needs: random.some(findings, random.whole(1, 3)).map((description) => ({
      theme: random.pick(subjects).theme,
      description,
    })),
    governance: [{ kind: 'steering', name: 'Comité de pilotage' }],
    organizations: distinct([
      ...Object.values(parties).flat(),
      ...asked.sites.flatMap(({ organizations }) => organizations),
    ]),
    amendments: amendments.map(({ isJoining, ...amendment }) => amendment),
    signatories: signatoriesOf(random, parties, amendments),
    axes,
    actions,
    serviceSites: asked.sites.map(({ site }) => site),
  }
  return { key, years, document, actionKeys: actions.map((action) => action.key) }
}

/** Only the latest of a chain may be a draft, for nothing public names one. */
function stateOf(random: Random, { from, to }: Convention['years'], isLatest: boolean) {
  if (isLatest && random.chance(0.04)) return { state: 'draft' }
  if (to >= PRESENT && from < PRESENT && random.chance(0.02))
    return { state: 'terminated', terminatedOn: `${PRESENT - 1}-12-31` }
  return { state: 'signed' }
}

interface Parties {
  caf: ListedOrganization
  territory: ListedOrganization
  department: ListedOrganization
  communes: ListedOrganization[]
  partners: ListedOrganization[]
}

function partiesOf({ territory, department, communes }: Perimeter, random: Random): Parties {
  const others = communes.filter(({ code }) => code !== territory.code)
  const numbers = random.some([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], PARTNERS)
  return {
    caf: caf(department),
    territory: publicBody(territory),
    department: publicBody(department),
    communes: random.some(others, COMMUNES).map(publicBody),
    partners: [msa(department), ...numbers.map((number) => association(department, number))],
  }
}

interface Amendment {
  key: string
  isJoining: boolean
}

function amendmentsOf(random: Random, { from, to }: Convention['years']): (Amendment & Record<string, unknown>)[] {
  return Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, (_, i) => {
    const kind = random.pick(['add-signatory', 'extend-period', 'change-content'])
    return {
      key: `avenant-${i + 1}`,
      isJoining: kind === 'add-signatory',
      kinds: [kind],
      title: `Avenant inventé n° ${i + 1}`,
      signedOn: `${from + i + 1}-06`,
      effectiveOn: `${from + i + 1}-07`,
      endsOn: kind === 'extend-period' ? `${to + 1}-06-30` : null,
    }
  })
}

/** The Caf and the territory from the beginning, communes from then or by an amendment. */
function signatoriesOf(random: Random, { caf: own, territory, communes }: Parties, amendments: readonly Amendment[]) {
  const joining = amendments.find(({ isJoining }) => isJoining)
  return [
    { key: own.key, organization: own.key },
    { key: territory.key, organization: territory.key },
    ...communes.map(({ key }) => ({
      key,
      organization: key,
      amendment: joining && random.chance(0.3) ? joining.key : null,
    })),
  ]
}

const keysOf = (organizations: readonly ListedOrganization[]) => organizations.map(({ key }) => key)

const distinct = (organizations: readonly ListedOrganization[]) => [
  ...new Map(organizations.map((one) => [one.key, one])).values(),
]
