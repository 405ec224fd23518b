/** The picture of the data model is that of the declarations. */
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { dataModel, dataModelFile } from '../tools/data-model.ts'

t.test('docs/data-model.svg shows the resources as they are declared; npm run data-model draws it anew', async (t) => {
  t.equal(dataModel(), await readFile(dataModelFile, 'utf8'))
})
