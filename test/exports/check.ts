/**
 * The exports, opened by the programs that people open them with: CSV by LibreOffice, GeoJSON by GDAL. Each cell and
 * each place arrives as the API says it. Run by `npm run check:exports`; it needs both programs.
 */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { loadExample } from '../../src/seed.ts'
import { apiOf } from '../support/api.ts'
import { openRegistry } from '../support/registry.ts'

const run = promisify(execFile)
const NEEDED = { soffice: 'libreoffice-calc-nogui', ogr2ogr: 'gdal-bin' }

for (const [program, bundle] of Object.entries(NEEDED)) {
  const isThere = await run(program, ['--version']).catch(() => undefined)
  if (isThere) continue
  t.fail(`the exports need the program ${program}: apt-get install ${bundle}`)
  process.exit(1)
}

t.setTimeout(300_000)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'exports-'))
t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }))
const registry = await openRegistry(t)
const { app, db } = registry
await loadExample(db, new Date())
await apiOf(registry).create('/service-sites', {
  name: 'L\'œil ; "l\'autre", et la suite',
  description: '=1+1\n- une liste\n- "deux"',
  communeCode: '01004',
  phone: '+33123456789',
  latitude: -12.780949,
  longitude: 45.227872,
  stops: [{ communeCode: '97608', latitude: -12.75, longitude: 45.2 }, { communeCode: '97610' }],
})
const receive = async (path: string) => (await app.inject(path)).body

/** What the program makes of a CSV: its cells as text. `columns` says that each column is text, as its dialog offers. */
async function openedBySpreadsheet(csv: string, columns: string): Promise<string[][]> {
  const [file, out] = [path.join(folder, 'list.csv'), path.join(folder, 'out')]
  fs.writeFileSync(file, csv)
  await run('soffice', [
    ...[`-env:UserInstallation=file://${folder}/profile`, '--headless', `--infilter=CSV:44,34,76,1,${columns}`],
    ...['--convert-to', 'csv:Text - txt - csv (StarCalc):44,34,76,1', '--outdir', out, file],
  ])
  return parse(fs.readFileSync(path.join(out, 'list.csv')), { bom: true })
}

for (const list of ['service-sites', 'actions', 'conventions', 'organizations', 'statistics/coverage'])
  t.test(`the CSV of ${list} opens as it is in LibreOffice`, async (t) => {
    const csv = await receive(`/v1/${list}?format=csv`)
    const rows: string[][] = parse(csv, { bom: true })
    t.ok(rows.length > 1)
    const allText = rows[0]?.map((_, i) => `${i + 1}/2`).join('/') ?? ''
    t.same(await openedBySpreadsheet(csv, allText), rows)
    const asItGuesses = await openedBySpreadsheet(csv, '')
    t.same(asItGuesses[0], rows[0])
    t.same(
      asItGuesses.map((row) => row.length),
      rows.map((row) => row.length),
    )
    t.notOk(
      asItGuesses.flat().some((cell) => /^(Err:|#)/.test(cell)),
      'nothing is taken for a formula',
    )
  })

t.test('the GeoJSON of the sites opens in GDAL, each where it is', async (t) => {
  const { data } = JSON.parse(await receive('/v1/service-sites?limit=200')) as { data: Site[] }
  const file = path.join(folder, 'sites.geojson')
  fs.writeFileSync(file, await receive('/v1/service-sites?format=geojson'))
  const { stdout } = await run('ogr2ogr', ['-f', 'CSV', '/vsistdout/', file, '-lco', 'GEOMETRY=AS_XY'])
  const opened: Record<string, string>[] = parse(stdout, { columns: true })
  const places = data.flatMap((site) => [site, ...site.stops.map((stop) => ({ ...site, ...stop }))])
  t.ok(places.length > data.length)
  t.same(
    opened.map(({ name, X, Y }) => [name, X || null, Y || null].map(String)),
    places.map(({ name, longitude, latitude }) => [name, longitude, latitude].map(String)),
  )
})

interface Place {
  latitude: number | null
  longitude: number | null
}

interface Site extends Place {
  name: string
  stops: Place[]
}
