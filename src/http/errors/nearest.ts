/** Near matches: the known words that somebody who mistyped one may have meant. */

/** Longer words are not compared: they come from a caller, and resemble nothing that is known. */
const WORD_MAX = 40
const MATCHES_MAX = 3

/**
 * Up to three of the known words that are most like a word, the nearest first: at most a third of its letters differ,
 * or it begins as they do. Time grows with the number of known words.
 */
export function nearest(word: string, known: readonly string[]): string[] {
  const plain = plainOf(word)
  if (plain === '' || plain.length > WORD_MAX) return []
  const most = Math.max(1, Math.floor(plain.length / 3))
  return known
    .map((candidate) => ({ candidate, distance: distanceTo(plain, plainOf(candidate)) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MATCHES_MAX)
    .map(({ candidate }) => candidate)
}

/** The question that a message ends with, `; did you mean title or titles?`; empty without a near match. */
export function didYouMean(matches: readonly string[]): string {
  const last = matches.at(-1)
  if (last === undefined) return ''
  const others = matches.slice(0, -1)
  return `; did you mean ${others.length > 0 ? `${others.join(', ')} or ${last}` : last}?`
}

/** A message with the end that it needs. */
export const asSentence = (message: string): string => (message.endsWith('?') ? message : `${message}.`)

const plainOf = (word: string) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** How many letters are to be changed, added, left out or swapped with the next one; 1 for a beginning of three or more. */
function distanceTo(word: string, other: string): number {
  if (word.length >= 3 && other.startsWith(word)) return 1
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, j) => j)
  for (let i = 1; i <= word.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = word[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && word[i - 1] === other[j - 2] && word[i - 2] === other[j - 1]
      const changed = (last[j - 1] as number) + (isSame ? 0 : 1)
      const swapped = isSwapped ? (before[j - 2] as number) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(changed, swapped, (last[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    before = last
    last = row
  }
  return last[other.length] as number
}
