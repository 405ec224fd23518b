/**
 * Platformatic as its documentation sets it up: a REST API generated from the tables, on Fastify. Plain JavaScript, for
 * its types are only there once the bench has installed it.
 */
import mapper from '@platformatic/sql-mapper'
import openapi from '@platformatic/sql-openapi'
import Fastify from 'fastify'

const [connectionString, ...ignored] = process.argv.slice(2)
const app = Fastify()
app.register(mapper, { connectionString, ignore: Object.fromEntries(ignored.map((table) => [table, true])) })
app.register(openapi)
process.stderr.write(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}\n`)
