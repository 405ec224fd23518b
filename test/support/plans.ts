/** Plans: how the database would answer the statements of a request if it had no sequential scans or no sorts to fall back on. */
import { CompiledQuery, type KyselyPlugin, type RootOperationNode, sql } from 'kysely'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { testConfig } from './config.ts'
import type { Registry } from './registry.ts'

interface Node {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Node[]
}

/** A step of a plan, of which only those that are wanted are named: the tables read from end to end, and sorts. */
export type Step = `Seq Scan ${string}` | 'Sort'

/**
 * The steps of the statements that a GET leads to. A step that is switched off stands in a plan only where no index can
 * do without it, however small the tables are. `without` is an index that is gone meanwhile.
 */
export async function planner(t: Test, { serving, db, clock }: Registry) {
  const nodes: RootOperationNode[] = []
  const gatherer: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const config = testConfig({ cacheMb: 0 })
  const app = await buildApp({ db: serving.withPlugin(gatherer) as typeof serving, config, clock })
  t.teardown(() => app.close())
  return async (url: string, switchedOff: readonly ('seqscan' | 'sort')[], without?: string): Promise<Step[]> => {
    nodes.length = 0
    const { statusCode, body } = await app.inject({ method: 'GET', url })
    if (statusCode !== 200) throw new Error(`${url}: ${body}`)
    const executor = serving.getExecutor()
    const statements = nodes.map((node) => executor.compileQuery(node, { queryId: 'plan' }))
    const trx = await db.startTransaction().execute()
    try {
      for (const step of switchedOff) await sql`select set_config(${`enable_${step}`}, 'off', true)`.execute(trx)
      if (without !== undefined) await sql`drop index ${sql.id(without)}`.execute(trx)
      const steps: Step[] = []
      for (const { sql: statement, parameters } of statements.filter((one) => /^\s*(select|with)/i.test(one.sql))) {
        const explained = await trx.executeQuery<{ 'QUERY PLAN': [{ Plan: Node }] }>(
          CompiledQuery.raw(`explain (format json) ${statement}`, [...parameters]),
        )
        steps.push(...explained.rows.flatMap((row) => stepsIn(row['QUERY PLAN'][0].Plan)))
      }
      return steps
    } finally {
      await trx.rollback().execute()
    }
  }
}

function stepsIn({ 'Node Type': type, 'Relation Name': table, Plans: inner = [] }: Node): Step[] {
  const own: Step[] = type === 'Seq Scan' ? [`Seq Scan ${table}`] : type === 'Sort' ? ['Sort'] : []
  return [...own, ...inner.flatMap(stepsIn)]
}
