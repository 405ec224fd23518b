/**
 * Postgres server of the process: the one of DATABASE_URL, else the embedded one, which it starts and stops itself;
 * and as whom: as the role that serves, and as the one that owns the tables, which may be the same.
 */
import type { Config } from '../config.ts'
import type { EmbeddedOptions } from './embedded/server.ts'

export interface Server {
  /** Of the role that serves. */
  url: string
  /** Of the role that migrates, loads reference data and prunes. */
  ownerUrl: string
  /** Stops it if it is the embedded one and no other process uses it. */
  stop(): Promise<void>
}

/**
 * The server to use; `tell` hears in a few words of what takes time. The options are those of the embedded one. Throws an Error with a clear line.
 */
export async function openServer(
  config: Config,
  tell: (message: string) => void,
  options: Pick<EmbeddedOptions, 'isGuest' | 'mayCreate' | 'onDown' | 'onFailure'> = {},
): Promise<Server> {
  const { databaseUrl: url, migrateDatabaseUrl } = config
  if (url !== null) return { url, ownerUrl: migrateDatabaseUrl ?? url, stop: async () => undefined }
  const { startEmbedded } = await import('./embedded/server.ts')
  const { url: ownerUrl, serviceUrl, stop } = await startEmbedded({ dataDir: config.dataDir, log: tell, ...options })
  return { url: serviceUrl, ownerUrl, stop }
}
