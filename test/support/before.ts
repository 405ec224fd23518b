/** Setup before all test files: the server of this run. It outlives this process and is stopped by after.ts. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { folderOf, removeOldRuns, startTestServer } from './server.ts'

await removeOldRuns()
const folder = folderOf(process.ppid)
const { url } = await startTestServer(folder)
await fs.writeFile(path.join(folder, 'url'), url)
process.exit()
