/** Every resource with the bodies that write one, for tests that hold for all of them. */

import { resources } from '../../src/domain/resources.ts'
import type { Resource } from '../../src/engine/declaration/resource.ts'
import type { ResourceType } from '../../src/engine/resource-types.ts'
import { type Api, type Created, type Fields, newConvention, newWorld, type World } from './api.ts'
import * as bodies from './bodies.ts'
import type { Registry } from './registry.ts'

export interface Every {
  name: string
  resource: Resource
  /** Where it is created. */
  list: string
  /** Where one is. */
  item(id: string): string
  least: Fields
  /** Every field that a writer gives. */
  full: Fields
  /** What is left out and not null or an empty list. */
  defaults: Fields
  /** A change that keeps the rest right. */
  patch: Fields
  /** Fields that can be given once, when it is created. */
  fixed: string[]
}

export interface Stage extends World {
  named: bodies.Named
  every: Every[]
}

/** A world with one of each thing that can be named, and all resources. */
export async function setStage(registry: Registry): Promise<Stage> {
  const world = await newWorld(registry)
  const { api, caf, path } = world
  const other = await newConvention(api, caf.id)
  const site = await api.create('/service-sites', { name: 'Lieu' })
  await api.put(`${path}/service-sites/${site.id}`)
  const named: bodies.Named = {
    caf: caf.id,
    organization: await idOf(api, '/organizations', { kind: 'commune', name: 'Rai' }),
    amendment: await idOf(api, `${path}/amendments`, { kinds: ['other'] }),
    axis: await idOf(api, `${path}/axes`, { title: 'Axe' }),
    site: site.id,
    otherConvention: other.id,
    otherAction: await idOf(api, `/conventions/${other.id}/actions`, { title: 'Action' }),
  }
  return { ...world, named, every: everyOf(path, named) }
}

const idOf = async (api: Api, path: string, body: Fields): Promise<string> => (await api.create(path, body)).id

/** What it takes to write each: a type that is missing here does not compile. */
function everyOf(path: string, named: bodies.Named): Every[] {
  const title = { title: 'Autre titre' }
  const name = { name: 'Autre nom' }
  const byType: Record<ResourceType, Pick<Every, 'least' | 'full' | 'defaults' | 'patch'>> = {
    convention: {
      least: { title: 'CTG', cafId: named.caf },
      full: bodies.convention(named),
      defaults: { state: 'draft', status: 'draft', period: { from: null, to: null } },
      patch: title,
    },
    amendment: { least: { kinds: ['other'] }, full: bodies.amendment(), defaults: { number: 2 }, patch: title },
    organization: {
      least: { kind: 'ccas', name: 'CCAS' },
      full: bodies.organization(),
      defaults: {},
      patch: name,
    },
    signatory: {
      least: { organizationId: named.caf },
      full: bodies.signatory(named),
      defaults: { role: 'caf' },
      patch: { startsOn: '2022-05' },
    },
    axis: { least: { title: 'Axe' }, full: bodies.axis(named), defaults: { number: 2 }, patch: title },
    action: {
      least: { title: 'Action' },
      full: bodies.action(named),
      defaults: { status: 'planned', recurring: false },
      patch: title,
    },
    'service-site': {
      least: { name: 'Lieu' },
      full: bodies.serviceSite(named),
      defaults: { itinerant: false },
      patch: name,
    },
  }
  return Object.entries(byType).map(([type, rest]) => {
    const resource = resources[type as ResourceType] as Resource
    const own = resource.path
    const list = resource.visibility === 'convention' ? path + own : own
    const fixed = Object.keys(resource.declared).filter((field) => resource.declared[field]?.facts.presence === 'fixed')
    return { name: own.slice(1), resource, list, item: (id) => `${own}/${id}`, fixed, ...rest }
  })
}

/** What is of the registry in a body: a writer never gives it. */
export function derivedOf({ resource }: Every): string[] {
  const { required } = resource.Answer as unknown as { required: string[] }
  return required.filter((field) => !resource.fields.includes(field))
}

export type { Created }
