/**
 * Example ids: the same on every machine, so that the ids printed in the contract answer as soon as the example is
 * loaded. They look like any other id (UUIDv7), with 1 January 2026 as their instant.
 */
import { createHash } from 'node:crypto'
import type { ResourceType } from './resource-types.ts'

/** The source under which the example is loaded. */
export const EXAMPLE_SOURCE = 'pays-de-l-aigle'

const BORN_MS = Date.UTC(2026, 0, 1)

/**
 * The id of a resource of the example. Conventions, organizations and service sites go by their key, all else by
 * `<key of the convention>/<key>`.
 */
export function exampleId(type: ResourceType, key: string): string {
  const bytes = createHash('sha256').update(`${EXAMPLE_SOURCE}/${type}/${key}`).digest().subarray(0, 16)
  bytes.writeUIntBE(BORN_MS, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The ids that several places show. */
export const exampleIds = {
  firstConvention: exampleId('convention', 'pays-de-l-aigle-2018'),
  convention: exampleId('convention', 'pays-de-l-aigle-2022'),
  caf: exampleId('organization', 'caf-orne'),
  intercommunality: exampleId('organization', 'cdc-pays-de-l-aigle'),
  action: exampleId('action', 'pays-de-l-aigle-2022/itinerance'),
  serviceSite: exampleId('service-site', 'services-itinerants'),
  /** Of no key: the example holds none. */
  key: '019b76da-a800-7c1f-9a6e-2f1d3b5c7e90',
} as const
