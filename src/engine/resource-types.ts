/** Types of resources: those of which the feed, the snapshot and the history speak, in the order in which people read them. */
export const resourceTypes = [
  'convention',
  'amendment',
  'organization',
  'signatory',
  'axis',
  'action',
  'service-site',
] as const
export type ResourceType = (typeof resourceTypes)[number]

type Snake<S> = S extends `${infer Head}-${infer Tail}` ? `${Head}_${Tail}` : S
/** The tables of resources. */
export type ResourceTable = Snake<ResourceType>
