/** Cursors: opaque, bound to their list and filters, and harmless when they are altered. */
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../src/http/errors/problems.ts'
import { type KeyType, readCursor, writeCursor } from '../../../src/http/output/pagination.ts'
import { isText } from '../../../src/http/schema/formats.ts'

/** The slug of the problem with a cursor; undefined when it can be read. */
function refusal(cursor: string, mark: string, keys: KeyType[]): string | undefined {
  try {
    readCursor(cursor, mark, keys)
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.slug
    throw error
  }
}

t.test('a cursor gives back what it was made of, only to the list that it belongs to', async (t) => {
  const uuid = fc.uuid()
  const text = fc.string().filter(isText)
  fc.assert(
    fc.property(uuid, text, fc.array(fc.integer(), { maxLength: 5 }), (id, code, path) => {
      const cursor = writeCursor('mark', [id, code, path])
      t.match(cursor, /^[\w-]+$/)
      t.same(readCursor(cursor, 'mark', ['uuid', 'text', 'integer[]']), [id, code, path])
      t.equal(refusal(cursor, 'other', ['uuid', 'text', 'integer[]']), 'invalid-cursor')
      t.equal(refusal(cursor, 'mark', ['text', 'uuid']), 'invalid-cursor')
    }),
    { numRuns: 50 },
  )
})

t.test('an altered cursor is a 400, never anything else', async (t) => {
  const altered = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    fc.jsonValue().map((value) => writeCursor('mark', [value])),
  )
  fc.assert(
    fc.property(altered, (cursor) => {
      t.match(
        refusal(cursor, 'mark', ['uuid']) ?? readCursor(cursor, 'mark', ['uuid'])[0],
        /^invalid-cursor$|^[0-9a-f-]{36}$/,
      )
    }),
  )
})
