/** Resource types, in the order in which people read them: feed, snapshot and history consist of these. */
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
