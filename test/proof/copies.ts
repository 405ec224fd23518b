/** The registry as it stood, asked for in the two other ways that there are: snapshots, and single resources `asOf`. */
import { resources } from '../../src/domain/resources.ts'
import { type Copy, differences } from '../support/mirror.ts'
import { copyAt } from './judge.ts'
import type { Journal, Script } from './oracle.ts'
import { markOf, type Plan, type Reader } from './reader.ts'
import type { Stage } from './stage.ts'

export interface Photograph {
  position: number
  contents: Copy
}

export interface Taken extends Photograph {
  /** Which reader: the index of its plan. */
  place: number
}

/** How many copies were compared, and in how many resources they differ. */
export interface Comparison {
  compared: number
  differing: number
}

/** Compares the copies that readers made with the registry, by the photographs taken of it and by its past. */
export async function compareCopies(
  stage: Stage,
  readers: readonly Reader[],
  taken: readonly Taken[],
  journal: Journal,
  random: () => number,
): Promise<Record<string, Comparison>> {
  const last: Taken[] = []
  for (const [place, { plan }] of readers.entries()) last.push({ ...(await photograph(stage, plan)), place })
  // What was hidden when a reader came to it is missing on the way, and only that; at the end nothing is.
  const differing = ({ contents, place, position }: Taken, script?: Script) =>
    differences(contents, copyAt(readers[place] as Reader, position, script)).length
  const past: Comparison[] = []
  for (const [place, reader] of readers.entries())
    if (isUnfiltered(reader.plan)) past.push(await comparePast(stage, reader, place, journal, random))
  return {
    'at the end': { compared: last.length, differing: sum(last.map((one) => differing(one))) },
    'at snapshots taken meanwhile': {
      compared: taken.length,
      differing: sum(taken.map((one) => differing(one, journal.scripts[one.place]))),
    },
    'as of instants': {
      compared: sum(past.map(({ compared }) => compared)),
      differing: sum(past.map((one) => one.differing)),
    },
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

export const isUnfiltered = ({ filter }: Plan) => Object.keys(filter).length === 0

/** What a plan sees at this moment; rejects when it broke off. */
export async function photograph({ ask }: Stage, { filter, isKeyed }: Plan): Promise<Photograph> {
  const answer = await ask(`/v1/snapshot?${new URLSearchParams(filter)}`, { isKeyed })
  const [first, ...lines] = (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const last = lines.pop()
  if (!answer.ok || !last?.complete || last.count !== lines.length) throw new Error('the snapshot broke off')
  const contents = lines.map(({ type, id, version, data }) => [`${type} ${id}`, `${version} ${markOf(data)}`] as const)
  return { position: first.position, contents: new Map(contents) }
}

const PAST_QUESTIONS = 100
const PAST_EACH = 10

/** Asks for single resources as they stood at positions, and compares them with the copy that a reader had there. */
async function comparePast(
  { ask }: Stage,
  reader: Reader,
  place: number,
  { commits, scripts }: Journal,
  random: () => number,
): Promise<Comparison> {
  let differing = 0
  const positions = [...commits.keys()]
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
  const { isKeyed, isLate } = reader.plan
  // Who may not see a thing now is not shown its past: a late reader gets as little, a follower got more.
  // With a key all is shown, also what is gone.
  const seen = new Set(reader.delivered.map(({ type, resourceId }) => `${type} ${resourceId}`))
  const names = [...(isKeyed || isLate ? seen : copyAt(reader).keys())]
  for (let i = 0; i < PAST_QUESTIONS / PAST_EACH; i++) {
    const position = pick(positions)
    const copy = copyAt(reader, position, isKeyed || isLate ? undefined : scripts[place])
    for (let j = 0; j < PAST_EACH; j++) {
      const name = pick(names)
      const [type = '', id] = name.split(' ')
      const answer = await ask(
        `/v1${resources[type as keyof typeof resources].path}/${id}?asOf=${commits.get(position)?.at}`,
        reader.plan,
      )
      const body = (await answer.json()) as { version: number }
      const stood = answer.ok ? `${body.version} ${markOf(body)}` : undefined
      if (stood !== copy.get(name)) differing += 1
    }
  }
  return { compared: PAST_QUESTIONS, differing }
}
