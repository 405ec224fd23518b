/**
 * Bare contender: Fastify alone, each answer one Buffer, read from a folder at the start. No service on Fastify can
 * exceed it.
 */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import Fastify from 'fastify'

const folder = process.argv[2] as string
const app = Fastify()

/** `<row>.json`, or `<row>.json.gz` for those who accept gzip. */
for (const file of await readdir(folder)) {
  const bytes = await readFile(path.join(folder, file))
  const [row, , gz] = file.split('.')
  app.get(`/${gz ? 'gzip' : 'identity'}/${row}/:id`, (_request, reply) => {
    reply.header('content-type', 'application/json; charset=utf-8')
    if (gz) reply.header('content-encoding', 'gzip')
    reply.send(bytes)
  })
}
process.stderr.write(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}\n`)
