/**
 * Writes suite: single changes and whole documents through the service, against one UPDATE by SQL with the journal on.
 */
import { sql } from 'kysely'
import { type Client, clientOf } from './client.ts'
import { compare, namedBefore, repeated, spreadsOf } from './harness.ts'
import { SOURCE, type Stage } from './stage.ts'

const PATCHES = 200
const DOCUMENTS = 10
const AT_ONCE = 8

export async function writes(stage: Stage, before: Stage | null, { rounds }: { rounds: number }) {
  const stages = before ? [stage, before] : [stage]
  const clients = stages.map(clientOf)
  const singles = [await updates(stage)]
  const documents: (typeof singles)[] = []
  try {
    for (const [i, client] of clients.entries()) {
      const named = (contender: (typeof singles)[number]) => (i === 0 ? contender : namedBefore(contender))
      singles.push(named(await patches(stages[i] as Stage, client)))
      // The same documents, unless both write to the same tables: there neither finds those of the other changed.
      const from = stages[i]?.url === stage.url ? i * DOCUMENTS : 0
      documents.push((await puts(client, from)).map(named))
    }
    // Those that do the same follow each other.
    const wholes = (documents[0] ?? []).flatMap((_, kind) => documents.flatMap((of) => of[kind] ?? []))
    return {
      'one action, 8 at once': await compare(singles, rounds),
      'whole documents, one at a time': await compare(wholes, rounds),
      'each, ms': spreadsOf([...singles, ...wholes]),
    }
  } finally {
    for (const client of clients) client.close()
  }
}

const text = (i: number) => `Changed at ${performance.now()}, ${i}`

async function updates(stage: Stage) {
  const ids = await idsOf(stage)
  return repeated('UPDATE of one action', PATCHES, AT_ONCE, (i) =>
    sql`update action set description = ${text(i)} where id = ${ids[i]}`.execute(stage.db),
  )
}

async function patches(stage: Stage, client: Client) {
  const ids = await idsOf(stage)
  return repeated('PATCH /v1/actions/{id}', PATCHES, AT_ONCE, (i) =>
    client.ask('PATCH', `/v1/actions/${ids[i]}`, { description: text(i) }, { 'if-match': '*' }),
  )
}

/** The same actions for all who write to the same tables. */
async function idsOf({ db }: Stage): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from action order by md5(id::text) limit ${PATCHES}`.execute(db)
  return rows.map(({ id }) => id)
}

/** PUTs of documents, each of which is then what the service holds. */
async function puts(client: Client, from: number) {
  const { data } = JSON.parse(await client.ask('GET', `/v1/sources/${SOURCE}/conventions?limit=${from + DOCUMENTS}`))
  const paths = (data as { key: string }[]).slice(from).map(({ key }) => `/v1/sources/${SOURCE}/conventions/${key}`)
  // biome-ignore lint/suspicious/noExplicitAny: documents as they come over the wire.
  let documents: any[] = []
  const prepare = async () => {
    if (documents.length > 0) return
    documents = await Promise.all(paths.map(async (path) => JSON.parse(await client.ask('GET', path))))
  }
  const put = (name: string, changed: number) => ({
    prepare,
    ...repeated(name, paths.length, 1, async (i) => {
      const change = (action: object, place: number) => (place < changed ? { ...action, description: text(i) } : action)
      documents[i] = { ...documents[i], actions: documents[i].actions.map(change) }
      await client.ask('PUT', paths[i] as string, documents[i])
    }),
  })
  return [
    put('PUT of a document, unchanged', 0),
    put('PUT of a document, one action changed', 1),
    put('PUT of a document, all actions changed', Number.POSITIVE_INFINITY),
  ]
}
