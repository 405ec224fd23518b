/**
 * Account that the embedded Postgres runs as. It refuses to run as root; then it runs as the owner of its cluster, else as the
 * user `postgres`, else as `nobody`.
 */
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'

export interface Account {
  name: string
  uid: number
  gid: number
}

/** The account for a cluster's folder that may not exist yet; null: the one that we run as ourselves. */
export async function accountFor(folder: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null
  const accounts = await readAccounts()
  const owner = await stat(folder).catch(() => null)
  if (owner && owner.uid !== 0) {
    const name = accounts.find(({ uid }) => uid === owner.uid)?.name ?? String(owner.uid)
    return { name, uid: owner.uid, gid: owner.gid }
  }
  const account = ['postgres', 'nobody'].map((name) => accounts.find((known) => known.name === name)).find(Boolean)
  if (account) return account
  throw new Error('The embedded Postgres does not run as root, and there is no user postgres or nobody to run it as.')
}

async function readAccounts(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
}

/** The first folder on the way to a file or folder that an account may not enter; null if it may enter them all. */
export async function firstUnreachable(target: string, { uid, gid }: Account): Promise<string | null> {
  const parts = path.resolve(target).split(path.sep)
  for (let length = 1; length <= parts.length; length++) {
    const step = parts.slice(0, length).join(path.sep) || path.sep
    const { mode, uid: owner, gid: group } = await stat(step)
    const mayEnter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
    if ((mode & mayEnter) === 0) return step
  }
  return null
}
