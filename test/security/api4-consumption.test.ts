/** OWASP API4:2023, unrestricted resource consumption: every way to make much of little has an end. */
import { connect } from 'node:net'
import t from 'tap'
import { limits } from '../../src/config.ts'
import type { Document } from '../../src/http/openapi/types.ts'
import { outcomeOf } from '../support/api.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { openapiOf, openRegistry } from '../support/registry.ts'

const registry = await openRegistry(t)
const { app, request } = registry
const document = JSON.parse(await openapiOf(app)) as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

t.test('every operation but those of health has a limit of requests and says so', async (t) => {
  for (const { path, operation } of operations) {
    const isLimited = operation.responses[429] !== undefined
    t.equal(isLimited, !path.startsWith('/health/'), operation.operationId)
  }
})

t.test('bodies are refused by their size, their depth, their number of parts', async (t) => {
  const put = (body: string) => request('PUT', '/v1/sources/s/conventions/k', { key: ADMIN_KEY, body })
  t.equal(outcomeOf(await put(' '.repeat(limits.documentBytes + 1))), '413 payload-too-large')
  t.equal(outcomeOf(await put('['.repeat(limits.jsonDepth + 1))), '400 bad-request')
  const lists = `[${'[],'.repeat(limits.jsonEntries - 1)}0]`
  t.match((await put(`[${`${lists},`.repeat(31)}0]`)).body.detail, /more than 300000 objects and lists/)
  const post = (body: string) => request('POST', '/v1/organizations', { key: ADMIN_KEY, body })
  t.equal(outcomeOf(await post(' '.repeat(limits.bodyBytes + 1))), '413 payload-too-large')
})

t.test('a page, a wait, a URL and a cursor are never larger than they may be', async (t) => {
  for (const query of [
    `conventions?limit=${limits.pageItems + 1}`,
    'changes?limit=1001',
    'changes?wait=31',
    `conventions?cursor=${'x'.repeat(limits.cursorCharacters + 1)}`,
  ])
    t.equal((await request('GET', `/v1/${query}`)).status, 400, query.slice(0, 40))
  t.equal((await request('GET', `/v1/conventions?source=${'x'.repeat(limits.urlCharacters)}`)).status, 414)
})

t.test('the server states each of its limits', async (t) => {
  const { server } = app
  t.match(server, {
    maxConnections: limits.connections,
    // Ours, for some bodies have limits of their own: test/http/server/http-raw.test.ts.
    requestTimeout: 0,
    headersTimeout: limits.headersMs,
    keepAliveTimeout: limits.keepAliveMs,
    timeout: limits.idleSocketMs,
  })
})

t.test('requests sent far ahead of their answers end the connection, few are all answered', async (t) => {
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const answered = async (count: number) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    const last = 'GET /v1/vocabularies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count - 1) + last)
    await new Promise((resolve) => socket.once('close', resolve))
    return text.match(/HTTP\/1.1 200/g)?.length ?? 0
  }
  t.equal(await answered(limits.pipelined), limits.pipelined)
  t.equal(await answered(10_000), limits.pipelined)
  t.equal((await request('GET', '/v1/vocabularies')).status, 200)
})
