/** Audit schemas: writes, events of keys and refusals. */
import { type Static, Type } from 'typebox'
import { auditKinds, auditOperations, auditTypes } from '../domain/vocabularies/codes.ts'
import { exampleIds } from '../engine/example-ids.ts'
import { sourceName } from '../engine/schema.ts'
import { pageOf, pageParameters } from '../http/output/pagination.ts'
import {
  boolean,
  code,
  id,
  instant,
  integer,
  LABEL_MAX,
  nullable,
  responseSchema,
  text,
} from '../http/schema/schemas.ts'

const EXAMPLE_INSTANT = '2026-01-01T00:00:00.000Z'
const EXAMPLE_REQUEST = '01890a5d-ac96-774b-bcce-b302099a8057'
const EXAMPLE_OPERATION = 'updateConvention'

const kind = code(auditKinds, 'What it tells, a code of `audit-kinds` (French: nature).', 'write')
const type = code(auditTypes, 'Type of what was written, a code of `audit-types` (French: type).', 'convention')
const operation = code(
  auditOperations,
  'What was done to it, a code of `audit-operations` (French: opération).',
  'created',
)
const actor = text(
  LABEL_MAX,
  'The key: its id, or `bootstrap`; `operator` stands for commands, `clock` for midnight (French: auteur).',
  exampleIds.key,
)
const organizationId = id('The organization whose key it is (French: organisme).', exampleIds.caf)
const requestId = text(LABEL_MAX, 'The request that wrote it (French: requête).', EXAMPLE_REQUEST)
const operationId = text(
  LABEL_MAX,
  'The operation that was refused, as in this document (French: appel refusé).',
  EXAMPLE_OPERATION,
)

export const AuditEntry = responseSchema('AuditEntry', 'An entry of the audit (French: entrée du journal d’audit).', {
  kind,
  at: instant(
    'When the world could see what was written, or when the refusals were noted; in microseconds (French: date).',
    '2026-01-01T00:00:00.000000Z',
  ),
  actor: nullable(actor),
  organizationId: nullable(organizationId),
  address: nullable(
    text(
      LABEL_MAX,
      'Of a refusal without a valid key, where it came from: an address of IPv4, or the first 64 bits of one of IPv6; null too when too many were refused to tell them apart (French: adresse).',
      '192.0.2.1',
    ),
  ),
  position: nullable(
    integer(1, Number.MAX_SAFE_INTEGER, 'Of what was written: its place in the journal (French: position).', 2),
  ),
  requestId: nullable(requestId),
  source: nullable(sourceName('The source that wrote it (French: source).')),
  type: nullable(type),
  id: nullable(id('The resource or key that was written (French: identifiant).', exampleIds.convention)),
  version: nullable(integer(1, Number.MAX_SAFE_INTEGER, 'The version that it had then (French: version).', 1)),
  operation: nullable(operation),
  conventionId: nullable(id('The convention that it was under (French: convention).', exampleIds.convention)),
  operationId: nullable(operationId),
  status: nullable(integer(400, 499, 'Of a refusal: the status of the answers (French: statut).', 403)),
  count: integer(1, Number.MAX_SAFE_INTEGER, 'How many refusals it tells at once; 1 of a write (French: nombre).', 1),
  firstAt: nullable(instant('Of refusals: when the first came (French: première tentative).', EXAMPLE_INSTANT)),
  lastAt: nullable(instant('Of refusals: when the last came (French: dernière tentative).', EXAMPLE_INSTANT)),
})
export type AuditEntry = Static<typeof AuditEntry>

export const AuditPage = pageOf(AuditEntry)

/** The last line of an audit as lines, which says that it is whole. */
export const AuditEnd = responseSchema('AuditEnd', 'The last line of an audit (French: dernière ligne).', {
  complete: boolean('Nothing is missing (French: complet).', true),
  count: integer(0, Number.MAX_SAFE_INTEGER, 'How many entries there are (French: nombre).', 27),
})

const filters = {
  from: Type.Optional(
    instant('From this instant on: RFC 3339 with an offset, `+` written as `%2B` (French: depuis).', EXAMPLE_INSTANT),
  ),
  until: Type.Optional(instant('Before this instant (French: avant).', '2027-01-01T00:00:00.000Z')),
  kind: Type.Optional(kind),
  type: Type.Optional(type),
  operation: Type.Optional(operation),
  actor: Type.Optional(actor),
  organizationId: Type.Optional(organizationId),
  requestId: Type.Optional(requestId),
  operationId: Type.Optional(operationId),
}

export const AuditQuery = Type.Object({ ...filters, ...pageParameters })
export type AuditFilter = { [K in keyof typeof filters]?: Static<(typeof filters)[K]> }
