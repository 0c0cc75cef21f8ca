/** Programs of the system that some tests need: absent ones skip the test with a notice, or fail it. */

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a program is on PATH. A missing one is told on standard error; with KMSEAL_TEST_REQUIRE_ALL=1 it
 * counts as there, so that the test fails.
 */
export function hasProgram(name: string): boolean {
  if (process.env['KMSEAL_TEST_REQUIRE_ALL'] === '1') return true
  const found = (process.env['PATH'] ?? '').split(delimiter).some(folder => isExecutable(join(folder, name)))
  if (!found) process.stderr.write(`notice: tests that need ${name} are left out: it is not installed\n`)
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
