/**
 * Room of test files: they run one after the other in one process, each as a subtest of its own. To start a process and
 * load the application takes longer than most files do.
 */
import fs from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import tap, { type Test } from 'tap'

let current: Test = tap

// What a file imports as `tap` is the subtest that it runs in: of a binding, unlike a value, importers see what it becomes.
export { current as default }

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'tap' && context.parentURL?.endsWith('.test.ts')
      ? { url: import.meta.url, shortCircuit: true }
      : next(specifier, context),
})

const folder = path.join(import.meta.dirname, '..')

/** The files of patterns such as `db/*`, sorted, by their paths below the folder of tests. */
export const filesOf = (patterns: string[]): string[] =>
  fs
    .globSync(
      patterns.map((pattern) => `${pattern}.test.ts`),
      { cwd: folder },
    )
    .sort()

/** Runs the test files of the patterns. */
export async function runRoom(...patterns: string[]): Promise<void> {
  for (const file of filesOf(patterns))
    await tap.test(file, async (t) => {
      current = t
      await import(path.join(folder, file))
    })
}
