/** Words: names of a resource in sentences and identifiers, made from its type and its path. */

/** A type in a sentence: `service site`. */
export const nameOf = (type: string): string => type.replace('-', ' ')
export const capital = (words: string) => words.replace(/^./, (letter) => letter.toUpperCase())
/** `ServiceSite`. */
export const pascal = (words: string) => words.split(/[- ]/).map(capital).join('')
/** `serviceSites`. */
export const camel = (words: string) => pascal(words).replace(/^./, (letter) => letter.toLowerCase())
export const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
/** The key of an example, without that of its convention. */
export const lastOf = (example: string) => example.split('/').at(-1) as string
/** From the path of a resource: `service sites`. */
export const pluralOf = (path: string) => lastOf(path).replace('-', ' ')
/** The group of the operations of a resource: `Service sites`. */
export const tagOf = (path: string) => capital(pluralOf(path))
