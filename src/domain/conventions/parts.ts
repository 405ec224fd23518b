/** Parts of a convention: its period, the needs that it answers, its governance, its documents. */
import { code, listOf, part, partialDate, prose, title, url } from '../../engine/declaration/field-types.ts'
import { bounds } from '../../engine/schema.ts'
import { date, nullable, responseSchema } from '../../http/schema/schemas.ts'
import { documentKinds, governanceKinds, themes } from '../vocabularies/codes.ts'

export const Period = responseSchema(
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

const need = part(
  'Need',
  {
    answer: 'A need stated by the shared diagnosis (French: besoin).',
    input: 'A need to record (French: besoin à inscrire).',
  },
  {
    theme: code(themes, 'Theme of the need, or null for all (French: thématique).', 'parentalite').nullable(),
    description: prose(
      'The need, as the shared diagnosis states it (French: besoin constaté).',
      "Besoins importants constatés à L'Aigle, Aube et Rai ; attente des communes d'une action plus lisible.",
    )
      .required()
      .search('D'),
  },
)

export const needs = listOf(need, bounds.entries, 'Needs of the shared diagnosis (French: diagnostic partagé).')

const governanceBody = part(
  'GovernanceBody',
  {
    answer: 'A body that steers a convention (French: instance de gouvernance).',
    input: 'A body of governance to record (French: instance de gouvernance à inscrire).',
  },
  {
    kind: code(governanceKinds, 'Kind of body (French: type d’instance).', 'steering').required(),
    name: title('Name in use (French: nom de l’instance).', 'Comité de pilotage').nullable(),
    description: prose(
      'Who sits in it, how often it meets, what it decides (French: composition et rôle).',
      "La communauté de communes, la Caf de l'Orne et les communes signataires ; une réunion par an.",
    ).nullable(),
  },
)

export const governance = listOf(
  governanceBody,
  bounds.entries,
  'Bodies that steer the convention (French: gouvernance).',
)

const documentLink = part(
  'DocumentLink',
  {
    answer: 'A published document of a convention or an amendment (French: document).',
    input: 'A document to record (French: document à inscrire).',
  },
  {
    kind: code(documentKinds, 'Kind of document (French: type de document).', 'publication').required(),
    title: title(
      'Title as printed (French: titre).',
      'Projet social et éducatif du territoire : signature de la convention territoriale globale des services aux familles',
    ).required(),
    url: url(
      'Where it can be read, http or https (French: adresse du document).',
      'https://www.caf.fr/allocataires/caf-de-l-orne',
    ).nullable(),
    publishedOn: partialDate(
      'When it was published: year, month or day (French: date de publication).',
      '2022',
    ).nullable(),
  },
)

export const documents = listOf(documentLink, bounds.entries, 'Published documents (French: documents).')
