/** OWASP API7:2023, server side request forgery: the registry keeps addresses that it is given and asks none of them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { apiOf, newWorld } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openRegistry } from '../support/registry.ts'

t.test('no address in a body, a header or a query is ever asked', async (t) => {
  let asked = 0
  const trap = createServer((_request, response) => {
    asked += 1
    response.end()
  })
  trap.on('connection', () => {
    asked += 1
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  t.teardown(() => trap.close())
  const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/secret`

  const registry = await openRegistry(t)
  const { path, caf } = await newWorld(registry)
  const api = apiOf(registry)
  const documents = [{ kind: 'convention', title: 'Convention', url }]
  await api.change(path, { documents })
  await api.create(`${path}/amendments`, { kinds: ['other'], documents })
  await api.change(`/organizations/${caf.id}`, { website: url })
  const site = await api.create('/service-sites', { name: 'Lieu', website: url })
  t.equal(site.website, url)
  const whole = {
    title: 'CTG',
    caf: 'caf',
    organizations: [{ key: 'caf', kind: 'caf', name: 'Caf', territory: 'departement:61', website: url }],
    documents,
  }
  const put = await registry.request('PUT', '/v1/sources/s/conventions/k', { key: ADMIN_KEY, body: whole })
  t.equal(put.status, 201, put.text)
  for (const headers of [
    { host: new URL(url).host },
    { 'x-forwarded-host': new URL(url).host },
    { referer: url, origin: url },
  ])
    for (const asking of ['/v1/conventions?limit=1', '/', '/openapi.json'])
      await registry.request('GET', asking, { headers })
  await registry.request('GET', `/v1/conventions?cursor=${encodeURIComponent(url)}`)
  t.equal(asked, 0)
})
