/**
 * Services: what neighbouring models call so. Each type of a service site is one service that it offers; a site without
 * types offers one, named after it.
 */
import type { Audience, OrganizationKind, SiteType, Theme } from '../../vocabularies/codes.ts'
import type { Term } from '../../vocabularies/schema.ts'
import { findVocabulary } from '../../vocabularies/vocabularies.ts'

/** Where and when a travelling service stops. */
export interface Stop {
  communeCode: string | null
  place: string | null
  latitude: number | null
  longitude: number | null
  openingHours: string | null
  startsOn: string | null
  endsOn: string | null
}

/** What neighbours take of the organization that runs a site. */
export interface Manager {
  id: string
  kind: OrganizationKind
  name: string
  shortName: string | null
  siren: string | null
  siret: string | null
  identifiers: { scheme: string; value: string }[]
  website: string | null
  email: string | null
  phone: string | null
}

/** What neighbours take of a site, as GET answers it. */
export interface Site {
  id: string
  name: string
  types: SiteType[]
  managerId: string | null
  description: string | null
  themes: Theme[]
  audiences: Audience[]
  communeCode: string | null
  address: string | null
  postcode: string | null
  latitude: number | null
  longitude: number | null
  funding: { year: number; funderName: string | null }[]
  openedOn: string | null
  closedOn: string | null
  openingHours: string | null
  website: string | null
  email: string | null
  phone: string | null
  accessible: boolean | null
  stops: Stop[]
  updatedAt: string
}

/** A site with what stands elsewhere in the registry. */
export interface DescribedSite {
  site: Site
  /** Null: not known. */
  manager: Manager | null
  /** Names of communes by their codes. */
  communes: ReadonlyMap<string, string>
  /** A full day, by which the site is open or closed. */
  today: string
}

/** The types of the services of a site; null of the only one of a site without types. */
export const serviceTypes = ({ types }: Site): (SiteType | null)[] => (types.length > 0 ? types : [null])

/** Their name: of several the type is said, as the name of the site is that of all of them. */
export function serviceName({ name, types }: Site, type: SiteType | null): string {
  return type === null || types.length === 1 ? name : `${termOf('site-types', type).label.fr} – ${name}`
}

/** What the site says of itself, else what its type means; null where neither is known. */
export const serviceDescription = ({ description }: Site, type: SiteType | null): string | null =>
  description ?? (type === null ? null : termOf('site-types', type).definition.fr)

/** The term of a code; throws when the vocabulary has none of it. */
export function termOf(vocabulary: string, code: string): Term {
  const term = findVocabulary(vocabulary)?.terms.find((one) => one.code === code)
  if (!term) throw new Error(`there is no ${code} in ${vocabulary}`)
  return term
}

/** The address as RFC 3986 has it, in ASCII; null where there is none. */
export const uriOf = (website: string | null): string | null => (website === null ? null : new URL(website).href)
