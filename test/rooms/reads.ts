import { runRoom } from '../support/room.ts'

await runRoom('engine/*', 'engine/cache/*', 'engine/read/*')
