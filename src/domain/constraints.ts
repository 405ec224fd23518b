/**
 * What each rule of the database means for a caller, by the name of its constraint. Handlers find faults first and
 * tell more; this is for what another request changed meanwhile, and for what slipped through. A test holds it
 * complete: a new constraint needs an entry here.
 */
import type { FaultCode } from '../http/errors/error-codes.ts'
import type { ConstraintProblem } from '../http/server/error-handler.ts'

type Place = [pointer: string, message: string]

const wrong = (code: FaultCode, ...[pointer, message]: Place): ConstraintProblem => ({
  slug: 'invalid-body',
  pointer,
  code,
  message,
})
const unknown = (...place: Place) => wrong('unknown-reference', ...place)
const malformed = (...place: Place) => wrong('malformed', ...place)
const tooMany = (...place: Place) => wrong('too-many', ...place)
const tooLong = (message: string) => wrong('too-long', '', message)
const taken = (...[pointer, message]: Place): ConstraintProblem => ({
  slug: 'already-exists',
  pointer,
  code: 'taken',
  message,
})

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

const organizations = {
  organization_pkey: taken('/id', 'Another organization has this id.'),
  organization_siren: taken('/siren', 'siren belongs to another organization.'),
  organization_siren_valid: wrong('checksum', '/siren', 'siren has nine digits, the last of which checks the others.'),
  organization_siret_valid: malformed('/siret', 'siret has 14 digits.'),
  organization_siret_of_siren: wrong('mismatch', '/siret', 'siret begins with siren.'),
}

const conventions = {
  convention_pkey: taken('/id', 'Another convention has this id.'),
  convention_caf: unknown('/cafId', 'cafId names no organization.'),
  convention_state: wrong('unknown-code', '/state', 'state must be one of draft, signed, terminated.'),
  convention_status: wrong('unknown-code', '/status', 'status is derived and cannot be this.'),
  convention_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
  convention_predecessor: unknown('/predecessorId', 'predecessorId names no convention.'),
  convention_merged_into: unknown('/mergedIntoId', 'mergedIntoId names no convention.'),
  convention_not_own_predecessor: wrong('self-reference', '/predecessorId', 'A convention cannot renew itself.'),
  convention_not_own_merger: wrong('self-reference', '/mergedIntoId', 'A convention cannot be merged into itself.'),
}

const amendments = {
  amendment_pkey: taken('/id', 'Another amendment has this id.'),
  amendment_convention: unknown('/conventionId', 'conventionId names no convention.'),
  amendment_number: taken('/number', 'Another amendment of the convention has this number.'),
  amendment_number_range: wrong('too-large', '/number', 'number must be from 1 to 999.'),
  amendment_kinds: wrong('too-few', '/kinds', 'kinds must have at least 1 entry.'),
  amendment_of_convention: taken('/id', 'Another amendment has this id.'),
}

const signatories = {
  signatory_pkey: taken('/id', 'Another signatory has this id.'),
  signatory_convention: unknown('/conventionId', 'conventionId names no convention.'),
  signatory_organization: unknown('/organizationId', 'organizationId names no organization.'),
  signatory_amendment: unknown('/amendmentId', 'amendmentId names no amendment of the convention.'),
  signatory_exit_amendment: unknown('/exitAmendmentId', 'exitAmendmentId names no amendment of the convention.'),
  signatory_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
  signatory_bound_once: taken('/organizationId', 'The organization is bound already on some of the same days.'),
}

const axes = {
  axis_pkey: taken('/id', 'Another axis has this id.'),
  axis_convention: unknown('/conventionId', 'conventionId names no convention.'),
  axis_number: taken('/number', 'Another axis at the same place of the tree has this number.'),
  axis_number_range: wrong('too-large', '/number', 'number must be from 1 to 999.'),
  axis_key: taken('/number', 'Another axis at the same place of the tree has this number.'),
  axis_parent: unknown('/parentId', 'parentId names no axis of the convention.'),
  axis_root: unknown('/parentId', 'parentId names no axis of the convention.'),
  axis_depth: wrong('too-deep', '/parentId', 'Axes have at most 5 levels, and none is below itself.'),
}

const actions = {
  action_pkey: taken('/id', 'Another action has this id.'),
  action_convention: unknown('/conventionId', 'conventionId names no convention.'),
  action_axes: unknown('/axisIds', 'axisIds names what is no axis of the convention.'),
  action_axes_length: tooMany('/axisIds', 'axisIds must have at most 20 entries.'),
  action_carried_from: unknown('/carriedFromId', 'carriedFromId names no action.'),
  action_status: wrong(
    'unknown-code',
    '/status',
    'status must be one of planned, ongoing, completed, suspended, abandoned.',
  ),
  action_progress: wrong('too-large', '/progress', 'progress must be from 0 to 100.'),
  action_ends_after_start: wrong('before-start', '/endsOn', 'endsOn is before startsOn.'),
  action_lead: unknown('/leadId', 'leadId names no organization.'),
  action_partners: unknown('/partnerIds', 'partnerIds names what is no organization.'),
  action_partners_length: tooMany('/partnerIds', 'partnerIds must have at most 200 entries.'),
  action_funders: unknown('/funding', 'A funderId names no organization.'),
  action_service_sites: unknown('/serviceSiteIds', 'serviceSiteIds names what is not linked to the convention.'),
  action_service_sites_length: tooMany('/serviceSiteIds', 'serviceSiteIds must have at most 200 entries.'),
}

const serviceSites = {
  service_site_pkey: taken('/id', 'Another service site has this id.'),
  service_site_manager: unknown('/managerId', 'managerId names no organization.'),
  service_site_owner: unknown('', 'The organization to which the site would belong no longer exists.'),
  service_site_funders: unknown('/funding', 'A funderId names no organization.'),
  service_site_commune: malformed('/communeCode', 'communeCode must be an INSEE code such as 61214.'),
  service_site_postcode: malformed('/postcode', 'postcode has 5 digits.'),
  service_site_place: wrong('required', '/longitude', 'latitude and longitude are given together or not at all.'),
  service_site_latitude: wrong('too-large', '/latitude', 'latitude must be from -90 to 90.'),
  service_site_longitude: wrong('too-large', '/longitude', 'longitude must be from -180 to 180.'),
  service_site_capacity: wrong('too-large', '/capacity', 'capacity must be from 0 to 100000.'),
  service_site_closes_after_opening: wrong('before-start', '/closedOn', 'closedOn is before openedOn.'),
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

/** By the name of the constraint. That something is still named is told by the SQLSTATE alone: see error-handler.ts. */
export const constraintProblems: Readonly<Record<string, ConstraintProblem>> = {
  ...domains,
  ...organizations,
  ...conventions,
  ...amendments,
  ...signatories,
  ...axes,
  ...actions,
  ...serviceSites,
  ...links,
  ...keys,
}
