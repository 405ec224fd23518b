/** Requests that arrive together begin in slices of the event loop, in their order; whoever has left does not begin. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { inSlices } from '../../../src/http/server/slices.ts'

const SLICE_MS = 2
const response = {} as ServerResponse

interface Arriving {
  name: number
  socket: { destroyed: boolean }
}

t.test('what is more than a slice of work waits for the next turns, and all begin in their order', async (t) => {
  const begun: number[] = []
  const listener = inSlices((request) => {
    begun.push((request as unknown as Arriving).name)
    const end = performance.now() + SLICE_MS
    while (performance.now() < end);
  }, SLICE_MS)
  const arrive = (name: number, destroyed = false) =>
    listener({ name, socket: { destroyed } } as unknown as IncomingMessage, response)
  for (const name of [1, 2, 3]) arrive(name)
  arrive(4, true)
  arrive(5)
  t.same(begun, [1])
  await nextTurn()
  t.same(begun, [1, 2])
  arrive(6)
  t.same(begun, [1, 2], 'nobody overtakes')
  for (let turn = 0; turn < 4; turn++) await nextTurn()
  t.same(begun, [1, 2, 3, 5, 6])
  await nextTurn()
  arrive(7)
  t.same(begun, [1, 2, 3, 5, 6, 7], 'alone it begins at once')
})
