/** Two processes behind a balancer are restarted one after the other under load: no client notices. */
import { Agent } from 'node:http'
import t from 'tap'
import { ask } from '../attack/clients.ts'
import { openBalancer } from '../support/balancer.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createTestDatabase } from '../support/registry.ts'
import { ask as askService, type Service, startService, until } from '../support/service.ts'

const CLIENTS = 16
const REQUESTS = 10_000
/** One of so many is a write. */
const WRITE_EVERY = 10

const portOf = ({ address }: Service) => Number(new URL(address).port)

t.test(
  'none of 10,000 requests on kept connections fails, and each acknowledged write is in the feed once',
  async (t) => {
    const DATABASE_URL = await createTestDatabase(t)
    const env = { DATABASE_URL, BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, RATE_LIMIT: '0', LOG_LEVEL: 'error' }
    const services = [await startService(t, env), await startService(t, env)]
    const target = { host: '127.0.0.1', port: await openBalancer(t, services.map(portOf)), key: ADMIN_KEY }
    const address = `http://127.0.0.1:${target.port}`
    const acknowledged: string[] = []
    const failed: string[] = []
    let asked = 0
    let isRestarted = false

    async function write(site: string, name: string, agent: Agent) {
      const headers = { 'if-match': '*' }
      const status = await ask(target, { method: 'PATCH', path: site, body: JSON.stringify({ name }), headers, agent })
      if (status === 200) acknowledged.push(name)
      else failed.push(`PATCH ${status}`)
    }

    async function read(path: string, agent: Agent) {
      const status = await ask(target, { path, agent })
      if (status !== 200) failed.push(`GET ${status}`)
    }

    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const { body } = await askService({ address }, '/v1/service-sites', { method: 'POST', body: { name: 'Lieu' } })
      const site = `/v1/service-sites/${body.id}`
      for (let i = 0; asked < REQUESTS || !isRestarted; i++) {
        asked += 1
        if (i % WRITE_EVERY === 0) await write(site, `Lieu ${client} ${i}`, agent)
        else await read(i % 2 ? site : '/v1/service-sites?limit=5', agent)
      }
      agent.destroy()
    })

    async function restart(service: Service) {
      const before = asked
      await until(async () => asked > before + REQUESTS / 10)
      service.process.kill('SIGTERM')
      t.equal(await service.ended, 0)
      await startService(t, { ...env, PORT: String(portOf(service)) })
    }

    try {
      for (const service of services) await restart(service)
    } finally {
      isRestarted = true
    }
    await Promise.all(clients)
    t.comment(`${asked} requests, of them ${acknowledged.length} writes; failed: ${failed.length}`)
    t.same(failed, [])
    t.same((await namesOf(address)).toSorted(), acknowledged.toSorted())
  },
)

/** The names that service sites were given by changes, once for each change. */
async function namesOf(address: string): Promise<string[]> {
  const names: string[] = []
  for (let since = 'beginning', isComplete = false; !isComplete; ) {
    const { body } = await askService({ address }, `/v1/changes?limit=1000&since=${since}`)
    for (const { data } of body.data) if (data.version > 1) names.push(data.name)
    since = body.next
    isComplete = body.complete
  }
  return names
}
