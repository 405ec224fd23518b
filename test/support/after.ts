/** Teardown after all test files: the server that before.ts started is adopted and stopped. */
import { folderOf, removeRun } from './server.ts'

await removeRun(folderOf(process.ppid))
