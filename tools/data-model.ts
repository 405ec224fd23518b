/**
 * Picture of the data model, docs/data-model.svg: a box for each resource, with its references and the fields that it
 * cannot be without, as they are declared. `npm run data-model` writes it.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { resources } from '../src/domain/resources.ts'
import type { Resource } from '../src/engine/declaration/resource.ts'
import type { ResourceType } from '../src/engine/resource-types.ts'
import { camel, pluralOf } from '../src/engine/words.ts'
import { escapeMarkup } from '../src/http/output/markup.ts'

export const dataModelFile = path.join(import.meta.dirname, '../docs/data-model.svg')

/** Where the boxes stand: who, what they agree upon, and what it comes to. */
const COLUMNS: readonly (readonly ResourceType[])[] = [
  ['organization', 'signatory'],
  ['convention', 'amendment'],
  ['axis', 'action', 'service-site'],
]
const WIDTH = 240
const GAP = 100
const MARGIN = 16
const LINE = 18
const HEAD = 44
const BETWEEN = 26

interface Row {
  name: string
  to: ResourceType | undefined
  isList: boolean
}

interface Box {
  resource: Resource
  rows: Row[]
  /** Fields that are not shown. */
  others: number
  column: number
  x: number
  y: number
  height: number
}

/** The SVG, which reads on light and on dark. */
export function dataModel(): string {
  const boxes = COLUMNS.flatMap(placed)
  const height = Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN
  // On the right there is room for what leads to its own column.
  const width = 2 * MARGIN + COLUMNS.length * WIDTH + (COLUMNS.length - 0.5) * GAP
  const lines = boxes.flatMap((box) => box.rows.flatMap((row, i) => (row.to ? [lineOf(boxes, box, i, row.to)] : [])))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The data model">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.soft { fill: #59636e }
.box { fill: #fff; stroke: #8b949e }
.line { fill: none; stroke: #0b5394; stroke-opacity: .55 }
.end { fill: #0b5394 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .soft { fill: #9198a1 } .box { fill: #0d1117; stroke: #656c76 }
  .line { stroke: #8ec1f5 } .end { fill: #8ec1f5 }
}
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="end" d="M0 0 8 4 0 8z"/></marker></defs>
${[...lines, ...boxes.map(drawn)].join('\n')}
</svg>
`
}

function placed(types: readonly ResourceType[], column: number): Box[] {
  let y = MARGIN
  return types.map((type) => {
    const resource: Resource = resources[type]
    const rows = rowsOf(resource)
    const others = Object.keys(resource.declared).filter((name) => !rows.some((row) => row.name === name)).length
    const height = HEAD + (rows.length + (others > 0 ? 1 : 0)) * LINE + 8
    const box = { resource, rows, others, column, x: MARGIN + column * (WIDTH + GAP), y, height }
    y += height + BETWEEN
    return box
  })
}

/** What it belongs to, what it cannot be without, and what it refers to, in the order of the declaration. */
function rowsOf({ declared, references, relations, visibility }: Resource): Row[] {
  const belongs: Row[] = visibility === 'convention' ? [{ name: 'conventionId', to: 'convention', isList: false }] : []
  const own = Object.entries(declared).flatMap(([name, { facts }]): Row[] => {
    const relation = relations.find((one) => one.field === name)
    const { to, isList = false } = facts.reference ?? relation ?? {}
    return to || facts.presence === 'required' || facts.presence === 'fixed' ? [{ name, to, isList }] : []
  })
  const within = references
    .filter((one) => one.within !== undefined)
    .map(({ field, within, to }): Row => ({ name: `${within}[].${field}`, to, isList: true }))
  return [...belongs, ...own, ...within]
}

const rowY = (box: Box, i: number) => box.y + HEAD + i * LINE + LINE / 2

/** From a row to the head of the box that it refers to, through the gaps between the columns. */
function lineOf(boxes: readonly Box[], box: Box, i: number, to: ResourceType): string {
  const target = boxes.find(({ resource }) => resource.type === to) as Box
  const isLeftward = target.column < box.column
  const isBeside = target.column === box.column
  const x1 = isLeftward ? box.x : box.x + WIDTH
  const x2 = isLeftward || isBeside ? target.x + WIDTH : target.x
  const y1 = rowY(box, i)
  const y2 = target.y + HEAD / 2
  const bend = GAP * 0.6
  const [c1, c2] = isBeside ? [x1 + bend, x2 + bend] : isLeftward ? [x1 - bend, x2 + bend] : [x1 + bend, x2 - bend]
  return `<path class="line" marker-end="url(#end)" d="M${x1} ${y1}C${c1} ${y1} ${c2} ${y2} ${x2} ${y2}"/>`
}

function drawn(box: Box): string {
  const { resource, rows, others, x, y, height } = box
  const text = (line: number, words: string, kind = '') =>
    `<text x="${x + 12}" y="${line}" dy=".35em"${kind && ` class="${kind}"`}>${escapeMarkup(words)}</text>`
  const lines = rows.map(({ name, to, isList }, i) =>
    text(rowY(box, i), `${name}${to ? ` → ${camel(isList ? pluralOf(resources[to].path) : to)}` : ''}`),
  )
  return [
    `<rect class="box" x="${x}" y="${y}" width="${WIDTH}" height="${height}" rx="6"/>`,
    text(y + 15, camel(resource.type), 'title'),
    text(y + 31, resource.docs.french, 'soft'),
    ...lines,
    ...(others > 0 ? [text(rowY(box, rows.length), `and ${others} more fields`, 'soft')] : []),
  ].join('\n')
}

if (import.meta.main) await writeFile(dataModelFile, dataModel())
