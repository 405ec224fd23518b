/** Client networks: an address of IPv4 is one client, of IPv6 a network of 64 bits, which each customer gets. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'

const NETWORK_GROUPS = 4
/** Addresses whose networks are remembered: to parse one takes longer than most else that a request goes through. */
const REMEMBERED = 10_000

export interface ClientNetwork {
  /** The client; see `networkOf`. */
  network: string
  /** See `widerNetwork`. */
  wider: string
}

const known = new LRUCache<string, ClientNetwork>({
  max: REMEMBERED,
  memoMethod: (address) => {
    const network = networkOf(address)
    return { network, wider: widerNetwork(network) }
  },
})

/** Both networks of an address. */
export const networksOf = (address: string): ClientNetwork => known.memo(address)

/**
 * An address of IPv4 in dots, in whichever form it is written (`::ffff:c000:201` is `192.0.2.1`); one of IPv6 as its
 * network, such as `2001:db8:0:1::/64`; anything else as it is.
 */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${parsed.toNormalizedString().split(':').slice(0, NETWORK_GROUPS).join(':')}::/64`
}

/** The network that such a network lies in, of those that one owner may have many of: a /24 of IPv4, a /48 of IPv6. */
const widerNetwork = (network: string): string =>
  isIP(network) === 4 ? network.replace(/\d+$/, '0/24') : network.replace(/:[^:]*::\/64$/, '::/48')
