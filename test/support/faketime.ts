/** Fake time: processes and servers whose clock is wrong, by libfaketime, which a file moves while they run. */
import { chmodSync, globSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { newFolder } from './clusters.ts'

export interface FakeTime {
  /** The environment under which a process has this clock, and so have the programs that it starts. */
  env: Record<string, string>
  /** Moves the clock: `+40d` is 40 days ahead of the true time, `+0` is right. */
  set(offset: string): void
}

/** A clock that is right until it is moved. Throws an Error where libfaketime is missing. */
export async function fakeTime(t: Test, offset = '+0'): Promise<FakeTime> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
  if (!library) throw new Error('libfaketime is missing: a wrong clock needs it (apt-get install faketime)')
  const file = path.join(await newFolder(t), 'offset')
  const set = (next: string) => writeFileSync(file, `${next}\n`)
  set(offset)
  // The embedded Postgres reads it as a user of its own.
  chmodSync(file, 0o644)
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
  }
  return { env, set }
}
