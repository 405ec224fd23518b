/** What docs/speed.md says of the speed of reads is what the run that is kept measured. */
import fs from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { chartOf, placedIn } from '../bench/reads-report.ts'

const root = path.join(import.meta.dirname, '..')
const read = (file: string) => fs.readFile(path.join(root, file), 'utf8')

t.test('the table and the chart of reads in docs/speed.md are made of the run that is kept', async (t) => {
  const kept = JSON.parse(await read('bench/results/reference-reads.json'))
  const document = await read('docs/speed.md')
  t.equal(placedIn(document, kept), document)
  t.equal(chartOf(kept.results), await read('bench/results/reference-reads.svg'))
})
