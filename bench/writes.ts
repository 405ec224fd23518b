/** Single changes and whole documents through the service, against one UPDATE by SQL with the journal on. */
import { sql } from 'kysely'
import { clientOf } from './client.ts'
import { compare, repeated, spreadsOf } from './harness.ts'
import { SOURCE, type Stage } from './stage.ts'

const PATCHES = 200
const DOCUMENTS = 10
const AT_ONCE = 8

export async function writes(stage: Stage, rounds: number) {
  const { db } = stage
  const client = clientOf(stage)
  const { rows } = await sql<{ id: string }>`select id from action order by md5(id::text) limit ${PATCHES}`.execute(db)
  const { data } = JSON.parse(await client.ask('GET', `/v1/sources/${SOURCE}/conventions?limit=${DOCUMENTS}`))
  const paths = (data as { key: string }[]).map(({ key }) => `/v1/sources/${SOURCE}/conventions/${key}`)
  // biome-ignore lint/suspicious/noExplicitAny: documents as they come over the wire.
  let documents: any[] = []
  const text = (i: number) => `Changed at ${performance.now()}, ${i}`
  const id = (i: number) => rows[i % rows.length]?.id as string
  const singles = [
    repeated('UPDATE of one action', PATCHES, AT_ONCE, (i) =>
      sql`update action set description = ${text(i)} where id = ${id(i)}`.execute(db),
    ),
    repeated('PATCH /v1/actions/{id}', PATCHES, AT_ONCE, (i) =>
      client.ask('PATCH', `/v1/actions/${id(i)}`, { description: text(i) }, { 'if-match': '*' }),
    ),
  ]
  /** Documents of which so many of the first actions are changed; each is then what the service holds. */
  const put = (name: string, changed: number) =>
    repeated(name, DOCUMENTS, 1, async (i) => {
      const change = (action: object, place: number) => (place < changed ? { ...action, description: text(i) } : action)
      documents[i] = { ...documents[i], actions: documents[i].actions.map(change) }
      await client.ask('PUT', paths[i] as string, documents[i])
    })
  const wholes = [
    put('PUT of a document, unchanged', 0),
    put('PUT of a document, one action changed', 1),
    put('PUT of a document, all actions changed', Number.POSITIVE_INFINITY),
  ]
  try {
    const single = await compare(singles, rounds)
    documents = await Promise.all(paths.map(async (path) => JSON.parse(await client.ask('GET', path))))
    return {
      'one action, 8 at once': single,
      'whole documents, one at a time': await compare(wholes, rounds),
      'each, ms': spreadsOf([...singles, ...wholes]),
    }
  } finally {
    client.close()
  }
}
