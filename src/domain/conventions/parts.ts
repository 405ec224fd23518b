/**
 * The objects inside a convention: its period, the needs that it answers, its governance, its documents. Those that
 * people write have a form of their own for bodies, where what may be unknown may be left out.
 */
import type { Static, TSchema } from 'typebox'
import { bounds, partial } from '../../engine/schema.ts'
import {
  answer,
  code,
  date,
  input,
  list,
  nullable,
  partialDate,
  prose,
  ref,
  title,
  url,
} from '../../http/schema/schemas.ts'
import { documentKinds, governanceKinds, themes } from '../vocabularies/codes.ts'

export const Period = answer(
  'Period',
  'The days on which a convention holds, both inclusive, its amendments applied (French: période de validité).',
  {
    from: nullable(date('First day, or null when it is unknown (French: premier jour).', '2022-01-01')),
    to: nullable(
      date(
        'Last day, of a terminated convention no later than that of its termination, or null when it is unknown (French: dernier jour).',
        '2026-12-31',
      ),
    ),
  },
)
export type Period = Static<typeof Period>

const need = {
  theme: nullable(code(themes, 'Theme of the need, or null for all (French: thématique).', 'parentalite')),
  description: prose(
    'What was found in the shared diagnosis (French: besoin constaté).',
    "Besoins importants constatés à L'Aigle, Aube et Rai ; attente des communes d'une action plus lisible.",
  ),
}
export const Need = answer('Need', 'A need found by the shared diagnosis (French: besoin).', need)
export const NeedInput = input(
  'NeedInput',
  'A need to record (French: besoin à inscrire).',
  partial(need, 'description'),
)

export const needs = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'Needs of the shared diagnosis (French: diagnostic partagé).')

const governanceBody = {
  kind: code(governanceKinds, 'Kind of body (French: type d’instance).', 'steering'),
  name: nullable(title('Name in use (French: nom de l’instance).', 'Comité de pilotage')),
  description: nullable(
    prose(
      'Who sits in it, how often it meets, what it decides (French: composition et rôle).',
      "La communauté de communes, la Caf de l'Orne et les communes signataires ; une réunion par an.",
    ),
  ),
}
export const GovernanceBody = answer(
  'GovernanceBody',
  'A body that steers a convention (French: instance de gouvernance).',
  governanceBody,
)
export const GovernanceBodyInput = input(
  'GovernanceBodyInput',
  'A body of governance to record (French: instance de gouvernance à inscrire).',
  partial(governanceBody, 'kind'),
)

export const governance = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'Bodies that steer the convention (French: gouvernance).')

const documentLink = {
  kind: code(documentKinds, 'Kind of document (French: type de document).', 'publication'),
  title: title(
    'Title as printed (French: titre).',
    'Projet social et éducatif du territoire : signature de la convention territoriale globale des services aux familles',
  ),
  url: nullable(
    url(
      'Where it can be read, http or https (French: adresse du document).',
      'https://www.caf.fr/allocataires/caf-de-l-orne',
    ),
  ),
  publishedOn: nullable(
    partialDate('When it was published: year, month or day (French: date de publication).', '2022'),
  ),
}
export const DocumentLink = answer(
  'DocumentLink',
  'A published document of a convention or an amendment (French: document).',
  documentLink,
)
export const DocumentLinkInput = input(
  'DocumentLinkInput',
  'A document to record (French: document à inscrire).',
  partial(documentLink, 'kind', 'title'),
)

export const documents = <T extends TSchema>(item: T) =>
  list(ref(item), bounds.entries, 'Published documents (French: documents).')
