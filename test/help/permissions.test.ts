/** The table of least permissions: on the mock, each command works with what its line says, and not with less. */

import { cpSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandEntries } from '../../src/command-entries.ts'
import { permissionCases, permissionsPolicy } from '../../src/help/permissions.ts'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { binary, runProcess } from '../helpers/process.ts'
import { permissionScenarios, type Run } from './permission-scenarios.ts'

const user = 'arn:aws:iam::000000000000:user/ann'

/** What a run left behind, whether in this process or in one of its own. */
interface Result {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Commands of the tool itself. */
const withoutCases = ['mock', 'config', 'completion', 'help']

describe('the table', () => {
  it('has every command, in their order', () => {
    const named = [...new Set(permissionCases.map(({ command }) => command))]
    expect(named).toEqual(commandEntries.map(({ name }) => name).filter(name => !withoutCases.includes(name)))
  })

  it('has one scenario for each case', () => {
    const cases = permissionCases.map(({ command, when }) => `${command}: ${when}`)
    expect(Object.keys(permissionScenarios).sort()).toEqual([...cases].sort())
  })
})

describe.each(permissionCases)('$command $when', ({ command, when, actions, optional }) => {
  const {
    before,
    run,
    built = false,
    status = 0,
  } = permissionScenarios[`${command}: ${when}`] ?? { run: () => ({ argv: [] }) }

  async function prepared() {
    const start = testFolder()
    mkdirSync(`${start}/files`, { mode: 0o700 })
    const at = (folder: string): Record<string, string> => ({
      KMSEAL_BACKEND: 'mock',
      KMSEAL_MOCK_DIR: `${folder}/state`,
      PATH: process.env['PATH'] ?? '',
    })
    const go = (folder: string, { argv, stdin = '', env = {} }: Run, principal = {}): Promise<Result> => {
      const input = { env: { ...at(folder), ...env, ...principal }, stdin }
      const words = ['-q', ...argv]
      return built ? runProcess(process.execPath, [binary, ...words], input) : runCli(words, input)
    }
    const described = await go(start, { argv: ['describe-key', 'alias/kmseal', '--json'] })
    const { Arn: key } = JSON.parse(described.stdout.toString())
    for (const first of before?.({ key, folder: `${start}/files` }) ?? []) {
      expect(await go(start, first)).toMatchObject({ status: 0 })
    }
    /** On a copy of what is there, as a user who may do this. */
    return async (allowed: readonly string[]): Promise<Result> => {
      const folder = testFolder()
      cpSync(start, folder, { recursive: true })
      // A policy without statements is none, so that one about something else stands in.
      const policy = JSON.stringify(permissionsPolicy([...allowed, 's3:GetObject']))
      await go(folder, { argv: ['mock', 'set-iam-policy', user, '-'], stdin: policy })
      return go(folder, run({ key, folder: `${folder}/files` }), { KMSEAL_MOCK_PRINCIPAL: user })
    }
  }

  it('needs that and no more', { timeout: 240_000 }, async () => {
    const attempt = await prepared()
    const { status: reached, stderr } = await attempt(actions)
    expect([reached, stderr]).toEqual([status, ''])
    for (const missing of actions) {
      const { status: refused } = await attempt(actions.filter(action => action !== missing))
      expect([missing, refused]).not.toEqual([missing, status])
    }
    if (optional.length > 0) expect((await attempt([...actions, ...optional])).stderr).toBe('')
  })
})
