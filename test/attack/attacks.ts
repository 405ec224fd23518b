/** The attacks: what each does for a while, and the statuses that it was answered (0: cut off). */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '../../src/config.ts'
import { ask, askAndForget, beginBody, drip, lines, many, open, statusesOf, type Target } from './clients.ts'
import { addresses, type Stage } from './stage.ts'

export interface Attack {
  name: string
  /** Where no other status may come. */
  only?: number
  /** For about so many milliseconds; connections that it leaves open go to `stuck`. */
  run(stage: Stage, ms: number, stuck: Socket[]): Promise<number[]>
}

const DRY = '/v1/sources/attackers/conventions/other?dryRun=true'
const DOCUMENT = '/v1/sources/attackers/conventions/one'

/** So many at once, each again and again. */
async function flood(ms: number, concurrency: number, request: (i: number) => Promise<number>): Promise<number[]> {
  const until = performance.now() + ms
  const statuses: number[] = []
  const one = async (i: number) => {
    for (let round = i; performance.now() < until; round += concurrency) statuses.push(await request(round))
  }
  await Promise.all(Array.from({ length: concurrency }, (_, i) => one(i)))
  return statuses
}

const put = (target: Target, body: string) => ask(target, { method: 'PUT', path: DRY, body })

const floodOfBodies = (name: string, make: (organizationId: string, i: number) => string): Attack => ({
  name,
  run: ({ attackers: [editor], organizationId }, ms) => flood(ms, 4, (i) => put(editor, make(organizationId, i))),
})

const documentOf = (caf: string, rest: object) => JSON.stringify({ title: 'CTG', caf, ...rest })
const smallDocument = (caf: string, i: number) =>
  documentOf(caf, { actions: Array.from({ length: 60 }, (_, key) => ({ key: `${key}`, title: `A ${i}` })) })
const padded = (text: string) => text + ' '.repeat(limits.documentBytes - Buffer.byteLength(text))

const unknownMembers = `{${Array.from({ length: 500_000 }, (_, i) => `"m${i}":1`).join()}}`
const measurements = Array.from({ length: 90 }, (_, value) => ({ on: '2024', value }))
const indicators = Array.from({ length: 50 }, (_, i) => ({ key: `${i}`, name: 'n', kind: 'output', measurements }))

/** Nearly as many objects as a body may hold. */
export const largestBody = JSON.stringify({
  actions: Array.from({ length: 60 }, (_, i) => ({ key: `${i}`, title: 'A', indicators })),
})

const hours = (round: number) =>
  Array.from({ length: 1_000 }, (_, i) => {
    const minutes = (round * 1_000 + i) % (24 * 60)
    const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
    return { key: `${i}`, name: 'Lieu', openingHours: `Mo-Fr ${time}-${round % 24}:${String(i % 60).padStart(2, '0')}` }
  })

const smuggled: string[] = [
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Content-Length: 4', 'Transfer-Encoding: chunked'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Transfer-Encoding: xchunked'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Transfer-Encoding : chunked'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Content-Length: 4', 'Content-Length: 5'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Content-Length: +4'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'Host: y'),
  lines('GET /v1/vocabularies HTTP/1.1', 'Host: x', 'X-A: a\rTransfer-Encoding: chunked'),
  lines('GET http://y/v1/vocabularies#x HTTP/1.1', 'Host: x'),
].map((head) => `${head}0\r\n\r\n${lines('GET /smuggled HTTP/1.1', 'Host: x')}`)

/** Requests whose URL or headers are as long as they may be, of what costs most to look at. */
const long: { path: string; headers?: Record<string, string> }[] = [
  { path: '/'.repeat(30_000) },
  { path: `/v1${'/%2e'.repeat(7_000)}` },
  { path: `/v1/conventions?${'themes&'.repeat(1_100)}` },
  { path: `/v1/conventions?themes=${'a,'.repeat(3_900)}` },
  { path: `/v1/conventions?${Array.from({ length: 1_300 }, (_, i) => `a${i}`).join('&')}` },
  { path: `/v1/conventions?q=${'a+'.repeat(3_900)}` },
  { path: '/v1/conventions', headers: { accept: 'a/b;q=0.1,'.repeat(3_000) } },
  { path: '/v1/conventions', headers: { 'if-none-match': '"a", '.repeat(6_000) } },
  { path: '/v1/conventions', headers: { 'accept-encoding': ' '.repeat(30_000) } },
]

export const attacks: Attack[] = [
  {
    name: "500,000 unknown members, by a reader's keys",
    only: 403,
    run: ({ attackers: [, ...readers] }, ms) => flood(ms, 4, (i) => put(readers[i % 2] as Target, unknownMembers)),
  },
  floodOfBodies("500,000 unknown members, by an editor's key", () => unknownMembers),
  floodOfBodies('1,000 new opening hours', (caf, i) => documentOf(caf, { serviceSites: hours(i) })),
  floodOfBodies('2,000 actions with one key', (caf) =>
    documentOf(caf, { actions: Array.from({ length: 2_000 }, () => ({ key: 'same', title: 'A' })) }),
  ),
  {
    name: 'one document put 100 times at once',
    run: ({ attackers: [editor], organizationId }, ms) =>
      flood(ms, 100, (i) => ask(editor, { method: 'PUT', path: DOCUMENT, body: smallDocument(organizationId, i) })),
  },
  floodOfBodies('a document of 300,000 objects', (caf) =>
    documentOf(caf, { actions: Array.from({ length: 60 }, (_, i) => ({ key: `${i}`, title: 'A', indicators })) }),
  ),
  floodOfBodies('brackets', () => padded(`{"actions":[${'[],'.repeat(2_700_000)}0]}`)),
  floodOfBodies('deep brackets', () => '['.repeat(limits.documentBytes)),
  {
    name: 'half-sent bodies, by three keys of an organization',
    async run({ attackers }, ms, stuck) {
      const begun = attackers.flatMap((target) =>
        [0, 1, 2, 3].map(() => beginBody(target, DRY, limits.documentBytes, limits.documentBytes / 4)),
      )
      stuck.push(...(await Promise.all(begun)))
      await sleep(ms)
      return []
    },
  },
  {
    name: 'readers of snapshots that read nothing, from five addresses',
    run: ({ anybody }, ms, stuck) => unread(from(anybody), ['/v1/snapshot'], 20, ms, stuck),
  },
  {
    name: 'readers of documents, lists and streams that read nothing, from five addresses',
    run({ anybody, largePath }, ms, stuck) {
      const paths = [largePath, '/v1/changes?since=beginning&limit=1000', '/v1/changes/stream?since=beginning']
      return unread(from(anybody), paths, 30, ms, stuck)
    },
  },
  {
    name: 'readers of documents that read nothing, by three keys of an organization',
    run: ({ attackers, largePath }, ms, stuck) => unread(attackers, [largePath], 50, ms, stuck),
  },
  {
    name: 'slow headers and bodies',
    async run({ anybody, attackers: [editor] }, ms, stuck) {
      const [headers, bodies] = [await many(500, anybody), await many(500, anybody)]
      stuck.push(...headers, ...bodies)
      for (const socket of headers) socket.write('GET /v1/conventions HTTP/1.1\r\nHost: x\r\n')
      const head = [`PUT ${DRY} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${editor.key}`]
      for (const socket of bodies)
        socket.write(lines(...head, 'Content-Type: application/json', 'Content-Length: 10000'))
      const signal = AbortSignal.timeout(ms)
      await Promise.all([drip(headers, 'X: y\r\n', 500, signal), drip(bodies, ' ', 500, signal)])
      return []
    },
  },
  {
    name: '5,000 idle connections',
    async run({ anybody }, ms, stuck) {
      stuck.push(...(await many(5_000, anybody)))
      for (const [i, socket] of stuck.entries()) if (i % 2) socket.write('GET ')
      await sleep(ms)
      return []
    },
  },
  {
    name: 'a flood of reads and of guessed keys',
    run: ({ anybody }, ms) =>
      flood(ms, 20, (i) => {
        const sender = { ...anybody, from: addressOf(i) }
        const guessed = { ...sender, key: `ctg_${String(Math.random()).slice(2).padEnd(43, 'x')}` }
        return ask(i % 2 ? guessed : sender, { path: '/v1/conventions' })
      }),
  },
  {
    name: 'a flood of searches and lists of which no two are alike, by three keys and from five addresses',
    run({ anybody, attackers }, ms) {
      const senders = [...attackers, ...from(anybody)]
      return flood(ms, 400, (i) => {
        const word = `accueil ${i}`
        const paths = ['search', 'actions', 'organizations'].map((list) => `/v1/${list}?q=${encodeURIComponent(word)}`)
        const at = new Date(Date.UTC(2020, 0, 1, 0, 0, i)).toISOString()
        paths.push(`/v1/actions?limit=20&updatedSince=${at}`)
        return ask(senders[i % senders.length] as Target, { path: paths[i % paths.length] as string })
      })
    },
  },
  {
    name: 'long URLs and headers, from five addresses',
    run: ({ anybody }, ms) =>
      flood(ms, 20, (i) => ask({ ...anybody, from: addressOf(i) }, long[i % long.length] as (typeof long)[0])),
  },
  {
    name: 'pipelined requests, on four connections',
    run: ({ anybody }, ms, stuck) => pipeline(Array(4).fill(anybody), ms, stuck),
  },
  {
    name: 'pipelined requests, on 100 connections from five addresses',
    run: ({ anybody }, ms, stuck) =>
      pipeline(
        Array.from({ length: 100 }, (_, i) => ({ ...anybody, from: addressOf(i) })),
        ms,
        stuck,
      ),
  },
  {
    name: 'requests with another inside',
    only: 400,
    async run({ anybody }) {
      const answers = await Promise.all(smuggled.map((bytes) => statusesOf(anybody, bytes)))
      return answers.flat()
    },
  },
  {
    name: 'tampered cursors',
    async run({ anybody }, ms) {
      const { next } = (await (await fetch(`http://${anybody.host}:${anybody.port}/v1/changes`)).json()) as {
        next: string
      }
      return flood(ms, 4, (i) => {
        const at = i % next.length
        const tampered = `${next.slice(0, at)}${next[at] === 'A' ? 'B' : 'A'}${next.slice(at + 1)}`
        return ask(anybody, { path: `/v1/changes?since=${tampered}` })
      })
    },
  },
]

const addressOf = (i: number) => addresses[i % addresses.length] as string

/** Each sends 5,000 requests on a connection without waiting for an answer. */
async function pipeline(senders: Target[], ms: number, stuck: Socket[]) {
  const sockets = await Promise.all(senders.map(open))
  stuck.push(...sockets)
  for (const socket of sockets) socket.resume().write(lines('GET /v1/actions HTTP/1.1', 'Host: x').repeat(5_000))
  await sleep(ms)
  return []
}

/** The same from each of the addresses. */
const from = (anybody: Target): Target[] => addresses.map((address) => ({ ...anybody, from: address }))

/** Each of the readers asks for each of the paths so often, and reads nothing. */
async function unread(readers: Target[], paths: string[], times: number, ms: number, stuck: Socket[]) {
  const asked = readers.flatMap((reader) =>
    paths.flatMap((path) => Array.from({ length: times }, () => askAndForget(reader, path))),
  )
  stuck.push(...(await Promise.all(asked)))
  await sleep(ms)
  return []
}
