/** The words about the registry itself: its identifiers, kinds of territory and resource, changes and roles of keys. */
import type {
  changeOperations,
  identifierSchemes,
  KeyRole,
  ResourceType,
  TerritoryKind,
  versionOperations,
} from '../codes.ts'
import type { TermTexts } from '../schema.ts'

export const identifierSchemeTerms: TermTexts<(typeof identifierSchemes)[number]> = {
  'caf-code': {
    label: { fr: 'Code Caf', en: 'Caf code' },
    definition: {
      fr: 'Numéro donné par une Caf : de l’organisme lui-même ou du partenaire dans son système.',
      en: 'Number given by a Caf: of the Caf itself or of the partner in its system.',
    },
    aliases: ['Numéro Caf', 'Code partenaire'],
  },
  rna: {
    label: { fr: 'Numéro RNA', en: 'RNA number' },
    definition: {
      fr: 'Numéro du répertoire national des associations : W et neuf chiffres.',
      en: 'Number in the national register of associations: W and nine digits.',
    },
    aliases: ['Numéro Waldec'],
  },
  finess: {
    label: { fr: 'Numéro Finess', en: 'Finess number' },
    definition: {
      fr: 'Numéro à neuf caractères du fichier national des établissements sanitaires et sociaux.',
      en: 'Number of nine characters in the national file of health and social institutions.',
    },
    aliases: ['FINESS'],
  },
  uai: {
    label: { fr: 'Code UAI', en: 'UAI code' },
    definition: {
      fr: 'Code de l’unité administrative immatriculée d’un établissement scolaire : sept chiffres et une lettre.',
      en: 'Code of a school in the national register: seven digits and a letter.',
    },
    aliases: ['RNE'],
  },
  other: {
    label: { fr: 'Autre identifiant', en: 'Other identifier' },
    definition: { fr: 'Identifiant d’un autre répertoire.', en: 'Identifier of another register.' },
  },
}

export const territoryKindTerms: TermTexts<TerritoryKind> = {
  commune: {
    label: { fr: 'Commune', en: 'Commune' },
    definition: {
      fr: 'Commune du code officiel géographique, par son code Insee à cinq caractères.',
      en: 'Municipality of the official geographic code, by its five-character INSEE code.',
    },
  },
  epci: {
    label: { fr: 'Intercommunalité (EPCI à fiscalité propre)', en: 'Intermunicipal authority (EPCI)' },
    definition: {
      fr: 'Communauté de communes, d’agglomération, communauté urbaine ou métropole, par son Siren à neuf chiffres.',
      en: 'Grouping of communes that levies its own taxes, by its nine-digit SIREN.',
    },
    aliases: ['EPCI', 'Intercommunalité'],
  },
  departement: {
    label: { fr: 'Département', en: 'Département' },
    definition: {
      fr: 'Département ou collectivité d’outre-mer, par son code à deux ou trois caractères.',
      en: 'Département or overseas collectivity, by its code of two or three characters.',
    },
  },
  region: {
    label: { fr: 'Région', en: 'Region' },
    definition: {
      fr: 'Région, par son code Insee à deux chiffres.',
      en: 'Region, by its two-digit INSEE code.',
    },
  },
}

export const resourceTypeTerms: TermTexts<ResourceType> = {
  convention: {
    label: { fr: 'Convention', en: 'Convention' },
    definition: {
      fr: 'Convention territoriale globale (CTG) : accord d’une Caf avec les collectivités d’un territoire, pour quatre ou cinq ans le plus souvent.',
      en: 'Convention territoriale globale (CTG): agreement of a Caf with the local authorities of a territory, mostly for four or five years.',
    },
    aliases: ['CTG', 'Convention territoriale globale'],
  },
  amendment: {
    label: { fr: 'Avenant', en: 'Amendment' },
    definition: { fr: 'Changement daté d’une convention.', en: 'Dated change of a convention.' },
  },
  organization: {
    label: { fr: 'Organisme', en: 'Organization' },
    definition: {
      fr: 'Organisme qui coordonne, signe, porte, finance ou gère.',
      en: 'Body that coordinates, signs, leads, funds or manages.',
    },
    aliases: ['Partenaire'],
  },
  signatory: {
    label: { fr: 'Signataire', en: 'Signatory' },
    definition: {
      fr: 'Organisme lié par une convention, d’un jour à un autre.',
      en: 'Organization bound by a convention, from a day to a day.',
    },
  },
  axis: {
    label: { fr: 'Axe', en: 'Axis' },
    definition: {
      fr: 'Ligne numérotée du plan, qui peut avoir des sous-axes.',
      en: 'Numbered line of the plan, which may have sub-axes.',
    },
    aliases: ['Enjeu', 'Orientation', 'Changement', 'Objectif'],
  },
  action: {
    label: { fr: 'Fiche action', en: 'Action' },
    definition: {
      fr: 'Ce qui sera fait, sous un ou plusieurs axes.',
      en: 'What will be done, under one or more axes.',
    },
    aliases: ['Action'],
  },
  'service-site': {
    label: { fr: 'Lieu de service', en: 'Service site' },
    definition: {
      fr: 'Lieu, ou service itinérant avec ses arrêts, où les familles trouvent un service.',
      en: 'Place, or travelling service with its stops, where families find a service.',
    },
    aliases: ['Équipement', 'Structure'],
  },
}

export const changeOperationTerms: TermTexts<(typeof changeOperations)[number]> = {
  upsert: {
    label: { fr: 'Créer ou remplacer', en: 'Create or replace' },
    definition: {
      fr: 'La copie garde la ressource telle qu’elle est donnée.',
      en: 'The copy keeps the resource as it is given.',
    },
  },
  left: {
    label: { fr: 'Sortie', en: 'Left' },
    definition: {
      fr: 'La ressource ne répond plus au filtre ou aux droits du lecteur, ou lui est cachée aujourd’hui : la copie la retire.',
      en: 'The resource no longer fits the filter or the rights of the reader, or is hidden from him today: the copy removes it.',
    },
  },
  delete: {
    label: { fr: 'Supprimer', en: 'Delete' },
    definition: {
      fr: 'La ressource n’existe plus : la copie la retire.',
      en: 'The resource no longer exists: the copy removes it.',
    },
  },
}

export const versionOperationTerms: TermTexts<(typeof versionOperations)[number]> = {
  created: {
    label: { fr: 'Création', en: 'Created' },
    definition: { fr: 'La version est la première.', en: 'The version is the first one.' },
  },
  updated: {
    label: { fr: 'Modification', en: 'Updated' },
    definition: { fr: 'La version remplace la précédente.', en: 'The version replaces the one before.' },
  },
  deleted: {
    label: { fr: 'Suppression', en: 'Deleted' },
    definition: { fr: 'La version marque la fin de la ressource.', en: 'The version marks the end of the resource.' },
  },
}

export const keyRoleTerms: TermTexts<KeyRole> = {
  reader: {
    label: { fr: 'Lecture', en: 'Reader' },
    definition: {
      fr: 'Lit ce qui est public et les brouillons de son organisme.',
      en: 'Reads what is public and the drafts of its own organization.',
    },
  },
  contributor: {
    label: { fr: 'Contribution', en: 'Contributor' },
    definition: {
      fr: 'Suit les actions que son organisme porte et les lieux qu’il gère, dans les conventions qui le lient aujourd’hui.',
      en: 'Follows up the actions that its organization leads and the sites that it manages, in conventions that bind it today.',
    },
    aliases: ['Signataire'],
  },
  editor: {
    label: { fr: 'Édition', en: 'Editor' },
    definition: {
      fr: 'Écrit les conventions que son organisme coordonne et tout ce qu’elles contiennent.',
      en: 'Writes the conventions that its organization coordinates and all that is under them.',
    },
    aliases: ['Caf'],
  },
  admin: {
    label: { fr: 'Administration', en: 'Administrator' },
    definition: { fr: 'Voit et écrit tout le registre.', en: 'Sees and writes everything in the registry.' },
  },
}
