/**
 * Hand-written contender, as a good engineer writes it in an hour: Fastify and `pg`, named statements that read the
 * columns under the names of the body, `JSON.stringify`. It has none of the pipeline: no log, no checks, no tags, no
 * limits.
 */
import Fastify from 'fastify'
import pg from 'pg'

const CONNECTIONS = 16
const PAGE = 50

const common = `t.id, t.version, t.title, t.status, t.starts_on as "startsOn", t.ends_on as "endsOn", t.territories,
  t.themes, t.sources, t.created_at as "createdAt", t.updated_at as "updatedAt"`

const convention = `select ${common}, t.reference, t.state, t.period, t.signed_on as "signedOn",
  t.terminated_on as "terminatedOn", t.caf_id as "cafId", t.summary, t.needs, t.governance, t.documents,
  t.predecessor_id as "predecessorId", t.successor_ids as "successorIds", t.merged_into_id as "mergedIntoId"
  from convention t where t.state <> 'draft' and t.id = $1`

const action = `select ${common}, t.convention_id as "conventionId", t.code, t.objective, t.description, t.context,
  t.expected_results as "expectedResults", t.axis_ids as "axisIds", t.carried_from_id as "carriedFromId", t.nature,
  t.priority, t.theme_label as "themeLabel", t.audiences, t.progress, t.recurring, t.lead_id as "leadId",
  t.partner_ids as "partnerIds", t.resources, t.funding, t.milestones, t.indicators, t.reviews,
  t.service_site_ids as "serviceSiteIds"
  from action t join convention c on c.id = t.convention_id and c.state <> 'draft'`

const statements = {
  convention,
  action: `${action} where t.id = $1`,
  actions: `${action} where t.convention_id = $1 order by t.sort_key, t.id limit ${PAGE + 1}`,
}

const pool = new pg.Pool({ connectionString: process.argv[2], max: CONNECTIONS })
const app = Fastify()

const read = async (name: keyof typeof statements, id: string) =>
  (await pool.query({ name, text: statements[name], values: [id] })).rows

for (const name of ['convention', 'action'] as const)
  app.get<{ Params: { id: string } }>(`/${name}/:id`, async ({ params }, reply) => {
    const [row] = await read(name, params.id)
    if (!row) reply.code(404)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(row ?? null))
  })

app.get<{ Params: { id: string } }>('/actions/:id', async ({ params }, reply) => {
  const rows = await read('actions', params.id)
  const data = rows.slice(0, PAGE)
  const next = rows.length > PAGE ? data.at(-1).id : null
  return reply.type('application/json; charset=utf-8').send(JSON.stringify({ data, next, count: null }))
})

process.stderr.write(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}\n`)
