/** Report of the reads: a table in Markdown, and a bar chart in SVG that reads on light and on dark. */

export interface Measure {
  row: string
  name: string
  coding: string
  /** How many different answers were requested. */
  ids: number
  /** Medians of the rounds; the service last. */
  contenders: {
    name: string
    perSecond: number
    p50Ms: number
    p99Ms: number
    /** Answers other than 2xx, in all rounds. */
    refused: number
    /** The mean length of an answer. */
    bytes: number
  }[]
}

export interface ReadResults {
  measures: Measure[]
  'round trips of one item': Record<string, number>
  'memory at most, MB': Record<string, number>
}

/** In the order in which they are shown, with their colours. */
const colours: Record<string, string> = {
  'bare Fastify': '#8b949e',
  'hand-written': '#d29922',
  platformatic: '#a371f7',
  before: '#3fb950',
  'service, CACHE_MB=0': '#79c0ff',
  service: '#1f6feb',
}
const names = Object.keys(colours)
/** The ratios of the table: of the service, then of the service without its cache. */
const ratios = [
  { title: 'of bare', of: 'service', to: 'bare Fastify' },
  { title: '× hand-written', of: 'service', to: 'hand-written' },
  { title: '× platformatic', of: 'service', to: 'platformatic' },
  { title: '× before', of: 'service', to: 'before' },
  { title: 'uncached × hand-written', of: 'service, CACHE_MB=0', to: 'hand-written' },
  { title: 'uncached × before', of: 'service, CACHE_MB=0', to: 'before' },
]

const rateOf = ({ contenders }: Measure, name: string) => contenders.find((one) => one.name === name)?.perSecond

/** Two figures that mean something: 0.066, 1.9, 25. */
const figures = (value: number) =>
  value >= 10 ? Math.round(value).toLocaleString('en') : `${Number(value.toPrecision(2))}`

/** The table, and a line on what is no rate. Columns of contenders that did not take part are left out. */
export function tableOf(results: ReadResults): string {
  const { measures } = results
  const took = (name: string) => measures.some((measure) => rateOf(measure, name) !== undefined)
  const compared = ratios.filter(({ of, to }) => took(of) && took(to))
  const titles = ['answer', 'bytes', ...names.filter(took), ...compared.map(({ title }) => title)]
  const lines = measures.map((measure) => {
    const rates = names.filter(took).map((name) => rateOf(measure, name))
    const shares = compared.map(({ of, to }) => {
      const [a, b] = [rateOf(measure, of), rateOf(measure, to)]
      return a !== undefined && b ? figures(a / b) : ''
    })
    const bytes = measure.contenders.at(-1)?.bytes ?? 0
    const answer = measure.coding === 'identity' ? measure.name : `${measure.name}, ${measure.coding}`
    return [
      answer,
      bytes.toLocaleString('en'),
      ...rates.map((rate) => (rate === undefined ? '' : figures(rate))),
      ...shares,
    ]
  })
  const widths = titles.map((title, i) => Math.max(title.length, ...lines.map((line) => (line[i] as string).length)))
  const aligned = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [aligned(titles), rule, ...lines.map(aligned), '', `${asideOf(results)}`].join('\n')
}

function asideOf(results: ReadResults): string {
  const list = (values: Record<string, number>, unit = '') =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}${unit}`)
      .join('; ')
  const trips = list(results['round trips of one item'])
  const refused = results.measures.flatMap(({ contenders }) => contenders).reduce((sum, one) => sum + one.refused, 0)
  return [
    `Round trips to the database of one action, at one connection: ${trips}.`,
    `Memory at most: ${list(results['memory at most, MB'], ' MB')}.`,
    ...(refused > 0 ? [`Answers that were no 2xx, and are not counted: ${refused}.`] : []),
  ].join('\n')
}

const WIDTH = 860
const LEFT = 230
const RIGHT = 70
const BAR = 13
const GAP = 16
const TOP = 52
const CAPTION = 'answers a second, on a logarithmic scale; in brackets, as a share of bare Fastify'

/** Rates of the answers that are not compressed, on a logarithmic scale, with the ratio to Fastify alone at each bar. */
export function chartOf({ measures }: ReadResults): string {
  const shown = measures.filter(({ coding }) => coding === 'identity')
  const took = names.filter((name) => shown.some((measure) => rateOf(measure, name) !== undefined))
  const rates = shown.flatMap(({ contenders }) => contenders.map(({ perSecond }) => perSecond))
  const [least, most] = [Math.floor(Math.log10(Math.min(...rates))), Math.ceil(Math.log10(Math.max(...rates)))]
  const x = (rate: number) => LEFT + ((Math.log10(rate) - least) / (most - least)) * (WIDTH - LEFT - RIGHT)
  const parts: string[] = []
  let y = TOP
  for (const measure of shown) {
    const bars = took.filter((name) => rateOf(measure, name) !== undefined)
    parts.push(text(LEFT - 10, y + (bars.length * BAR) / 2, measure.name, 'end'))
    const bare = rateOf(measure, 'bare Fastify') as number
    for (const name of bars) {
      const rate = rateOf(measure, name) as number
      const width = Math.max(1, x(rate) - LEFT).toFixed(1)
      parts.push(`<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 2}" rx="2" fill="${colours[name]}"/>`)
      const label = name === 'bare Fastify' ? figures(rate) : `${figures(rate)} (${figures(rate / bare)})`
      parts.push(text(x(rate) + 5, y + BAR / 2 - 1, label, 'start', 'small'))
      y += BAR
    }
    y += GAP
  }
  const decades = Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i))
  const grid = decades.flatMap((rate) => [
    `<line x1="${x(rate).toFixed(1)}" x2="${x(rate).toFixed(1)}" y1="${TOP - 6}" y2="${y - GAP + 6}"/>`,
    text(x(rate), y + 2, rate.toLocaleString('en'), 'middle', 'small'),
  ])
  const legend = took.map((name, i) => {
    const at = 20 + i * ((WIDTH - 20) / took.length)
    return `<rect x="${at}" y="12" width="11" height="11" rx="2" fill="${colours[name]}"/>${text(at + 17, 18, name, 'start')}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 34}" role="img" aria-label="Reads a second">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 10px; fill: #59636e }
line { stroke: #8b949e; stroke-opacity: .35 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } }
</style>
${[...legend, ...grid, ...parts, text(LEFT, y + 20, CAPTION, 'start', 'small')].join('\n')}
</svg>
`
}

const text = (x: number, y: number, words: string, anchor: string, kind?: string) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" dy=".35em" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ''}>${words}</text>`

const START = '<!-- what `npm run bench -- reads --keep` writes -->\n'
const END = '<!-- the end of it -->\n'

/** The document with the results between its two marks; throws if it has none. */
export function placedIn(document: string, kept: KeptReads): string {
  const [from, to] = [document.indexOf(START), document.indexOf(END)]
  if (from < 0 || to < from) throw new Error('The document has no place for the reads.')
  return `${document.slice(0, from)}${START}${sectionOf(kept)}${END}${document.slice(to + END.length)}`
}

export interface KeptReads {
  size: number
  rounds: number
  machine: { cores: number }
  results: ReadResults
}

const sectionOf = ({ size, rounds, machine, results }: KeptReads) => `
![Reads a second, by what is read and who answers](../bench/results/reference-reads.svg)

Reads a second at size ${size}, medians of ${rounds} rounds on ${machine.cores} cores, 32 connections:

${tableOf(results)}

`
