/** Requests that arrive together begin in slices of the event loop, fairly by network; whoever has left does not begin. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { inSlices } from '../../../src/http/server/slices.ts'

const SLICE_MS = 2
const response = {} as ServerResponse

interface Arriving {
  name: string
  socket: { destroyed: boolean; remoteAddress: string }
}

function service() {
  const begun: string[] = []
  const listener = inSlices((request) => {
    begun.push((request as unknown as Arriving).name)
    const end = performance.now() + SLICE_MS
    while (performance.now() < end);
  }, SLICE_MS)
  const arrive = (name: string, { remoteAddress = '10.0.0.1', destroyed = false } = {}) =>
    listener({ name, socket: { destroyed, remoteAddress } } as unknown as IncomingMessage, response)
  return { begun, arrive }
}

t.test('what is more than a slice of work waits for the next turns, and all begin in their order', async (t) => {
  const { begun, arrive } = service()
  for (const name of ['1', '2', '3']) arrive(name)
  arrive('4', { destroyed: true })
  arrive('5')
  t.same(begun, ['1'])
  await nextTurn()
  t.same(begun, ['1', '2'])
  arrive('6')
  t.same(begun, ['1', '2'], 'nobody overtakes')
  for (let turn = 0; turn < 4; turn++) await nextTurn()
  t.same(begun, ['1', '2', '3', '5', '6'])
  await nextTurn()
  arrive('7')
  t.same(begun, ['1', '2', '3', '5', '6', '7'], 'alone it begins at once')
})

t.test('those of another network do not wait behind all of one', async (t) => {
  const { begun, arrive } = service()
  for (const name of ['1', '2', '3', '4']) arrive(name, { remoteAddress: `10.0.0.${name}` })
  arrive('other', { remoteAddress: '10.0.1.1' })
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  t.same(begun, ['1', '2', 'other', '3', '4'])
})
