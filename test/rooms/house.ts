import { runRoom } from '../support/room.ts'

await runRoom('*', 'clients/*', 'fuzz/*', 'search/*', 'site/*', 'statistics/*')
