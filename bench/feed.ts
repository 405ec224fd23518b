/**
 * Feed suite: the feed and the snapshot against one SELECT of the same rows through the same driver, the digest beside
 * them, the memory of the service meanwhile, and the time of a change from its commit to its readers.
 */
import { sql } from 'kysely'
import { resources } from '../src/domain/resources.ts'
import type { Service } from './checkout.ts'
import { type Client, clientOf } from './client.ts'
import {
  type Contender,
  compare,
  memoryWhile,
  namedBefore,
  rounded,
  type Spread,
  spreadOf,
  type Timed,
} from './harness.ts'
import type { Stage } from './stage.ts'

const PAGE = 1_000
const CHANGES = 300
const PAUSE_MS = 20

interface Page {
  data: { at: string }[]
  next: string
  complete: boolean
}

export async function feed(stage: Stage, before: Stage | null, { rounds }: { rounds: number }) {
  const client = clientOf(stage)
  const other = before && clientOf(before)
  /** A contender by the service, and by the other one where there is one. */
  const both = (contender: (client: Client) => Contender) => [
    contender(client),
    ...(other ? [namedBefore(contender(other))] : []),
  ]
  try {
    const starts = [feedAfterStart(stage), ...(before ? [namedBefore(feedAfterStart(before))] : [])]
    const first = await compare([journalBySql(stage), ...starts], rounds)
    let drained: Timed[] = []
    let taken: Timed[] = []
    const memory = await memoryWhile(stage.pid, async () => {
      drained = await compare([journalBySql(stage), ...both(feedByHttp), ...both(feedParsed)], rounds)
      taken = await compare([rowsBySql(stage), ...both(snapshotByHttp), ...both(digestByHttp)], rounds)
    })
    return {
      'the feed from the beginning, by a service that has just started': first,
      'the feed from the beginning, pages of 1000': drained,
      'everything at one moment': taken,
      'pages of the feed, ms': await pages(client),
      'memory of the service meanwhile': memory,
      'from commit to receiver, ms': {
        'server-sent events': await latencies(stage, followStream),
        'long poll': await latencies(stage, followByPoll),
      },
    }
  } finally {
    client.close()
    other?.close()
  }
}

const journalBySql = ({ db }: Stage) => ({
  name: 'SELECT of the journal',
  async run() {
    const { rows } =
      await sql`select c.position, c.at, encode(c.chain, 'hex') as chain, c.actor, c.source, h.seq, h.type,
      h.id, h.version, h.operation, h.convention_id, h.body from commit c join change h on h.tx = c.tx
      where h.operation <> 'void' order by c.position, h.seq`.execute(db)
    return rows.length
  },
})

/** As the SELECT: the rows are received, and counted: every page but the last is full, for no filter holds any back. */
const feedByHttp = (client: Client) => ({
  name: 'GET /v1/changes until complete, received',
  async run() {
    for (let count = 0, since = 'beginning'; ; count += PAGE) {
      const bytes = await client.receive(`/v1/changes?since=${since}&limit=${PAGE}`)
      const { next, complete } = JSON.parse(`{${bytes.toString('utf8', bytes.lastIndexOf('"next":'))}`) as Page
      if (complete) return count + (JSON.parse(bytes.toString()) as Page).data.length
      since = next
    }
  },
})

/** All that the first reader after a start pays for, each time. */
const feedAfterStart = (stage: Stage) => {
  let service: Service
  return {
    name: 'GET /v1/changes until complete, received',
    prepare: async () => {
      service = await stage.start()
    },
    async run() {
      const client = clientOf({ ...stage, address: service.address })
      try {
        return await feedByHttp(client).run()
      } finally {
        client.close()
      }
    },
    finish: () => service.stop(),
  }
}

const feedParsed = (client: Client) => ({
  name: 'the same, and every page parsed',
  async run() {
    let count = 0
    for (let since = 'beginning'; ; ) {
      const page = await pageAfter(client, since)
      count += page.data.length
      if (page.complete) return count
      since = page.next
    }
  },
})

const pageAfter = async (client: Client, since: string, query = ''): Promise<Page> =>
  JSON.parse(await client.ask('GET', `/v1/changes?since=${since}&limit=${PAGE}${query}`))

const rowsBySql = ({ db }: Stage) => ({
  name: 'SELECT of all rows',
  async run() {
    let count = 0
    for (const { table } of Object.values(resources)) {
      const { rows } = await sql`select * from ${sql.table(table)} order by id`.execute(db)
      count += rows.length
    }
    return count
  },
})

const snapshotByHttp = (client: Client) => ({
  name: 'GET /v1/snapshot, received',
  async run() {
    const answer = await client.open('/v1/snapshot')
    let lines = 0
    for await (const chunk of answer as AsyncIterable<Buffer>)
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines += 1
    return lines - 2
  },
})

const digestByHttp = (client: Client) => ({
  name: 'GET /v1/digest',
  async run() {
    const { types } = JSON.parse(await client.ask('GET', '/v1/digest'))
    return Object.values(types as Record<string, { count: number }>).reduce((sum, { count }) => sum + count, 0)
  },
})

/** What a page costs at both ends of the journal and between, beside how much is in it, and what a narrow filter finds. */
async function pages(client: Client) {
  const cursors = ['beginning']
  for (let page = await pageAfter(client, 'beginning'); ; page = await pageAfter(client, page.next)) {
    if (page.complete) break
    cursors.push(page.next)
  }
  const timed = async (since: string) => {
    const times: number[] = []
    let bytes = 0
    for (let i = 0; i < 9; i++) {
      const start = performance.now()
      bytes = (await client.receive(`/v1/changes?since=${since}&limit=${PAGE}`)).length
      times.push(performance.now() - start)
    }
    return { kilobytes: Math.round(bytes / 1024), ...spreadOf(times) }
  }
  const { data } = JSON.parse(await client.ask('GET', '/v1/conventions?limit=1'))
  return {
    first: await timed('beginning'),
    middle: await timed(cursors[cursors.length >> 1] as string),
    last: await timed(cursors.at(-2) ?? 'beginning'),
    'all that follows one convention': await drainOf(client, `&conventionId=${data[0].id}`),
    'all actions of one convention': await drainOf(client, `&conventionId=${data[0].id}&types=action`),
  }
}

/** Everything that passes a filter, from the beginning. */
async function drainOf(client: Client, filter: string) {
  const start = performance.now()
  let changes = 0
  let since = 'beginning'
  for (let pages = 1; ; pages += 1) {
    const page = await pageAfter(client, since, filter)
    changes += page.data.length
    since = page.next
    if (page.complete) return { pages, changes, ms: rounded(performance.now() - start) }
  }
}

/** Receives each change with the time of its commit, until it is stopped. */
type Follow = (stage: Stage, onChange: (at: string) => void, isDone: () => boolean) => Promise<void>

const followStream: Follow = async (stage, onChange, isDone) => {
  const client = clientOf(stage)
  const answer = await client.open('/v1/changes/stream')
  let text = ''
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk
    const events = text.split('\n\n')
    text = events.pop() as string
    for (const event of events.filter((one) => one.startsWith('event: change\n')))
      onChange(JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)).at)
    if (isDone()) break
  }
  answer.destroy()
  client.close()
}

const followByPoll: Follow = async (stage, onChange, isDone) => {
  const client = clientOf(stage)
  let { next } = JSON.parse(await client.ask('GET', '/v1/changes')) as Page
  while (!isDone()) {
    const page: Page = JSON.parse(await client.ask('GET', `/v1/changes?since=${next}&wait=30`))
    for (const { at } of page.data) onChange(at)
    next = page.next
  }
  client.close()
}

/** Changes one after the other; how long after its commit each was received. */
async function latencies(stage: Stage, follow: Follow): Promise<Spread> {
  const client = clientOf(stage)
  const { data } = JSON.parse(await client.ask('GET', '/v1/actions?limit=1'))
  const times: number[] = []
  const following = follow(
    stage,
    // Both clocks are that of this machine; the instant of the commit is taken before it is flushed to the disk.
    (at) => times.push(performance.timeOrigin + performance.now() - Date.parse(at) - Number(`0.${at.slice(-4, -1)}`)),
    () => times.length >= CHANGES,
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  for (let i = 0; i < CHANGES; i++) {
    const body = { description: `Changed for the ${i}th time at ${performance.now()}` }
    await client.ask('PATCH', `/v1/actions/${data[0].id}`, body, { 'if-match': '*' })
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * Math.random() * 2))
  }
  await following
  client.close()
  return spreadOf(times)
}
