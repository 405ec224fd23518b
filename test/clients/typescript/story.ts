/**
 * What a program does with a client made by openapi-typescript and openapi-fetch: read, page through, follow the changes,
 * put a document, read a problem, create, change, meet a conflict, delete. Compiled and run beside its generated types,
 * `api.ts`; told the address and a key.
 */
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.ts'

type Action = components['schemas']['Action']
type ConventionDocument = components['schemas']['ConventionDocument']

const [, , baseUrl = '', key = '', conventionId = ''] = process.argv
const registry = createClient<paths, 'application/json' | 'application/problem+json'>({
  baseUrl,
  headers: { authorization: `Bearer ${key}` },
})

const { data: convention, response } = await registry.GET('/v1/conventions/{id}', {
  params: { path: { id: conventionId }, query: { include: ['caf'] } },
})
assert.equal(convention?.caf?.shortName, "Caf de l'Orne")
assert.match(response.headers.get('etag') ?? '', /^"\d+-/)

const actions: Action[] = []
let cursor: string | null | undefined
do {
  const { data: page } = await registry.GET('/v1/conventions/{id}/actions', {
    params: { path: { id: conventionId }, query: { limit: 2, ...(cursor && { cursor }) } },
  })
  actions.push(...(page?.data ?? []))
  cursor = page?.next
} while (cursor)
assert.equal(actions.length, 5)

const { data: feed } = await registry.GET('/v1/changes', { params: { query: { since: 'beginning' } } })
const titles = feed?.data.flatMap((change) => (change.type === 'action' && change.data ? change.data.title : []))
assert.equal(titles?.length, 5)

const document: ConventionDocument = {
  title: 'Convention of a story',
  caf: 'caf',
  state: 'signed',
  startsOn: '2022',
  organizations: [{ key: 'caf', kind: 'caf', name: 'Caf of a story' }],
  actions: [{ key: 'first', title: 'To be told' }],
}
const path = { source: 'story-typescript', key: 'story' }
const created = await registry.PUT('/v1/sources/{source}/conventions/{key}', { params: { path }, body: document })
assert.equal(created.response.status, 201)
assert.equal(created.data?.report.byType.actions.created, 1)
const again = await registry.PUT('/v1/sources/{source}/conventions/{key}', { params: { path }, body: document })
assert.deepEqual([again.response.status, again.data?.report.created, again.data?.report.updated], [200, 0, 0])

const wrong = { ...document, startsOn: '2022-02-30', caf: 'nobody' }
const { error } = await registry.PUT('/v1/sources/{source}/conventions/{key}', { params: { path }, body: wrong })
assert.equal(error?.type, '/problems/invalid-body')
assert.deepEqual(error?.errors?.map(({ pointer }) => pointer).sort(), ['/caf', '/startsOn'])

const made = await registry.POST('/v1/organizations', { body: { kind: 'association', name: 'Association of a story' } })
assert.equal(made.response.status, 201)
const id = made.data?.id ?? ''
const tag = made.response.headers.get('etag') ?? ''
const change = (name: string, ifMatch: string) =>
  registry.PATCH('/v1/organizations/{id}', {
    params: { path: { id }, header: { 'If-Match': ifMatch } },
    body: { name },
  })
const changed = await change('Association of the story', tag)
assert.deepEqual([changed.data?.version, changed.response.headers.get('etag')], [2, '"2"'])

const late = await change('Another name', tag)
assert.equal(late.error?.type, '/problems/precondition-failed')
assert.equal(late.response.headers.get('etag'), '"2"')

const remove = (ifMatch: string) =>
  registry.DELETE('/v1/organizations/{id}', { params: { path: { id }, header: { 'If-Match': ifMatch } } })
assert.equal((await remove(tag)).error?.status, 412)
assert.equal((await remove('"2"')).response.status, 204)
const gone = await registry.GET('/v1/organizations/{id}', { params: { path: { id } } })
assert.equal(gone.error?.type, '/problems/not-found')

process.stdout.write('the story is told\n')
