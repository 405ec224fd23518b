/** Variables: how a text of the environment becomes a value, one form each. */
import { isIP } from 'node:net'

/** The value of a text; undefined when it is not of its form. */
export type Parse<T> = (value: string) => T | undefined

export const matching =
  (pattern: RegExp): Parse<string> =>
  (value) =>
    pattern.test(value) ? value : undefined

export const oneOf =
  <const T extends readonly string[]>(words: T): Parse<T[number]> =>
  (value) =>
    words.find((word) => word === value)

export const whole =
  (min: number, max: number): Parse<number> =>
  (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined

/** An address without a path: the service answers at the root of its host. */
export const origin: Parse<string> = (value) => {
  const url = URL.parse(value)
  return url && /^https?:$/.test(url.protocol) && value.replace(/\/$/, '') === url.origin ? url.origin : undefined
}

export const flag: Parse<boolean> = (value) => ({ true: true, false: false })[value]

const NETWORK_BITS = { 4: 32, 6: 128 }
const NETWORKS_MAX = 100

/** A list of addresses and networks. A network of everything is refused: its clients could call themselves anything. */
export const networks: Parse<readonly string[]> = (value) => {
  const list = value.split(',').map((one) => one.trim())
  const isNetwork = (one: string) => {
    const [address = '', bits, ...rest] = one.split('/')
    const most = NETWORK_BITS[isIP(address) as keyof typeof NETWORK_BITS]
    return most !== undefined && rest.length === 0 && (bits === undefined || whole(1, most)(bits) !== undefined)
  }
  return list.length <= NETWORKS_MAX && list.every(isNetwork) ? list : undefined
}

/** A URL of Postgres with a host and a database: what is left out would otherwise come from the surroundings. */
export const postgresUrl: Parse<string> = (value) => {
  const url = URL.parse(value)
  const isPostgres = url && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')
  return isPostgres && url.pathname.length > 1 ? value : undefined
}
