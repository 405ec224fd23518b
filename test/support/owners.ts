/** Documents of several owners: one of a source of its own, with the ids of its objects. */
import type { Created } from './api.ts'
import { type Fields, getDocument, put } from './documents.ts'
import type { Registry } from './registry.ts'

/** A document of a source of its own, and its objects by type and key. */
export async function openDocument(registry: Registry, source: string, document: Fields) {
  const answer = await put(registry, 'doc', document, { source })
  if (answer.status !== 201) throw new Error(answer.text)
  const objects = answer.body.objects as { type: string; key: string; id: string }[]
  const idOf = (type: string, key: string) => objects.find((one) => one.type === type && one.key === key)?.id ?? ''
  return {
    idOf,
    convention: answer.body.convention as Created,
    put: (changes: Fields = {}, options = {}) =>
      put(registry, 'doc', { ...document, ...changes }, { source, ...options }),
    read: async () => (await getDocument(registry, 'doc', source)).body,
  }
}

/** The place, key and three values of each conflict of a problem. */
export const shownConflicts = ({ body }: { body: Fields }) =>
  (body.conflicts as Fields[]).map(({ pointer, key, base, yours, ours }) => [pointer, key, base, yours, ours])
