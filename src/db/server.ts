/**
 * Which Postgres the process uses: the one of DATABASE_URL, else the embedded one, which it starts and stops itself.
 */
import type { Config } from '../config.ts'

export interface Server {
  url: string
  /** Stops it if it is the embedded one and nobody else uses it. */
  stop(): Promise<void>
}

/**
 * The server to use; `tell` hears in a few words of what takes time. A guest may use the embedded one while a service
 * does. Throws an Error with a clear line.
 */
export async function openServer(
  config: Config,
  tell: (message: string) => void,
  { isGuest = false } = {},
): Promise<Server> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, stop: async () => undefined }
  const { startEmbedded } = await import('./embedded.ts')
  return startEmbedded({ dataDir: config.dataDir, log: tell, isGuest })
}
