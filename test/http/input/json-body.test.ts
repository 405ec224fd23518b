/** JSON bodies are read strictly, and in linear time whatever they hold. */
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/http/errors/problems.ts'
import { parseJson } from '../../../src/http/input/json.ts'

/** Four times the bytes take four times the work; if it grew by the square, sixteen times. */
const GROWTH = 2.5
/** Less cannot be told from chance. */
const WORK_MIN_MS = 20

/** The work of this process in milliseconds, however many others share the machine. */
function workOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  return process.cpuUsage(before).user / 1_000
}

const parsed = (text: string | Uint8Array) => {
  try {
    return parseJson(typeof text === 'string' ? Buffer.from(text) : text)
  } catch (error) {
    if (error instanceof Problem) return error.detail
    throw error
  }
}

t.test('JSON is read strictly', async (t) => {
  t.equal(parsed(''), 'The body is empty; it must be JSON.')
  t.equal(parsed('{'), 'The body is not valid JSON.')
  t.equal(parsed("{'a':1}"), 'The body is not valid JSON.')
  t.equal(parsed(new Uint8Array([0x22, 0xff, 0xfe, 0x22])), 'The body is not valid UTF-8.')
  t.same(parsed('\ufeff{"a":1}'), { a: 1 }, 'a byte order mark is left out')
  t.equal(parsed('{"a":1,"b":{"c":[{"a":1}],"c":2}}'), 'The name c stands twice in an object.')
  t.equal(parsed('{"a":1,"\\u0061":2}'), 'The name a stands twice in an object.')
  t.equal(parsed('{"a":[{"__proto__":1}]}'), 'The name __proto__ must not stand in a body.')
  t.equal(parsed('{"\\u005f_proto__":1}'), 'The name __proto__ must not stand in a body.')
  t.equal(parsed('[{"constructor":{"prototype":{}}}]'), 'The name constructor must not stand in a body.')
  t.same(parsed('{"a":"__proto__","b":"{\\"a\\":1}","c":["a","a"],"d":{"a":1}}'), {
    a: '__proto__',
    b: '{"a":1}',
    c: ['a', 'a'],
    d: { a: 1 },
  })
  t.ok(Array.isArray(parsed(`${'['.repeat(32)}${']'.repeat(32)}`)))
  t.equal(parsed(`${'['.repeat(33)}${']'.repeat(33)}`), 'The body is nested deeper than 32 levels.')
  const list = `[${'1,'.repeat(9_999)}1]`
  t.ok(Array.isArray(parsed(`[${list},${list}]`)))
  t.equal(parsed(`[${`${list},`.repeat(101)}1]`), 'The body holds more than 1000000 members and entries.')
  t.equal(parsed(`[${'1,'.repeat(10_000)}1]`), 'An object or a list holds more than 10000 members or entries.')
  const members = Array.from({ length: 10_001 }, (_, i) => `"m${i}":1`)
  t.equal(parsed(`{${members.join()}}`), 'An object or a list holds more than 10000 members or entries.')
})

t.test('whatever JSON.stringify writes is read back', async () => {
  const safe = fc.jsonValue({ maxDepth: 6 }).filter((value) => !/__proto__|constructor/.test(JSON.stringify(value)))
  fc.assert(fc.property(safe, (value) => JSON.stringify(parsed(JSON.stringify(value))) === JSON.stringify(value)))
})

t.test('the work for hostile JSON grows no faster than its size', async (t) => {
  const size = 500_000
  for (const unit of ['[', '{', '"', '\\', '{"a":', '[{},', ',"', '\\"', '{"a":"\\"']) {
    const workFor = (bytes: number) => {
      const text = Buffer.from(unit.repeat(bytes / unit.length))
      return workOf(() => t.type(parsed(text), 'string'))
    }
    workFor(size)
    const [small, large] = [workFor(size), workFor(4 * size)]
    t.ok(large < 4 * GROWTH * Math.max(small, WORK_MIN_MS), `${unit}: ${small} ms, for four times as much ${large} ms`)
  }
})
