/** Readers of the feed and what they hold: cursors after each single change, also those within a transaction. */
import type { Test } from 'tap'
import { apiOf, newConvention } from './api.ts'
import { type Registry, serve } from './registry.ts'

export const clock = {
  now: () => new Date('2026-03-15T12:00:00Z'),
  set: () => undefined,
  elapsedMs: () => 0,
  skewMs: () => 0,
  setSkew: () => undefined,
}

interface Delivered {
  id: string
  position: number
}

export const page = ({ request }: Registry, since: string, limit = 1000) =>
  request('GET', `/v1/changes?since=${since}&limit=${limit}`)

/** A service on a database, closed when the work is done. */
export async function serving<T>(t: Test, url: string, work: (registry: Registry, t: Test) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined
  await t.test('a service', async (t) => {
    result = { value: await work(await serve(t, { url, clock }), t) }
    t.ok(result)
  })
  return (result as { value: T }).value
}

/** A few transactions of several changes each; the Caf of them. */
export async function fill(registry: Registry): Promise<string> {
  const api = apiOf(registry)
  const caf = await api.create('/organizations', { kind: 'caf', name: 'Caf' })
  for (let round = 1; round <= 2; round++) await write(registry, caf.id)
  return caf.id
}

/** First a transaction of several changes: what there is of conventions goes, with all under it. Then a new one. */
export async function write(registry: Registry, cafId: string): Promise<void> {
  const api = apiOf(registry)
  for (const { id } of (await api.get('/conventions')).body.data) await api.delete(`/conventions/${id}`)
  const made = await newConvention(api, cafId)
  for (const title of ['a', 'b', 'c']) await api.create(`/conventions/${made.id}/axes`, { title })
}

/** The cursors after each change, one by one: also those within a transaction. */
export async function cursorsOf(registry: Registry): Promise<{ since: string; rest: Delivered[] }[]> {
  const cursors: string[] = []
  for (let since = 'beginning'; ; ) {
    const { body } = await page(registry, since, 1)
    since = body.next
    cursors.push(since)
    if (body.complete) break
  }
  const found: { since: string; rest: Delivered[] }[] = []
  for (const since of cursors) found.push({ since, rest: (await page(registry, since)).body.data })
  return found
}

/** Each cursor goes on as if nothing had happened. */
export async function goOn(t: Test, registry: Registry, cursors: { since: string; rest: Delivered[] }[]) {
  t.ok(cursors.length >= 10, 'those within transactions too')
  for (const { since, rest } of cursors) t.same((await page(registry, since)).body.data, rest)
}
