/** Large work takes turns: never more at once than may be, fairly by caller, none forgotten. */
import fc from 'fast-check'
import t from 'tap'
import { semaphore } from '../../../src/http/limits/semaphore.ts'

t.test('never more than may be work at once, each caller in its order, and all come to their turn', async () => {
  const tasks = fc.array(fc.record({ caller: fc.nat(3), steps: fc.nat(5) }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), tasks, async (limit, tasks) => {
      const turns = semaphore(limit)
      const begun: { caller: number; i: number }[] = []
      let working = 0
      let isTooMany = false
      const work = async ({ caller, steps }: { caller: number; steps: number }, i: number) => {
        const release = await turns.acquire(String(caller))
        begun.push({ caller, i })
        working += 1
        isTooMany ||= working > limit
        for (let step = 0; step < steps; step++) await null
        working -= 1
        release()
        release()
      }
      await Promise.all(tasks.map(work))
      const isInOrder = begun.every((one, place) =>
        begun.slice(0, place).every((before) => before.caller !== one.caller || before.i < one.i),
      )
      return !isTooMany && working === 0 && isInOrder && begun.length === tasks.length
    }),
  )
})

t.test('who queues much waits for itself: another caller is next but one, however long the queue', async (t) => {
  const turns = semaphore(1)
  const begun: string[] = []
  const work = async (caller: string) => {
    const release = await turns.acquire(caller)
    begun.push(caller)
    release()
  }
  const greedy = Array.from({ length: 100 }, () => work('greedy'))
  await Promise.all([...greedy, work('other'), work('third')])
  t.same(begun.slice(0, 5), ['greedy', 'greedy', 'other', 'third', 'greedy'])
})
