import { readFile } from 'node:fs/promises'
import t from 'tap'
import { migrate } from '../../src/db/migrations.ts'
import { whenAvailable } from '../../src/db/waiting.ts'

t.test('a database that does not come is waited for until the limit, and the reason is said', async (t) => {
  const lines: string[] = []
  const start = whenAvailable(
    () => migrate('postgres://nobody@127.0.0.1:1/nothing'),
    (line) => lines.push(line),
    600,
  )
  await t.rejects(start, {
    message: 'The database could not be used within 0.6 seconds: connect ECONNREFUSED 127.0.0.1:1',
  })
  t.same(lines, ['waiting up to 0.6 seconds for the database: connect ECONNREFUSED 127.0.0.1:1'], 'once')
})

t.test('what is no matter of the database is not tried again', async (t) => {
  for (const work of [() => Promise.reject(new Error('a defect')), () => readFile('/nowhere')]) {
    let attempts = 0
    const start = whenAvailable(
      () => {
        attempts++
        return work()
      },
      () => t.fail('nothing is waited for'),
    )
    await t.rejects(start, /a defect|ENOENT/)
    t.equal(attempts, 1)
  }
})
