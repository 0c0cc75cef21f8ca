/** Programs of the system that some tests need: absent ones skip the test with a notice, or fail it. */

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a program is on PATH. A missing one is told on standard error; with KMSEAL_TEST_REQUIRE_ALL=1 it
 * counts as there, so that the test fails.
 */
export function hasProgram(name: string): boolean {
  if (process.env['KMSEAL_TEST_REQUIRE_ALL'] === '1') return true
  const found = isInstalled(name)
  if (!found) process.stderr.write(`notice: tests that need ${name} are left out: it is not installed\n`)
  return found
}

/** Whether a program is on PATH, for tests that no machine needs to run. */
export function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => isExecutable(join(folder, name)))
}

/** Whether Python can read YAML, for tests that no machine needs to run. */
export function hasPythonYaml(): boolean {
  return isInstalled('python3') && spawnSync('python3', ['-c', 'import yaml']).status === 0
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
