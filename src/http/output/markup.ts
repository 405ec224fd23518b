/** Markup: text inside HTML and XML. */

/** Text that HTML and XML show as it is. */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
