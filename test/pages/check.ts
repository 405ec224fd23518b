/**
 * The pages for people, looked at in a real browser as a reader does: nothing is missing or refused, the groups stand
 * in order, and Execute with what is filled in answers 200 at once. Run by `npm run check:pages`; it needs Chromium.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import t from 'tap'
import type { Document } from '../../src/http/openapi/types.ts'
import { loadExample } from '../../src/seed.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openRegistry } from '../support/registry.ts'

const EXECUTABLE = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

if (!fs.existsSync(EXECUTABLE)) {
  t.fail(`the pages need the browser Chromium at ${EXECUTABLE}: apt-get install chromium`)
  process.exit(1)
}

/** Of the slowest machine: a browser that starts for the first time takes its time, and so does a page for axe-core. */
const TIMEOUT_MS = 900_000
const PATIENCE_MS = 120_000
t.setTimeout(TIMEOUT_MS)
const { app, db } = await openRegistry(t, { now: '2026-03-15T12:00:00Z' })
await loadExample(db, new Date('2026-03-15T12:00:00Z'))
const address = await app.listen({ port: 0 })
const document = JSON.parse(app.openapi.json()) as Document
const browser: Browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS })
t.teardown(() => browser.close())

/** A page, and what the browser complained of while it was looked at: policies, scripts, missing files. */
async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => {
    const error = request.failure()?.errorText
    // A page that is left asks for nothing more.
    if (error !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${error}`)
  })
  page.on('request', (request) => {
    const { protocol } = new URL(request.url())
    if (!request.url().startsWith(address) && protocol !== 'data:') complaints.push(`${request.url()} was asked for`)
  })
  await page.goto(`${address}${path}`, { waitUntil: 'load' })
  return { page, complaints }
}

/** The status of the live answer to an open operation that is executed as it is filled in. */
async function execute(operation: Locator): Promise<string> {
  await operation.locator('.execute').click()
  return (await operation.locator('.live-responses-table .response-col_status').last().innerText()).trim()
}

t.test('the documentation loads without a complaint, with its groups in reading order and closed models', async (t) => {
  const { page, complaints } = await open('/docs')
  await page.waitForSelector('.opblock-tag')
  const groups = await page
    .locator('.opblock-tag')
    .evaluateAll((tags) => tags.map((tag) => tag.getAttribute('data-tag')))
  t.same(
    groups,
    (document.tags as { name: string }[]).map(({ name }) => name),
  )
  t.equal(await page.locator('.models.is-open').count(), 0)
  t.equal(await page.title(), 'CTG registry: documentation')
  t.match(await page.locator('.info').innerText(), 'Reading is free and needs no key')
  t.same(complaints, [])
  await page.close()
})

t.test('a link leads to an operation, and Execute answers 200 at once; a key that was given is kept', async (t) => {
  const { page, complaints } = await open('/docs#/Conventions/listConventions')
  const list = page.locator('#operations-Conventions-listConventions')
  t.equal(await execute(list), '200')
  t.match(await list.innerText(), /Request duration\s+\d+ ms/)
  const one = page.locator('#operations-Conventions-getConvention')
  await one.locator('.opblock-summary-control').click()
  t.equal(await execute(one), '200')
  await page.locator('.btn.authorize').first().click()
  await page.locator('.auth-container input').fill(ADMIN_KEY)
  await page.locator('.auth-container .authorize').click()
  await page.goto(`${address}/docs#/Sync/putSourceConvention`)
  await page.reload()
  const put = page.locator('#operations-Sync-putSourceConvention')
  t.equal(await execute(put), '200', 'a document is put with it')
  t.match(await put.locator('.request-url').innerText(), 'dryRun=true')
  await page.locator('.forget').click()
  await page.locator('.forget').waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.key').waitFor()
  t.equal(await page.locator('.forget').count(), 0, 'until it is forgotten')
  t.same(complaints, [])
  await page.close()
})

t.test(
  'an operation is found by words of its path and summary, and two clicks away by its group, on a phone too',
  async (t) => {
    const { page, complaints } = await open('/docs')
    await page.setViewportSize({ width: 390, height: 844 })
    t.equal(await page.locator('meta[name="viewport"]').count(), 1)
    const find = page.locator('.operation-filter-input')
    await find.fill('history actions')
    await page.locator('.opblock').nth(1).waitFor({ state: 'detached' })
    t.equal(await page.locator('#operations-Actions-listActionVersions').count(), 1)
    await find.fill('')
    await page.locator('nav a', { hasText: 'Territories' }).click()
    const group = page.locator('#operations-tag-Territories')
    await page.waitForFunction(
      (top) => Math.abs(top?.getBoundingClientRect().top ?? 1_000) < 200,
      await group.elementHandle(),
    )
    const { scrollWidth } = (await page.evaluate('({ scrollWidth: document.documentElement.scrollWidth })')) as {
      scrollWidth: number
    }
    t.ok(scrollWidth <= 390, 'nothing is wider than the phone')
    t.same(complaints, [])
    await page.close()
  },
)

t.test('a stream is not executed but explained, lines of JSON are shown as they are', async (t) => {
  const { page, complaints } = await open('/docs#/Changes/streamChanges')
  const stream = page.locator('#operations-Changes-streamChanges')
  await stream.locator('.responses-table').waitFor()
  t.equal(await stream.locator('.execute, .try-out').count(), 0)
  t.match(await stream.innerText(), 'curl -N')
  const snapshot = page.locator('#operations-Changes-getSnapshot')
  await snapshot.locator('.opblock-summary-control').click()
  t.equal(await execute(snapshot), '200')
  t.match(await snapshot.locator('.live-responses-table').innerText(), '{"type":"organization"')
  t.notMatch(await snapshot.innerText(), "can't parse JSON")
  t.same(complaints, [])
  await page.close()
})

t.test('the operations are seen at once, and the page follows the colours of the reader', async (t) => {
  const { page } = await open('/docs')
  await page.waitForSelector('.opblock')
  const count = Object.values(document.paths).flatMap(Object.values).length
  t.equal(await page.locator('.opblock').count(), count)
  t.equal(await page.locator('.info a[href="/"]').count(), 1)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForSelector(colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)')
  }
  await page.close()
})

t.test('the home page leads to everything, and no link of it is broken', async (t) => {
  const { page, complaints } = await open('/')
  const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  const { links: told } = (await app.inject({ url: '/', headers: { accept: 'application/json' } })).json()
  t.ok((await app.inject('/guide')).body.includes('Reading is free'))
  t.same(
    Object.values(told).filter((link) => !links.includes(String(link))),
    ['/health/live'],
    'what programs are told, people find too, but for what is for programs only',
  )
  t.ok(links.includes('/problems/not-found'))
  for (const link of links.filter((one) => one.startsWith('/'))) t.equal((await app.inject(link)).statusCode, 200, link)
  for (const call of links.filter((link) => link.startsWith('/v1/') && link.includes('?')))
    t.ok((await app.inject(call)).json().data.length > 0, `${call} finds something`)
  t.same(complaints, [])
  await page.goto(`${address}/problems/invalid-body`, { waitUntil: 'load' })
  const text = await page.locator('main').innerText()
  for (const code of ['required', 'read-only', 'self-reference', 'invalid-phone']) t.match(text, `${code}: `)
  const further = await page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  t.ok(further.includes('/docs') && further.includes('/problems/not-found'))
  for (const link of further) t.equal((await app.inject(link)).statusCode, 200, link)
  t.same(complaints, [])
  await page.close()
})

t.test('the map of coverage is shown as it is, under the policy with which it comes', async (t) => {
  const { page, complaints } = await open('/v1/statistics/coverage?format=svg&validOn=2026-03-15')
  t.match(await page.locator('svg > title').first().textContent(), /on 15 March 2026$/)
  const orne = page.locator('path', { hasText: 'Orne (61): ' })
  t.ok(((await orne.boundingBox())?.width ?? 0) > 50)
  t.equal(
    await orne.evaluate((path) => path.ownerDocument.defaultView?.getComputedStyle(path).fill),
    'rgb(226, 236, 234)',
  )
  t.same(complaints, [])
  await page.close()
})

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string
  nodes: { target: string[] }[]
}

/** What axe-core finds serious on a page as it stands: rules, and the first place of each. */
async function seriousOn(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate('axe.run(document)')) as { violations: Violation[] }
  const isSerious = ({ impact }: Violation) => impact === 'serious' || impact === 'critical'
  return violations.filter(isSerious).map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)
}

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1440, 390])
    t.test(`axe-core finds nothing serious, ${colorScheme} and ${width} pixels wide`, async (t) => {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } })
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENCE_MS)
      for (const path of ['/', '/guide', '/problems/invalid-body']) {
        await page.goto(`${address}${path}`, { waitUntil: 'load' })
        t.same(await seriousOn(page), [], path)
      }
      await page.goto(`${address}/docs`)
      await page.waitForSelector('.opblock')
      t.same(await seriousOn(page), [], 'the documentation')
      await page.locator('.btn.authorize').first().click()
      await page.locator('.auth-container input').waitFor()
      t.same(await seriousOn(page), [], 'the dialog for a key')
      await page.locator('.btn-done').click()
      await page.goto(`${address}/docs#/Conventions/listConventions`)
      const operation = page.locator('#operations-Conventions-listConventions')
      await operation.locator('.execute').waitFor()
      t.same(await seriousOn(page), [], 'an operation')
      await operation.locator('.model-example button', { hasText: 'Schema' }).first().click()
      await operation.locator('.json-schema-2020-12-property').first().waitFor()
      t.same(await seriousOn(page), [], 'its schema')
      await context.close()
    })
