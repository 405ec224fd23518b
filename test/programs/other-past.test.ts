/** Cursors and what becomes of a cluster: they outlive a crash, and are refused once a restore has lost what they read. */
import t from 'tap'
import { slugOf } from '../support/api.ts'
import { copyOf, crash, newFolder, startCluster } from '../support/clusters.ts'
import { cursorsOf, fill, goOn, page, serving, write } from '../support/followers.ts'

t.test('a cursor survives a crash', async (t) => {
  const cluster = await startCluster(t, await newFolder(t))
  const cursors = await serving(t, cluster.server.url, async (registry) => {
    await fill(registry)
    return cursorsOf(registry)
  })
  await crash(cluster)
  const { server } = await startCluster(t, cluster.dataDir)
  await serving(t, server.url, (registry, t) => goOn(t, registry, cursors))
})

t.test(
  'after a restore that lost the tail its readers are refused, before anything is written and after',
  async (t) => {
    const cluster = await startCluster(t, await newFolder(t))
    const { caf, before } = await serving(t, cluster.server.url, async (registry) => ({
      caf: await fill(registry),
      before: await cursorsOf(registry),
    }))
    await cluster.server.stop()
    const backup = await copyOf(t, cluster.dataDir)
    const again = await startCluster(t, cluster.dataDir)
    const lost = await serving(t, again.server.url, async (registry) => {
      await write(registry, caf)
      const since = new Set(before.map((one) => one.since))
      return (await cursorsOf(registry)).filter((one) => !since.has(one.since)).map((one) => one.since)
    })
    t.ok(lost.length >= 7, 'cursors within transactions too')
    const restored = await startCluster(t, backup)
    await serving(t, restored.server.url, async (registry, t) => {
      const refused = async (when: string) => {
        for (const since of lost) {
          const answer = await page(registry, since)
          t.equal(slugOf(answer), 'other-past', when)
          t.match(answer.body.detail, /take a new snapshot/)
        }
        for (const { since } of before) t.equal((await page(registry, since)).status, 200, when)
      }
      await refused('nothing was written')
      await write(registry, caf)
      await refused('as much was written')
      const stream = await fetch(`${await registry.app.listen({ port: 0 })}/v1/changes/stream?since=${lost[0]}`)
      t.match(await stream.text(), /^event: gone\ndata: \{"type":"\/problems\/other-past"/)
    })
  },
)
