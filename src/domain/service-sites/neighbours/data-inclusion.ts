/**
 * data.inclusion: service sites as structures and services of the schema 1.0 of data.inclusion, the French format for
 * offers of social integration: https://www.data.inclusion.gouv.fr. The site is the structure.
 */

import type { Audience, SiteType, Theme } from '../../vocabularies/codes.ts'
import { networks, professionals, publics, thematics, typesOfService, typeThematics } from './data-inclusion-codes.ts'
import { type DescribedSite, type Site, serviceDescription, serviceName, serviceTypes, uriOf } from './services.ts'

/** Bounds of data.inclusion, in characters. */
const NAME = { min: 3, max: 150 }
const DESCRIPTION = { min: 5, max: 10_000 }
const URI_MAX = 2_083

/** The name of the registry as a producer of data. */
const SOURCE = 'ctg'

/** A site as a structure. */
export function structureOf({ site, manager, communes }: DescribedSite) {
  return {
    source: SOURCE,
    id: idOf(site.id),
    nom: named(site.name),
    date_maj: site.updatedAt.slice(0, 10),
    description: described(site.description),
    siret: manager?.siret ?? null,
    ...placeOf(site, communes),
    telephone: site.phone,
    courriel: site.email,
    site_web: boundedUri(site.website),
    horaires_accueil: site.openingHours,
    reseaux_porteurs: listed(site.types.flatMap((type) => networks[type] ?? [])),
    accessibilite_lieu: null,
    lien_source: null,
  }
}

/** The services of a site. */
export const servicesOf = (described: DescribedSite) =>
  serviceTypes(described.site).map((type) => serviceOf(described, type))

function serviceOf({ site, communes }: DescribedSite, type: SiteType | null) {
  const name = named(serviceName(site, type))
  const isForPeople = site.audiences.length === 0 || site.audiences.some((audience) => !professionals.has(audience))
  const isForProfessionals = site.audiences.some((audience) => professionals.has(audience))
  return {
    source: SOURCE,
    structure_id: idOf(site.id),
    id: idOf(site.id, type ?? 'service'),
    nom: name,
    description: described(serviceDescription(site, type)) ?? described(name) ?? NO_DESCRIPTION,
    date_maj: site.updatedAt.slice(0, 10),
    type: (type && typesOfService[type]) ?? null,
    thematiques: listed((type && typeThematics[type]) ?? site.themes.flatMap((theme: Theme) => thematics[theme] ?? [])),
    publics: listed(site.audiences.flatMap((audience: Audience) => publics[audience] ?? [])),
    mobilisable_par: [...(isForPeople ? ['usagers'] : []), ...(isForProfessionals ? ['professionnels'] : [])],
    modes_accueil: ['en-presentiel'],
    modes_mobilisation: listed([
      ...(site.phone === null ? [] : ['telephoner']),
      ...(site.email === null ? [] : ['envoyer-un-courriel']),
      ...(site.address === null ? [] : ['se-presenter']),
    ]),
    ...placeOf(site, communes),
    telephone: site.phone,
    courriel: site.email,
    horaires_accueil: site.openingHours,
    lien_mobilisation: null,
    lien_source: null,
  }
}

const NO_DESCRIPTION = 'Non renseignée'

const idOf = (...parts: string[]) => [SOURCE, ...parts].join('--')

function placeOf({ communeCode, postcode, address, latitude, longitude }: Site, communes: ReadonlyMap<string, string>) {
  return {
    commune: (communeCode && communes.get(communeCode)) || null,
    code_insee: communeCode,
    code_postal: postcode,
    adresse: address,
    complement_adresse: null,
    latitude,
    longitude,
  }
}

/** A name of allowed length that does not end with a full stop. */
function named(name: string): string {
  const shortened = shortenedTo(NAME.max, name.replace(/[.\s]+$/, ''))
  return shortened + '-'.repeat(Math.max(0, NAME.min - [...shortened].length))
}

/** Null where there is too little to say. */
function described(description: string | null): string | null {
  if (description === null || [...description].length < DESCRIPTION.min) return null
  return shortenedTo(DESCRIPTION.max, description)
}

function shortenedTo(max: number, text: string): string {
  const characters = [...text]
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`
}

function boundedUri(website: string | null): string | null {
  const uri = uriOf(website)
  return uri !== null && uri.length <= URI_MAX ? uri : null
}

/** Without repetition; null of an empty list. */
const listed = <T>(codes: readonly T[]): T[] | null => (codes.length === 0 ? null : [...new Set(codes)])
