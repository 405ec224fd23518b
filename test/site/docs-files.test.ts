/** The files of the documentation, asked for by paths that no HTTP library would leave as they are. */
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openRegistry } from '../support/registry.ts'

const { app } = await openRegistry(t)
await app.listen({ port: 0, host: '127.0.0.1' })
const { port } = app.server.address() as AddressInfo

/** The status and the type of the answer to a path, sent as it is written. */
const ask = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent: false }, (answer) => {
      answer.resume()
      resolve(`${answer.statusCode} ${answer.headers['content-type']}`)
    })
      .once('error', reject)
      .end()
  })

t.test('a path of the documentation that is no file is a 404 like any other, however it is spelled', async (t) => {
  t.equal(await ask('/docs/static/swagger-ui.css'), '200 text/css; charset=utf-8')
  const dots = ['..', '.', '%2e%2e', '%2E.', '.%2e', '%2e', '%252e%252e', '...', '..;', '../', '../../x', '..?a=1']
  const slashes = ['..%2f', '..%2Fpackage.json', '%2e%2e%2fpackage.json', '%2f%2e%2e', 'a/../..', '/', '%2f', '//..']
  const others = ['..%5c', '..\\', '..%00', '%00', './swagger-ui.css', 'swagger-ui.css/', '.env', 'nothing.js']
  for (const path of [...dots, ...slashes, ...others].map((spelling) => `/docs/static/${spelling}`))
    t.equal(await ask(path), '404 application/problem+json', path)
  for (const path of ['/docs/..', '/docs/%2e%2e', '/docs/x', '/docs/static', '/..', '/%2e%2e/etc'])
    t.equal(await ask(path), '404 application/problem+json', path)
})

t.test('a HEAD before the first GET of a file leaves the file as it is', async (t) => {
  const url = '/docs/static/swagger-ui-bundle.js'
  t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
  const { statusCode, rawPayload } = await app.inject(url)
  t.equal(statusCode, 200)
  t.ok(rawPayload.length > 100_000)
})
