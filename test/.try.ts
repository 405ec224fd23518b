import Fastify from 'fastify'
import { registerManners } from '../src/http/manners.ts'
import { serverOptions } from '../src/http/server-options.ts'
const app = Fastify(serverOptions)
registerManners(app)
for (const u of ['/problems/not-found','/problems/nope','/x','/problems/','/%ff'])
 { const r = await app.inject({url:u}); console.log(u, r.statusCode, r.headers, r.body.slice(0,300)) }
const r = await app.inject({url:'/problems/gone',headers:{accept:'application/json'}}); console.log(r.statusCode, r.headers, r.body)
