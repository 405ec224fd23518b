/** Profiles of the service's processor time, one for each row and coding, by a process of its own each. */
import { mkdir } from 'node:fs/promises'
import { printStatus } from '../src/ops/console.ts'
import type { Row } from './rows.ts'
import type { Stage } from './stage.ts'
import { load, type Target } from './wrk.ts'

const SECONDS = 5

export async function profile(
  { start }: Pick<Stage, 'start'>,
  profiles: string,
  targets: readonly (Target & { row: Row })[],
  folder: string,
): Promise<void> {
  await mkdir(profiles, { recursive: true })
  for (const { row, ...target } of targets) {
    const name = `${row.key}-${target.coding}.cpuprofile`
    const { address, stop } = await start({
      NODE_OPTIONS: `--cpu-prof "--cpu-prof-dir=${profiles}" --cpu-prof-name=${name}`,
    })
    await load({ ...target, address }, SECONDS, folder).finally(stop)
  }
  printStatus(`profiles, for the Performance panel of Chromium: ${profiles}`)
}
