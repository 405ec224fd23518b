/**
 * The service attacked: large and endless bodies, slow and stuck clients, thousands of connections, floods. Meanwhile
 * honest clients of another network are served as usual, the event loop never works for 100 ms (longer on a slow machine
 * alone), and the memory stays.
 * `npm run attack` has each attack last a few seconds, `-- --seconds 30` longer, `-- --only slow` those with that in their
 * names; it prints what it measured.
 */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import t, { type Test } from 'tap'
import { type Attack, attacks, largestBody } from './attacks.ts'
import { ask } from './clients.ts'
import { type Report, startHonest } from './honest.ts'
import { setStage } from './stage.ts'

const P99_MAX_MS = 250
const ACCEPTED_MIN = 0.9
const WORK_MAX_MS = 100
/** The bounds are those of a machine that parses the largest body in so long; a slower one has as many times longer. */
const PARSE_MS = 40
const GROWTH_MAX_BYTES = 200 * 1024 * 1024
/** On a machine that others use too even the control makes wait: so many times as long is let pass. */
const CONTROL_FACTOR = 20
const ATTEMPTS = 3

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, only: { type: 'string', default: '' } },
})
const attackMs = Number(values.seconds) * 1_000
const chosen = attacks.filter(({ name }) => name.includes(values.only))

t.setTimeout(chosen.length * (attackMs * ATTEMPTS + 15_000) + 120_000)
const stage = await setStage(t)
const honest = startHonest(stage.honest)
t.teardown(() => honest.stop())

let highest = 0
const watch = setInterval(() => {
  highest = Math.max(highest, stage.memory())
}, 50)
t.teardown(() => clearInterval(watch))

/** What a day brings: the memory of a process that has just started is no measure. */
for (let i = 0; i < 300; i++)
  await Promise.all(['/v1/conventions', '/v1/actions', '/'].map((path) => ask(stage.anybody, { path })))
for (let i = 0; i < 10; i++) await ask(stage.anybody, { path: stage.largePath })
await honest.report()
stage.longestWork()
await sleep(3_000)
const calm = await honest.report()

t.test('before the attacks', async (t) => {
  comment(t, 'calm', {
    report: calm,
    work: stage.longestWork(),
    parseMs: timeToParse(),
    highest,
    growth: 0,
    statuses: [],
  })
  for (const { asked, accepted } of Object.values(calm)) t.equal(accepted, asked)
})

interface Measured {
  report: Report
  /** The longest work of the event loop without a pause, in milliseconds. */
  work: number
  /** What it takes here and now to parse the largest body, in milliseconds. */
  parseMs: number
  /** The most resident memory, and by how much it is more than when the attack began, in bytes. */
  highest: number
  growth: number
  /** What the attackers were answered. */
  statuses: number[]
}

/** @param before the memory when the attack began: what an attempt before left is growth too */
async function measure({ run }: Attack, before = stage.memory()): Promise<Measured> {
  const stuck: Socket[] = []
  await honest.report()
  stage.longestWork()
  const parsedBefore = timeToParse()
  highest = before
  const statuses = await run(stage, attackMs, stuck)
  const growth = highest - before
  const work = stage.longestWork()
  const parseMs = Math.max(parsedBefore, timeToParse())
  const measured = { report: await honest.report(), work, parseMs, highest, growth, statuses }
  for (const socket of stuck) socket.destroy()
  await sleep(1_000)
  return measured
}

/** The shortest of three. */
function timeToParse(): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now()
    JSON.parse(largestBody)
    return performance.now() - start
  })
  return Math.min(...times)
}

/** What is beyond its bound. */
function excesses({ report, work, parseMs, growth }: Measured): string[] {
  const { control, reads } = report
  const slowness = Math.max(1, parseMs / PARSE_MS)
  return [
    ...(reads.p99 < Math.max(P99_MAX_MS * slowness, CONTROL_FACTOR * control.p99) ? [] : ['honest reads wait']),
    ...Object.entries(report).flatMap(([kind, { asked, accepted, p99 }]) => [
      ...(accepted > 0 || p99 < attackMs / 2 ? [] : [`honest ${kind} have no turn`]),
      ...(accepted >= asked * ACCEPTED_MIN ? [] : [`honest ${kind} are refused`]),
    ]),
    ...(work <= WORK_MAX_MS * slowness ? [] : ['the event loop is busy']),
    ...(growth < GROWTH_MAX_BYTES ? [] : ['the memory grows']),
  ]
}

/** An attack that hurts does so again; what else the machine did meanwhile does not. */
for (const attack of chosen)
  t.test(attack.name, async (t) => {
    const before = stage.memory()
    let measured = await measure(attack, before)
    comment(t, attack.name, measured)
    for (let attempt = 2; attempt <= ATTEMPTS && excesses(measured).length > 0; attempt++) {
      measured = await measure(attack, before)
      comment(t, `${attack.name}, attempt ${attempt}`, measured)
    }
    t.same(excesses(measured), [])
    t.notOk(measured.statuses.includes(500), 'no answer is a defect')
    if (attack.only !== undefined) t.same([...new Set(measured.statuses)], [attack.only])
    t.equal(await ask(stage.anybody, { path: '/health/ready' }), 200)
  })

function comment(t: Test, name: string, { report, work, parseMs, highest, growth, statuses }: Measured): void {
  const counts = Map.groupBy(statuses, (status) => status)
  const answered = [...counts].map(([status, all]) => `${all.length} x ${status || 'cut'}`).join(', ')
  const seen = Object.entries(report).map(
    ([kind, { asked, accepted, p99 }]) => `${kind} ${accepted}/${asked} p99 ${Math.round(p99)} ms`,
  )
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
  t.comment(
    `${name}: ${seen.join(', ')}; loop ${work} ms, to parse ${Math.round(parseMs)} ms; memory ${megabytes(highest)} MB, +${megabytes(growth)}; answered ${answered || 'nothing'}`,
  )
}
