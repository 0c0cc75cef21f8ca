/** An environment on the mock with a state folder of its own. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type CliInput, type CliResult, runCli } from './cli.ts'

/** Environment variables for the mock; the state goes away with the test. */
export function mockEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { KMSEAL_BACKEND: 'mock', KMSEAL_MOCK_DIR: join(folder, 'state'), ...more }
}

/** Runs `kmseal --backend mock`: chosen so, the mock needs no notice on standard error. */
export function runOnMock(argv: readonly string[], input: CliInput): Promise<CliResult> {
  return runCli(['--backend', 'mock', ...argv], input)
}
