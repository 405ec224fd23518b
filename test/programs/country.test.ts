/** The invented country: the same bytes for a seed, the numbers that are promised, documents that are accepted. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import t from 'tap'
import { centreOf } from '../../bench/country/centres.ts'
import { countsOf, documentsOf } from '../../bench/country/country.ts'
import { readClock } from '../../src/db/clock.ts'
import { officialCode } from '../../src/domain/territories/official-code.ts'
import { loadFile } from '../../src/sync/load.ts'
import { openTestDatabase } from '../support/rows.ts'
import { childEnvironment } from '../support/service.ts'

interface Document {
  key: string
  title: string
  state: string
  predecessor: string | null
  organizations: { key: string; siren?: string; territory: string }[]
  signatories: unknown[]
  amendments: unknown[]
  axes: unknown[]
  actions: { funding: unknown[]; indicators: unknown[]; milestones: unknown[]; partners: unknown[] }[]
  serviceSites: { key: string; latitude?: number; openingHours: string | null; stops: unknown[] }[]
}

const generate = async (seed: number, size: number) =>
  (await Array.fromAsync(documentsOf({ seed, size }))) as unknown as Document[]
const digest = (documents: unknown[]) => createHash('sha256').update(JSON.stringify(documents)).digest('hex')

const small = await generate(7, 0.01)

t.test('the same seed gives the same country, another seed another one', async (t) => {
  t.equal(digest(await generate(7, 0.01)), digest(small))
  t.not(digest(await generate(8, 0.01)), digest(small))
})

t.test('a smaller country is the beginning of a larger one', async (t) => {
  const larger = await generate(7, 0.02)
  t.equal(digest(larger.slice(0, small.length)), digest(small))
})

t.test(
  'size 1 means 3,000 conventions, 120,000 actions and 60,000 sites, and what is written is what is promised',
  async (t) => {
    t.same(countsOf(1), { conventions: 3_000, actions: 120_000, serviceSites: 60_000 })
    let [conventions, actions] = [0, 0]
    const sites = new Set<string>()
    const keys = new Set<string>()
    for await (const document of documentsOf({
      seed: 1,
      size: 0.1,
    }) as AsyncIterable<unknown> as AsyncIterable<Document>) {
      conventions += 1
      actions += document.actions.length
      for (const { key } of document.serviceSites) sites.add(key)
      keys.add(document.key)
    }
    t.same({ conventions, actions, serviceSites: sites.size }, countsOf(0.1))
    t.equal(keys.size, conventions, 'no key comes twice')
  },
)

t.test('the bodies and places are those of the official code, and what is invented says so', async (t) => {
  const { territories } = await officialCode()
  const known = new Map(territories.map(({ kind, code, siren }) => [`${kind}:${code}`, siren]))
  for (const { title, organizations } of small) {
    t.match(title, /\(données inventées\)$/)
    for (const { siren, territory } of organizations) {
      if (!known.has(territory)) t.fail(`${territory} is no territory`)
      if (siren !== undefined && known.get(territory) !== siren) t.fail(`${siren} is not that of ${territory}`)
    }
  }
  const departments = territories.filter(({ kind, region_codes }) => kind === 'departement' && region_codes.length > 0)
  t.same(
    departments.filter(({ code }) => !centreOf(code)).map(({ code }) => code),
    [],
    'each département has a middle',
  )
})

t.test('there is something of everything that a registry holds', async (t) => {
  const actions = small.flatMap((document) => document.actions)
  const sites = small.flatMap(({ serviceSites }) => serviceSites)
  const some = {
    renewals: small.some(({ predecessor }) => predecessor !== null),
    amendments: small.some(({ amendments }) => amendments.length > 0),
    signatories: small.every(({ signatories }) => signatories.length >= 2),
    axes: small.every(({ axes }) => axes.length >= 3),
    funding: actions.every(({ funding }) => funding.length > 0),
    indicators: actions.every(({ indicators }) => indicators.length > 0),
    milestones: actions.every(({ milestones }) => milestones.length > 0),
    partners: actions.some(({ partners }) => partners.length > 0),
    places: sites.some(({ latitude }) => latitude !== undefined),
    hours: sites.some(({ openingHours }) => openingHours !== null),
    stops: sites.some(({ stops }) => stops.length > 0),
  }
  t.same(
    Object.entries(some).filter(([, isThere]) => !isThere),
    [],
  )
})

/** As in the real one: sites beyond the perimeter, amendments beyond the renewal, drafts that make organizations. */
const WARNED = ['outside-perimeter', 'overlaps-predecessor', 'public-organization']

t.test('each document is accepted in the order of the file, without an error', async (t) => {
  const db = await openTestDatabase(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'ctg-registry-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'country.ndjson')
  await writeFile(file, small.map((document) => `${JSON.stringify(document)}\n`).join(''))
  const { now } = await readClock(db)
  const loaded = await Array.fromAsync(loadFile(db, file, { source: 'country', now }))
  t.same(
    loaded.filter(({ outcome }) => outcome !== 'created'),
    [],
  )
  t.same(
    loaded.map(({ place }) => place),
    small.map((_, i) => `line ${i + 1}`),
    'none had to wait for one further down',
  )
  t.same(
    loaded.flatMap(({ warnings }) => warnings).filter(({ code }) => !WARNED.includes(code)),
    [],
  )
  const { conventions, actions, serviceSites } = countsOf(0.01)
  const { rows } = await sql`select (select count(*)::int from convention) as conventions,
    (select count(*)::int from action) as actions, (select count(*)::int from service_site) as "serviceSites"`.execute(
    db,
  )
  t.same(rows, [{ conventions, actions, serviceSites }])
})

t.test('the command writes the same, line by line, and says what it cannot do', async (t) => {
  const run = (...parameters: string[]) =>
    promisify(execFile)(process.execPath, ['bench/generate.ts', ...parameters], {
      env: childEnvironment,
      maxBuffer: 64 * 1024 * 1024,
    })
  const { stdout, stderr } = await run('--seed', '7', '--size', '0.01', '--out', '-')
  t.equal(
    digest(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ),
    digest(small),
  )
  t.match(stderr, 'generated 30 conventions with 1200 actions and 600 sites, all of it invented')
  await t.rejects(run('--size', '11', '--out', '-'), { code: 1, stderr: /usage:/ })
  await t.rejects(run(), { code: 1, stderr: /usage:/ })
  const folder = t.testdir({})
  await run('--seed', '7', '--size', '0.01', '--out', path.join(folder, 'country.ndjson'))
  t.equal(await readFile(path.join(folder, 'country.ndjson'), 'utf8'), stdout)
})
