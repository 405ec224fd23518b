/** Statement counter: the application once more on a registry, with a count of its statements. */
import type { FastifyInstance } from 'fastify'
import type { KyselyPlugin } from 'kysely'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from './config.ts'
import type { Registry } from './registry.ts'

export interface Counted {
  app: FastifyInstance
  /** The statements of what is done meanwhile, without BEGIN and COMMIT. */
  count(work: () => Promise<unknown>): Promise<number>
}

export async function countStatements(t: Test, { serving, clock }: Registry): Promise<Counted> {
  let statements = 0
  const counter: KyselyPlugin = {
    // A part of a statement is transformed like a statement of its own; only a whole one has a result.
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      statements++
      return result
    },
  }
  const db = serving.withPlugin(counter) as typeof serving
  const app = await buildApp({ db, config: testConfig(), clock })
  t.teardown(() => app.close())
  return {
    app,
    async count(work) {
      statements = 0
      await work()
      return statements
    },
  }
}
