/**
 * Name key, by which names are compared: accents, case, hyphens, apostrophes and ligatures make no difference in it. It
 * holds only letters, digits and single spaces, so it is also safe as a search prefix.
 */

/** `L’Aigle`, `L'AIGLE` and `l aigle` give `l aigle`; text without any letter or digit gives an empty key. */
export function nameKey(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Every key that begins with the prefix sorts, by bytes, from `from` on and before `before`. */
export function prefixRange(prefix: string): { from: string; before: string } {
  return { from: prefix, before: `${prefix}\u{10FFFF}` }
}
