/** A folder that goes away with its test. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes a folder, removed when the running test ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
