/** The semaphore: never more tasks at once than its limit, in the order of their arrival, and none is forgotten. */
import fc from 'fast-check'
import t from 'tap'
import { semaphore } from '../../../src/http/limits/semaphore.ts'

t.test('at most `limit` tasks run at once, in the order of their arrival, and all of them run', async () => {
  const runs = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(5), { maxLength: 30 }))
  await fc.assert(
    fc.asyncProperty(runs, async ([limit, lengths]) => {
      const slots = semaphore(limit)
      const begun: number[] = []
      let running = 0
      let isTooMany = false
      const task = async (length: number, i: number) => {
        const release = await slots.acquire()
        begun.push(i)
        running += 1
        isTooMany ||= running > limit
        for (let step = 0; step < length; step++) await null
        running -= 1
        release()
        release()
      }
      await Promise.all(lengths.map(task))
      return !isTooMany && running === 0 && begun.every((i, place) => i === place) && begun.length === lengths.length
    }),
  )
})
