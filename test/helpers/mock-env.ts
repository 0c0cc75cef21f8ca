/** An environment on the mock with a state folder of its own. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Environment variables for the mock; the state goes away with the test. */
export function mockEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { KMSEAL_BACKEND: 'mock', KMSEAL_MOCK_DIR: join(folder, 'state'), ...more }
}
