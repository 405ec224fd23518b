/**
 * The words of an organization: a body that coordinates, signs, leads, takes part, manages or funds. No field may
 * hold the name of a natural person, because the registry is public.
 */
import { type Static, type TSchema, Type } from 'typebox'
import { exampleIds } from '../../engine/example-ids.ts'
import {
  bounds,
  derived,
  described,
  filterBySource,
  identity,
  partial,
  record,
  sirenForm,
} from '../../engine/schema.ts'
import { form } from '../../http/schema/formats.ts'
import {
  answer,
  code,
  distinct,
  email,
  input,
  LABEL_MAX,
  list,
  nullable,
  pattern,
  phone,
  ref,
  text,
  title,
  url,
} from '../../http/schema/schemas.ts'
import { departmentCode, TerritoryInput, TerritoryRef } from '../territories/schema.ts'
import { identifierSchemes, organizationKinds } from '../vocabularies/codes.ts'

const identifier = {
  scheme: code(identifierSchemes, 'Who gives these identifiers (French: référentiel).', 'caf-code'),
  value: text(LABEL_MAX, 'The identifier, as that scheme writes it (French: valeur).', '611'),
}
export const Identifier = answer(
  'Identifier',
  'An identifier of another scheme than SIREN and SIRET (French: identifiant externe).',
  identifier,
)
export const IdentifierInput = input(
  'IdentifierInput',
  'An `Identifier` as it is written (French: identifiant externe).',
  {
    ...identifier,
  },
)

/** The list of identifiers of an organization or a site. */
export const identifiers = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.identifiers, 'Identifiers of other schemes (French: identifiants externes).')

const TERRITORY = 'Where it is or works: a commune, EPCI, département or region (French: territoire).'

/** The fields of an organization as it is answered, in the order in which people read them. */
const siretForm = form('^\\d{14}$', '14 digits')

export const organizationFields = {
  kind: code(organizationKinds, 'Kind of body (French: type d’organisme).', 'epci'),
  name: title('Full name (French: nom).', "Communauté de communes des Pays de L'Aigle"),
  shortName: nullable(text(LABEL_MAX, 'Short name in use (French: nom usuel).', "CdC des Pays de L'Aigle")),
  siren: nullable(
    pattern(sirenForm, 'SIREN: nine digits, the last a Luhn check; unique (French: numéro SIREN).', '200068468'),
  ),
  siret: nullable(
    pattern(siretForm, 'SIRET: fourteen digits that begin with the SIREN (French: numéro SIRET).', '20006846800012'),
  ),
  identifiers: identifiers(Identifier),
  territory: described(nullable(ref(TerritoryRef)), TERRITORY),
  departmentCodes: distinct(
    departmentCode('Official code of a département (French: code du département).', '61'),
    bounds.derived,
    'Départements of its territory, filled in by the registry (French: départements).',
  ),
  website: nullable(url('Web site (French: site internet).', 'https://www.caf.fr/allocataires/caf-de-l-orne')),
  email: nullable(
    email('Mailbox of a function, never of a person (French: adresse électronique).', 'accueil@caf-orne.example'),
  ),
  phone: nullable(phone('Telephone number (French: téléphone).', '32 30')),
}

const { departmentCodes, ...written } = organizationFields

/** The fields of an organization as it is written. */
export const organizationBody = {
  ...written,
  identifiers: identifiers(IdentifierInput),
  territory: described(nullable(TerritoryInput), TERRITORY),
}

export const Organization = answer('Organization', 'A body that takes part in conventions (French: organisme).', {
  ...identity(exampleIds.intercommunality),
  ...organizationFields,
  ...record,
})
export type Organization = Static<typeof Organization>

export const OrganizationInput = input(
  'OrganizationInput',
  'An organization to create: its kind and name are enough (French: organisme à créer).',
  partial(organizationBody, 'kind', 'name'),
  derived(Organization, organizationBody),
)
export type OrganizationInput = Static<typeof OrganizationInput>

export const OrganizationPatch = input(
  'OrganizationPatch',
  'The fields of an organization to change, as JSON Merge Patch (French: modification d’un organisme).',
  partial(organizationBody),
  derived(Organization, organizationBody),
)
export type OrganizationPatch = Static<typeof OrganizationPatch>

export const OrganizationFilter = {
  siren: Type.Optional(pattern(sirenForm, 'Only the one with this SIREN (French: numéro SIREN).', '200068468')),
  kind: Type.Optional(code(organizationKinds, 'Only this kind of body (French: type d’organisme).', 'epci')),
  ...filterBySource('cdc-pays-de-l-aigle'),
}
