/** Large work takes turns: never more at once than may be, each in its order, none forgotten. */
import fc from 'fast-check'
import t from 'tap'
import { turnsOf } from '../../../src/http/limits/semaphore.ts'

t.test('never more than may be work at once, in the order in which they came, and all come to their turn', async () => {
  const runs = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(5), { maxLength: 30 }))
  await fc.assert(
    fc.asyncProperty(runs, async ([atOnce, lengths]) => {
      const turns = turnsOf(atOnce)
      const begun: number[] = []
      let working = 0
      let isTooMany = false
      const work = async (length: number, i: number) => {
        const end = await turns.take()
        begun.push(i)
        working += 1
        isTooMany ||= working > atOnce
        for (let step = 0; step < length; step++) await null
        working -= 1
        end()
        end()
      }
      await Promise.all(lengths.map(work))
      return !isTooMany && working === 0 && begun.every((i, place) => i === place) && begun.length === lengths.length
    }),
  )
})
