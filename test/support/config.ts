/** Configuration of tests, and the administrator's key in it. */
import { type Config, readConfig } from '../../src/config.ts'

export const ADMIN_KEY = 'test-admin-key-of-more-than-32-characters'

/** The names of all variables that the service reads. */
export function variableNames(): string[] {
  const names = new Set<string>()
  readConfig(new Proxy({}, { get: (_, name) => void names.add(String(name)) }))
  return [...names]
}

/** The defaults of the service, without the example, and with more requests a minute than tests make. */
export const testConfig = (changes: Partial<Config> = {}): Config => ({
  ...readConfig({ BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, LOAD_EXAMPLE: 'false', LOG_LEVEL: 'silent', RATE_LIMIT: '1000000' }),
  ...changes,
})
