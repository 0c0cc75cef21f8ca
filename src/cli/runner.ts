/** What is special in a step of GitHub Actions: files that collect what steps say, and commands in the log. */

import { fstatSync, type Stats, statSync } from 'node:fs'
import type { Io } from './io.ts'

/** The files that a step adds `NAME=value` lines to. */
const collectors = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_STATE'] as const

/**
 * Whether this is a step of GitHub Actions, where lines such as `::add-mask::` are commands.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export function isRunnerStep({ env }: Io): boolean {
  return env['GITHUB_ACTIONS'] === 'true'
}

/**
 * The variable that names the file which output goes to, when that is a file which the runner reads.
 *
 * @param output a file, or nothing for standard output
 */
export function runnerFile({ env, stdout }: Io, output: string | undefined): string | undefined {
  const { fd } = stdout as { readonly fd?: unknown }
  const target = output !== undefined ? statsOf(output) : typeof fd === 'number' ? statsOf(fd) : undefined
  if (target === undefined) return undefined
  return collectors.find(name => {
    const file = env[name]
    const stats = file === undefined || file === '' ? undefined : statsOf(file)
    return stats !== undefined && stats.dev === target.dev && stats.ino === target.ino
  })
}

function statsOf(file: string | number): Stats | undefined {
  try {
    return typeof file === 'number' ? fstatSync(file) : statSync(file)
  } catch {
    return undefined
  }
}
