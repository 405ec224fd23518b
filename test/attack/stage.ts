/** The stage of the attacks: a service with its probe, an honest organization, and attackers of another with three keys. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { ADMIN_KEY } from '../support/config.ts'
import { createKey } from '../support/keys.ts'
import { createTestDatabase } from '../support/registry.ts'
import { ask as askService, startService } from '../support/service.ts'
import { ask, type Target } from './clients.ts'

export interface Stage {
  anybody: Target
  /** Keys of the attackers' organization: an editor's and two readers'. */
  attackers: [editor: Target, reader: Target, reader: Target]
  organizationId: string
  honest: { target: Target; site: string; organizationId: string; control: Target }
  /** Of a public convention with a document of a megabyte. */
  largePath: string
  memory(): number
  /** The longest that the event loop worked without a pause since the last call, in milliseconds. */
  longestWork(): number
}

/** One network each. */
export const addresses = ['127.0.10.1', '127.0.11.1', '127.0.12.1', '127.0.13.1', '127.0.14.1']

export async function setStage(t: Test): Promise<Stage> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'attack-'))
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }))
  const probed = path.join(folder, 'loop')
  fs.writeFileSync(probed, '')
  const url = await createTestDatabase(t)
  const probe = pathToFileURL(path.join(import.meta.dirname, 'loop-probe.ts'))
  probe.searchParams.set('file', probed)
  const service = await startService(t, {
    DATABASE_URL: url,
    BOOTSTRAP_ADMIN_KEY: ADMIN_KEY,
    LOAD_EXAMPLE: 'true',
    LOG_LEVEL: 'error',
    NODE_OPTIONS: `--import=${probe.href}`,
  })
  const { hostname, port } = new URL(service.address)
  const anybody = { host: hostname, port: Number(port) }
  const made = async (to: string, body: object) => (await askService(service, to, { method: 'POST', body })).body.id
  const organizationId = await made('/v1/organizations', { kind: 'caf', name: 'Attackers' })
  const honestId = await made('/v1/organizations', { kind: 'caf', name: 'Honest' })
  const db = openDatabase(url, { connections: 1 })
  const member = async (role: 'editor' | 'reader', of: string) => ({
    ...anybody,
    key: (await createKey(db, role, { role, organizationId: of }, new Date())).secret,
  })
  const attackers: Stage['attackers'] = [
    await member('editor', organizationId),
    await member('reader', organizationId),
    await member('reader', organizationId),
  ]
  const [target, control] = [await member('editor', honestId), await startControl(t)]
  const honest = { target, site: '', organizationId: honestId, control }
  await closeDatabase(db)
  honest.site = `/v1/service-sites/${await made('/v1/service-sites', { name: 'Lieu' })}`
  const largePath = '/v1/sources/attack/conventions/large'
  const status = await ask({ ...anybody, key: ADMIN_KEY }, { method: 'PUT', path: largePath, body: largeDocument() })
  if (status !== 201) throw new Error(`the document was answered ${status}`)
  let read = 0
  return {
    ...{ anybody, attackers, organizationId, honest, largePath },
    memory: () => residentBytes(service.process.pid as number),
    longestWork() {
      const works = fs.readFileSync(probed, 'utf8').trim().split('\n').slice(read)
      read += works[0] === '' ? 0 : works.length
      return Math.max(0, ...works.map(Number))
    },
  }
}

async function startControl(t: Test): Promise<Target> {
  const control = fork(path.join(import.meta.dirname, 'control.ts'))
  t.teardown(() => control.kill('SIGKILL'))
  const [port] = await once(control, 'message')
  return { host: '127.0.0.1', port }
}

const largeDocument = () =>
  JSON.stringify({
    title: 'CTG',
    state: 'signed',
    caf: 'caf',
    organizations: [{ key: 'caf', kind: 'caf', name: "Caf de l'Orne", territory: 'departement:61' }],
    actions: Array.from({ length: 300 }, (_, i) => ({ key: `${i}`, title: 'A', description: 'é'.repeat(3_000) })),
  })

/** Resident memory of a process in bytes (Linux). */
function residentBytes(pid: number): number {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
