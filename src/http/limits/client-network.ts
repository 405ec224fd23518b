/** Whom an address stands for: one host of IPv4, but a whole network of IPv6, where each customer gets one. */
import { isIP } from 'node:net'

const GROUPS = 8
const NETWORK_GROUPS = 4

/** An address of IPv4 as it is, one of IPv6 as its first 64 bits, such as `2001:db8:0:1::/64`. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = [], tail = []] = address
    .replace(/%.*$/, '')
    .split('::')
    .map((part) => part.split(':').filter(Boolean))
  // A last part in dots stands for two groups, but only the first four are looked at.
  const missing = address.includes('::') ? GROUPS - head.length - tail.length : 0
  const groups = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail].slice(0, NETWORK_GROUPS)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
