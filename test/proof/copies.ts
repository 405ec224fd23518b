/** The registry as it stood, asked for in the two other ways that there are: snapshots, and single resources `asOf`. */
import type { Copy } from '../support/mirror.ts'
import { copyAt } from './judge.ts'
import type { Journal } from './oracle.ts'
import { markOf, type Plan, type Reader } from './reader.ts'
import type { Stage } from './stage.ts'

export interface Photograph {
  position: number
  contents: Copy
}

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

const collections: Record<string, string> = {
  convention: 'conventions',
  amendment: 'amendments',
  organization: 'organizations',
  signatory: 'signatories',
  axis: 'axes',
  action: 'actions',
  'service-site': 'service-sites',
}

const PAST_QUESTIONS = 300
const PAST_EACH = 10

/** Asks for single resources as they stood at positions; answers what differs from the copy that a reader had there. */
export async function comparePast({ ask }: Stage, reader: Reader, { commits }: Journal, random: () => number) {
  const faults: string[] = []
  // Until single resources know asOf.
  if (!(await (await ask('/openapi.json')).text()).includes('asOf')) return { asked: 0, faults }
  const positions = [...commits.keys()]
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
  const names = [...new Set(reader.told.map(({ type, resourceId }) => `${type} ${resourceId}`))]
  for (let i = 0; i < PAST_QUESTIONS / PAST_EACH; i++) {
    const position = pick(positions)
    const copy = copyAt(reader, position)
    for (let j = 0; j < PAST_EACH; j++) {
      const name = pick(j % 4 === 0 ? names : [...copy.keys(), ...names.slice(0, 1)])
      const [type = '', id] = name.split(' ')
      const answer = await ask(`/v1/${collections[type]}/${id}?asOf=${commits.get(position)?.at}`, reader.plan)
      const body = (await answer.json()) as { version: number }
      const stood = answer.ok ? `${body.version} ${markOf(body)}` : undefined
      if (stood !== copy.get(name)) faults.push(`${name} at position ${position}: ${answer.status}`)
    }
  }
  return { asked: PAST_QUESTIONS, faults }
}
