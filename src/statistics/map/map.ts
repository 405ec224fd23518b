/**
 * Map of coverage: the départements by the share of their inhabitants who are covered, as one SVG document that stands
 * alone. Shares differ in lightness, and what is unknown has a pattern, so that it is read in grey and by
 * colour-blind people. Only attributes give colours: the security policy of the service blocks styles.
 */
import type { Language } from '../../engine/read/formats/writer.ts'
import { escapeMarkup } from '../../http/output/markup.ts'
import type { Coverage } from '../schema.ts'
import { GRID, outlines } from './outlines.ts'
import { dayIn, type MapWords, percentIn, words } from './words.ts'

const PAGE = { width: 900, height: 736 }
const MARGIN = 24
const MAP = { x: 150, y: 92 }
const INSET = { x: MARGIN, y: 112, size: 116, codes: ['75', '92', '93', '94'], from: { x: 302.5, y: 132.5, size: 23 } }
const OVERSEAS = { x: MARGIN, y: 356, square: 42, step: 56, codes: ['971', '972', '973', '974', '976'] }
const LEGEND = { x: 766, y: 286, square: 22, step: 30 }

const INK = '#1d2733'
const SOFT = '#56657a'
const BORDER = '#5b6b6a'
/** From the lowest share to the highest, each a fifth: lightness alone tells them apart. */
const shades = ['#e2ecea', '#c3dfdb', '#7dbab3', '#3a8e88', '#0f5c5c']
const NONE = 'coverage-none'

/** The SVG document of these rows, of which it shows the départements and the country. */
export function coverageMap(rows: Coverage[], language: Language): string {
  const says = words[language]
  const country = rows.find(({ kind }) => kind === 'country')
  const departments = rows.filter(({ kind }) => kind === 'departement')
  const { validOn = '', asOf = null } = rows[0] ?? {}
  const title = says.title(dayIn(validOn, language))
  const subtitles = [country && countryWords(country, says, language), asOf && says.knownAt(asOf)].filter(
    (one) => typeof one === 'string',
  )
  const byCode = new Map(departments.map((row) => [row.code ?? '', row]))
  const fill = (code: string) => fillOf(byCode.get(code))
  const name = (code: string) => nameOf(byCode.get(code), code, language)
  const parts = [
    `<title id="coverage-title">${escapeMarkup(title)}</title>`,
    `<desc id="coverage-description">${escapeMarkup([...subtitles, classWords(departments, language)].join('. '))}</desc>`,
    `<defs><pattern id="${NONE}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="1.5" height="6" fill="#9aa5a4"/></pattern></defs>`,
    `<rect width="${PAGE.width}" height="${PAGE.height}" fill="#fff"/>`,
    text(MARGIN, 40, title, 'font-size="18" font-weight="bold"'),
    ...subtitles.map((one, i) => text(MARGIN, 64 + 20 * i, one, 'font-size="14"')),
    metropolitan([...outlines.keys()], `translate(${MAP.x} ${MAP.y})`, fill, name),
    inset(says, fill, name),
    overseas(byCode, says, language),
    legend(language),
    ...says.credit.map((line, i) => text(MARGIN, PAGE.height - 34 + 16 * i, line, `font-size="11" fill="${SOFT}"`)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${PAGE.width}" height="${PAGE.height}" viewBox="0 0 ${PAGE.width} ${PAGE.height}" lang="${language}" role="img" aria-labelledby="coverage-title" aria-describedby="coverage-description" font-family="Helvetica, Arial, sans-serif" fill="${INK}">
${parts.join('\n')}
</svg>
`
}

const text = (x: number, y: number, words: string, attributes = 'font-size="13"') =>
  `<text x="${x}" y="${y}" ${attributes}>${escapeMarkup(words)}</text>`

const square = (x: number, y: number, size: number, fill: string, title = '') =>
  `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="${fill}" stroke="${BORDER}" stroke-width="0.7">${title}</rect>`

/** The share of all who are covered, whether the end is known or not. */
const shareOf = ({ total, covered, withoutEnd }: Coverage) =>
  total.population === 0 ? 0 : (covered.population + withoutEnd.population) / total.population

const isKnown = ({ covered, withoutEnd }: Coverage) => covered.conventions + withoutEnd.conventions > 0

const classOf = (row: Coverage) => Math.min(Math.floor(shareOf(row) * shades.length), shades.length - 1)

const fillOf = (row: Coverage | undefined) =>
  (row && isKnown(row) ? shades[classOf(row)] : undefined) ?? `url(#${NONE})`

/** `Orne (61): 8.8%`, as a browser shows it under the pointer. */
function nameOf(row: Coverage | undefined, code: string, language: Language): string {
  const share = row && isKnown(row) ? percentIn(shareOf(row), language) : words[language].none
  return `<title>${escapeMarkup(`${row?.name ?? ''} (${code}): ${share}`.trim())}</title>`
}

function countryWords(country: Coverage, says: MapWords, language: Language): string {
  const { population } = country.total
  const open = population === 0 ? 0 : country.withoutEnd.population / population
  return says.country(percentIn(shareOf(country), language), percentIn(open, language))
}

/** `0–20%`, of a class of shares. */
const bandOf = (i: number, language: Language) =>
  `${(100 / shades.length) * i}–${percentIn((i + 1) / shades.length, language)}`

/** How many départements there are of each class. */
function classWords(departments: Coverage[], language: Language): string {
  const { by, none } = words[language]
  const known = departments.filter(isKnown)
  const bands = shades.map((_, i) => `${bandOf(i, language)} ${known.filter((row) => classOf(row) === i).length}`)
  return by([...bands, `${none} ${departments.length - known.length}`].join(', '))
}

type OfCode = (code: string) => string

const metropolitan = (codes: readonly string[], transform: string, fill: OfCode, name: OfCode) =>
  `<g transform="${transform} scale(${1 / GRID})" stroke="${BORDER}" stroke-width="1.2" stroke-linejoin="round">
${codes.map((code) => `<path fill="${fill(code)}" d="${outlines.get(code) ?? ''}">${name(code)}</path>`).join('\n')}
</g>`

/** Paris and the départements around it, which are a dot otherwise. */
function inset({ inset: label }: MapWords, fill: OfCode, name: OfCode): string {
  const { x, y, size, from, codes } = INSET
  const shown = [...outlines.keys()].filter((code) => codes.includes(code))
  return `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="${from.x} ${from.y} ${from.size} ${from.size}">
${metropolitan(shown, '', fill, name).replace('stroke-width="1.2"', 'stroke-width="0.2"')}
</svg>
${text(x, y - 8, label)}`
}

function overseas(byCode: ReadonlyMap<string, Coverage>, says: MapWords, language: Language): string {
  const { x, y, square: size, step, codes } = OVERSEAS
  const squares = codes.map((code, i) => {
    const row = byCode.get(code)
    const top = y + step * i
    return [
      square(x, top, size, fillOf(row), nameOf(row, code, language)),
      text(x + size + 8, top + 18, row?.name ?? code),
      text(
        x + size + 8,
        top + 35,
        row && isKnown(row) ? percentIn(shareOf(row), language) : says.none,
        `font-size="12" fill="${SOFT}"`,
      ),
    ].join('')
  })
  return [text(x, y - 12, says.overseas), ...squares].join('\n')
}

function legend(language: Language): string {
  const { legend: heading, none } = words[language]
  const { x, y, square: size, step } = LEGEND
  const entries = [
    ...shades.map((fill, i) => ({ fill, words: bandOf(i, language) })).reverse(),
    { fill: `url(#${NONE})`, words: none },
  ]
  return [
    ...heading.map((line, i) => text(x, y - 34 + 18 * i, line, 'font-size="13" font-weight="bold"')),
    ...entries.map(
      ({ fill, words }, i) => square(x, y + step * i, size, fill) + text(x + size + 9, y + step * i + 16, words),
    ),
  ].join('\n')
}
