/** What people and programs find without a browser: all that is filled in can be asked for, and the home page is data too. */
import t from 'tap'
import type { Document } from '../../src/http/openapi/types.ts'
import { loadExample } from '../../src/seed.ts'
import { openRegistry } from '../support/registry.ts'
import { requiredQuery } from '../support/required-query.ts'

const NOW = '2026-03-15T12:00:00Z'

const { app, db } = await openRegistry(t, { now: NOW })
await loadExample(db, new Date(NOW))
const document = JSON.parse(app.openapi.json()) as Document

t.test('every open read answers 200 with the parameters that are filled in', async (t) => {
  for (const [path, { get }] of Object.entries(document.paths)) {
    // A stream never ends.
    const isOpen = get?.security?.some((one) => Object.keys(one).length === 0) || !path.startsWith('/v1/')
    if (!get || !isOpen || get.operationId === 'streamChanges') continue
    const parameters = (get.parameters ?? []).filter((one) => 'name' in one)
    const url = parameters.reduce((url, { name, example }) => url.replace(`{${name}}`, String(example)), path)
    t.equal((await app.inject(url + requiredQuery(get))).statusCode, 200, get.operationId)
    t.notOk(
      parameters.some((one) => one.in !== 'path' && one.example !== undefined && !one.required),
      `${get.operationId} fills in no filter`,
    )
  }
})

t.test('programs get the home page as JSON', async (t) => {
  const { headers, body } = await app.inject({ url: '/', headers: { accept: 'application/json' } })
  t.match(headers['content-type'], 'application/json')
  t.match(JSON.parse(body), { name: 'CTG registry', links: { documentation: '/docs', openapi: '/openapi.json' } })
})
