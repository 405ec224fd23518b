/**
 * Entity tags (RFC 9110, 8.8.3). The tag of a resource is `"<version>"`; another representation of the same version,
 * with what it includes or in another coding, has a strong tag of its own that begins with `"<version>-`. Whatever
 * has no version is tagged by a hash of its bytes.
 */
import { hash } from 'node:crypto'

export interface EntityTag {
  weak: boolean
  /** Without the quotation marks. */
  value: string
}

const DIGEST_LENGTH = 32

/**
 * The tag of a version of a resource: `"3"` in the first form of answers, `"3-f2"` in the second, and with a suffix if
 * the representation depends on more than that, of which `mark` names the versions.
 */
export function versionTag(version: number, form = 1, mark = ''): string {
  const tag = form === 1 ? `"${version}"` : `"${version}-f${form}"`
  return mark === '' ? tag : withSuffix(tag, digest(mark))
}

/** The tag of what has no version, by a text that differs whenever its bytes do. */
export const digestTag = (mark: string): string => `"${digest(mark)}"`

/** The tag of a convention document, by such a text and by the last transaction that wrote any of it, 0 if unknown. */
export const documentTag = (mark: string, tx: number): string =>
  tx === 0 ? digestTag(mark) : withSuffix(digestTag(mark), tx.toString(36))

/** The transaction that a document's tag names, whatever its coding; undefined where it names none. */
export function transactionOf(value: string): number | undefined {
  const [, tx] = /^[0-9a-f]{32}-([0-9a-z]{1,10})(?:-|$)/.exec(value) ?? []
  return tx === undefined ? undefined : Number.parseInt(tx, 36)
}

/** The tag of bytes that have no version, such as a list or a convention document. */
export const bytesTag = (bytes: string | Buffer): string => `"${digest(bytes)}"`

/** The tag of another representation of what has the given tag: `"7"` becomes `"7-3fa2..."` by other bytes. */
export const withBytes = (tag: string, bytes: string | Buffer): string => withSuffix(tag, digest(bytes))

/** `"7"` becomes `"7-gzip"`. */
export const withSuffix = (tag: string, suffix: string): string => tag.replace(/"$/, `-${suffix}"`)

/** Of 128 bits: two answers never share one by chance. */
const digest = (bytes: string | Buffer) => hash('sha256', bytes, 'hex').slice(0, DIGEST_LENGTH)

/**
 * Whether a tag is one of those that were given to the resource with the current tag, whatever the representation, and of
 * a document whatever its transaction: others may have written beside it since.
 */
export function isOf(value: string, current: string): boolean {
  const version = transactionOf(current) === undefined ? current : current.slice(0, DIGEST_LENGTH)
  return value === version || value.startsWith(`${version}-`)
}

const TAG = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y

/** The tags of an `If-Match` or `If-None-Match` header; `*` for any; undefined when the header is malformed. */
export function readTags(header: string): EntityTag[] | '*' | undefined {
  if (header.trim() === '*') return '*'
  const tags: EntityTag[] = []
  TAG.lastIndex = 0
  while (TAG.lastIndex < header.length) {
    const match = TAG.exec(header)
    if (!match) return undefined
    if (match[2] !== undefined) tags.push({ weak: match[1] !== undefined, value: match[2] })
  }
  return tags.length > 0 ? tags : undefined
}
