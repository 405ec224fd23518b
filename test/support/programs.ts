/** Programs that are not ours: how checks run them, and Python with its packages from PyPI. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** All that a program prints; throws with it when the program fails. */
export async function run(folder: string, program: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, words, { cwd: folder }).catch((error) => {
    throw new Error(`${program} ${words.join(' ')}: ${error.message}\n${error.stdout ?? ''}`)
  })
  return stdout + stderr
}

/** Makes in a folder an environment `venv` with a package of PyPI, or makes sure that the one there has it. */
export async function installPython(folder: string, requirement: string): Promise<void> {
  await run(folder, 'python3', '-m', 'venv', 'venv')
  await run(folder, 'venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', requirement)
}
