/**
 * Constraint problems: the answer for each named constraint of the database. Checks report the same errors before, and
 * say more; these answers are for races with other requests. A test keeps the list complete: a new constraint needs an
 * entry here.
 */
import { constraintsOf, malformed, taken, tooMany, unknown, wrong } from '../engine/declaration/constraints.ts'
import type { Resource } from '../engine/declaration/resource.ts'
import type { ConstraintProblem } from '../http/server/error-handler.ts'
import { resources } from './resources.ts'

const tooLong = (message: string) => wrong('too-long', '', message)
/** The forms of values, which many columns share: where it stood is not known. */
const domains = {
  partial_date_valid: malformed('', 'A date is no year, month or day that exists between 1900 and 2199.'),
  label_text_length: tooLong('A text that has at most 100 characters is longer, or empty.'),
  title_text_length: tooLong('A text that has at most 300 characters is longer, or empty.'),
  place_text_length: tooLong('A text that has at most 300 characters is longer, or empty.'),
  prose_text_length: tooLong('A text that has at most 20,000 characters is longer, or empty.'),
  url_text_length: tooLong('An address that has at most 2,000 characters is longer, or empty.'),
  email_text_length: tooLong('An e-mail address that has at most 254 characters is longer, or empty.'),
  hours_text_length: tooLong('Opening hours that have at most 255 characters are longer, or empty.'),
  phone_text_length: tooLong('A telephone number has 4 to 30 characters.'),
  list_20_length: tooMany('', 'A list that has at most 20 entries has more.'),
  list_50_length: tooMany('', 'A list that has at most 50 entries has more.'),
  list_100_length: tooMany('', 'A list that has at most 100 entries has more.'),
  list_200_length: tooMany('', 'A list that has at most 200 entries has more.'),
  list_500_length: tooMany('', 'A list that has at most 500 entries has more.'),
  codes_length: tooMany('', 'A list of codes has at most 20 entries.'),
}

/** Links, and what a source holds: what they name was there when the request began. */
const links = {
  convention_site_key: taken('', 'The service site is linked to the convention already.'),
  convention_site_convention: unknown('', 'The convention no longer exists.'),
  convention_site_site: unknown('', 'The service site does not exist.'),
  source_name: malformed('', 'A source is named by 1 to 50 of a-z, 0-9 and hyphens.'),
  source_name_pk: taken('', 'The source exists already.'),
  source_organization: unknown('/organizationId', 'organizationId names no organization.'),
  source_key_source: unknown('', 'The source does not exist.'),
  source_key_convention: unknown('', 'The convention no longer exists.'),
  source_key_length: malformed('/key', 'key has 1 to 200 characters.'),
  source_key_form: malformed('/key', 'key must be another text than . and ..'),
  source_key_unique: taken('/key', 'The source holds something else under this key.'),
  override_source: unknown('', 'The source does not exist.'),
  override_convention: unknown('', 'The convention no longer exists.'),
  override_key: taken('', 'Another writer changed the same field at the same time.'),
  document_organization_convention: unknown('', 'The convention no longer exists.'),
  document_organization_source: unknown('', 'The source does not exist.'),
  document_organization_key: taken('/organizations', 'Two organizations of the document have the same key.'),
  document_organization_organization: unknown('/organizations', 'An organization of the document no longer exists.'),
}

const keys = {
  api_key_pk: taken('/id', 'Another key has this id.'),
  api_key_organization: unknown('/organizationId', 'organizationId names no organization.'),
  api_key_role: wrong('unknown-code', '/role', 'role must be one of reader, contributor, editor, admin.'),
  api_key_of_organization: wrong('required', '/organizationId', 'Only the key of an administrator has none.'),
  api_key_name: tooLong('The name of a key has 1 to 300 characters.'),
  api_key_hash: taken('', 'Another key has this secret.'),
  api_key_former_hash: taken('', 'Another key had this secret.'),
}

/** By the name of the constraint. That something is still referenced follows from the SQLSTATE alone: see error-handler.ts. */
export const constraintProblems: Readonly<Record<string, ConstraintProblem>> = {
  ...domains,
  ...Object.assign({}, ...Object.values<Resource>(resources).map(constraintsOf)),
  ...links,
  ...keys,
}
