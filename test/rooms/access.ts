import { runRoom } from '../support/room.ts'

await runRoom('audit/*', 'auth/*', 'ops/*')
