/** Looks at the mock's state in a process of its own, which a damaged data file may end. */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Settings } from '../config.ts'
import type { Finding } from '../core/checks.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether the package that the mock keeps its state with is installed. */
export function isLmdbThere(): boolean {
  try {
    createRequire(import.meta.url).resolve('lmdb')
    return true
  } catch {
    return false
  }
}

/**
 * Reads all of the mock's state, in a process of its own.
 *
 * @param signal ends that process
 */
export async function checkMockState(
  settings: Settings,
  env: Environment,
  signal: AbortSignal,
): Promise<Finding> {
  const { mockDirectory: directory } = settings
  if (directory === undefined) return { Status: 'ok', Message: 'none: there is no home folder for it' }
  if (!existsSync(directory)) return { Status: 'ok', Message: `none yet in ${directory}` }
  const { status, stdout, stderr } = await kmseal(
    ['mock', 'status', '--check', '--json', '--quiet', '--state', resolve(directory)],
    withoutSettings(env),
    signal,
  )
  if (status === 0) {
    const { records, parameters, keys } = JSON.parse(stdout)
    return {
      Status: 'ok',
      Message: `${directory}: ${records} records are readable (keys: ${keys}, parameters: ${parameters})`,
    }
  }
  const damage = failure(directory, stderr)
  // Who works on AWS need not care.
  return settings.backend === 'mock'
    ? damage
    : { Status: 'warning', Message: damage.Message, Hint: damage.Hint }
}

/** Faulty settings are found by others, and would keep that process from its work. */
function withoutSettings(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(KMSEAL|AWS)_/.test(name)))
}

function failure(directory: string, stderr: string): Finding {
  const fallback = {
    code: 'failed' as const,
    message: `the mock's state in ${directory} is damaged: reading it ended the process`,
    hint: 'restore the folder, or name another one with KMSEAL_MOCK_DIR',
  }
  const { code, message, hint } = reported(stderr) ?? fallback
  return { Status: 'failed', Message: message, Hint: hint, Code: code }
}

function reported(stderr: string) {
  try {
    const last = stderr.trim().split('\n').at(-1) ?? ''
    return JSON.parse(last).error as { code: 'failed' | 'denied'; message: string; hint?: string }
  } catch {
    return undefined
  }
}

function kmseal(
  args: readonly string[],
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((fulfil, reject) => {
    const [, program = ''] = process.argv
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...env },
      // Where no configuration file is found.
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', status => fulfil({ status, stdout, stderr }))
  })
}
