/**
 * Organizations: bodies that coordinate, sign, lead, take part, manage or fund. No field may hold the name of a natural
 * person, because the registry is public.
 */
import type { Static } from 'typebox'
import { rights } from '../../auth/policy.ts'
import { malformed, taken, wrong } from '../../engine/declaration/constraints.ts'
import { code, email, field, pattern, phone, text, title, url } from '../../engine/declaration/field-types.ts'
import { byText } from '../../engine/declaration/orders.ts'
import { resource } from '../../engine/declaration/resource.ts'
import { departmentCode, territory } from '../../engine/declaration/territories.ts'
import { bounds, sirenForm } from '../../engine/schema.ts'
import { form } from '../../http/schema/formats.ts'
import { LABEL_MAX, uniqueList } from '../../http/schema/schemas.ts'
import { organizationKinds } from '../vocabularies/codes.ts'
import { broughtBy, filters } from './filters.ts'
import { identifiers } from './parts.ts'
import { derivedColumns, siretOfSiren, uniqueSiren, validSiren } from './rules.ts'
import { authorizeOrganization, lockOrganization, organizationFacts, selectRivals } from './writes.ts'

/** The most that one document names. */
const DOCUMENT_MAX = 2_000

const siretForm = form('^\\d{14}$', '14 digits')

export const organizations = resource('organization', {
  path: '/organizations',
  visibility: 'always',
  example: 'cdc-pays-de-l-aigle',
  document: {
    description: 'Organizations that the document names (French: organismes).',
    max: DOCUMENT_MAX,
    optional: ['kind', 'name'],
  },
  docs: {
    answer: 'A body that takes part in conventions (French: organisme).',
    input: 'An organization to create: its kind and name are enough (French: organisme à créer).',
    document:
      'An organization that the document names. One that the registry knows is never changed, only completed. A SIREN or a territory is enough for a commune, EPCI, département or region, whose kind, name and SIREN are those of the official code (French: organisme).',
    french: 'un organisme',
    tag: 'The bodies that sign, coordinate, lead, take part, manage or fund.',
    home: 'The organizations.',
    list: 'The bodies that sign, coordinate, lead, take part, manage or fund, shared by all conventions.',
    get: 'One body: its kind, names, official numbers, territory and mailbox. No natural person is named anywhere.',
    create: 'A kind and a name are enough; look it up first, organizations are shared by all.',
    delete:
      'Deletes it. One that coordinates, signs, leads, takes part, manages or funds is in use and cannot be deleted.',
  },
  fields: {
    kind: code(organizationKinds, 'Kind of body (French: type d’organisme).', 'epci')
      .required()
      .filter('Only this kind of body (French: type d’organisme).'),
    name: title('Full name (French: nom).', "Communauté de communes des Pays de L'Aigle")
      .required()
      .search('A', { isName: true }),
    shortName: text(LABEL_MAX, 'Short name in use (French: nom usuel).', "CdC des Pays de L'Aigle")
      .nullable()
      .search('B'),
    siren: pattern(sirenForm, 'SIREN: nine digits, the last a Luhn check; unique (French: numéro SIREN).', '200068468')
      .nullable()
      .filter('Only the one with this SIREN (French: numéro SIREN).'),
    siret: pattern(
      siretForm,
      'SIRET: fourteen digits that begin with the SIREN (French: numéro SIRET).',
      '20006846800012',
    ).nullable(),
    identifiers,
    territory: territory('Where it is or works: a commune, EPCI, département or region (French: territoire).').search(
      'C',
    ),
    departmentCodes: field(
      uniqueList(
        departmentCode('Official code of a département (French: code du département).', '61'),
        bounds.derived,
        'Départements of its territory, filled in by the registry (French: départements).',
      ),
    ).derived(),
    website: url('Web site (French: site internet).', 'https://www.caf.fr/allocataires/caf-de-l-orne').nullable(),
    email: email(
      'Mailbox of a function, never of a person (French: adresse électronique).',
      'accueil@caf-orne.example',
    ).nullable(),
    phone: phone('Telephone number (French: téléphone).', '32 30').nullable(),
  },
  hidden: { nameKey: 'the name without accents and case, by which it is matched', territoryKey: 'of the territory' },
  filters,
  sort: { name: byText('name') },
  syncedBy: broughtBy,
  rules: [validSiren, siretOfSiren],
  checks: [uniqueSiren],
  derivedColumns,
  rights: { create: rights.createOrganization, update: rights.organization, delete: rights.organization },
  authorize: authorizeOrganization,
  facts: organizationFacts,
  lock: lockOrganization,
  selectRivals,
  constraints: {
    organization_siren: taken('/siren', 'siren belongs to another organization.'),
    organization_siren_valid: wrong(
      'checksum',
      '/siren',
      'siren has nine digits, the last of which checks the others.',
    ),
    organization_siret_valid: malformed('/siret', 'siret has 14 digits.'),
    organization_siret_of_siren: wrong('mismatch', '/siret', 'siret begins with siren.'),
  },
})
export type Organization = Static<typeof organizations.Answer>
