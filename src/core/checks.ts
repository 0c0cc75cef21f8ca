/** Checks that run side by side: each has its own time, and none takes another with it. */

import { type ErrorCode, KmsealError } from '../errors.ts'

/** What a check found. */
export interface Finding {
  readonly Status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** One fact. */
  readonly Message: string
  /** What to do about it. */
  readonly Hint?: string | undefined
  /** The code of a failure. */
  readonly Code?: ErrorCode | undefined
}

/** A finding, with the name of its check. */
export interface NamedFinding extends Finding {
  readonly Check: string
}

/** One check. What it throws is a failure. */
export interface Check {
  readonly name: string
  run(signal: AbortSignal): Promise<Finding>
}

/** All is well. */
export function ok(message: string): Finding {
  return { Status: 'ok', Message: message }
}

/** It works, and something should be known. */
export function warning(message: string, hint?: string): Finding {
  return { Status: 'warning', Message: message, Hint: hint }
}

/** It does not work. */
export function failed(code: ErrorCode, message: string, hint?: string): Finding {
  return { Status: 'failed', Message: message, Hint: hint, Code: code }
}

/** It was not looked at, for a reason that another check has found. */
export function skipped(reason: string): Finding {
  return { Status: 'skipped', Message: reason }
}

/** A check that is skipped when there turns out to be a reason. */
export function unless(reason: () => Promise<string | undefined>, { name, run }: Check): Check {
  return {
    name,
    run: async signal => {
      const found = await reason()
      return found === undefined ? run(signal) : skipped(found)
    },
  }
}

/**
 * Runs checks side by side.
 *
 * @param limitMs how long each may take; what takes longer is aborted and has failed, as `unavailable`
 * @returns what they found, in their order; it never throws
 */
export async function runChecks(checks: readonly Check[], limitMs: number): Promise<NamedFinding[]> {
  return Promise.all(checks.map(async check => ({ Check: check.name, ...(await runWithin(check, limitMs)) })))
}

async function runWithin(check: Check, limitMs: number): Promise<Finding> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>(resolve => {
    timer = setTimeout(() => {
      resolve(
        failed('unavailable', `no answer within ${limitMs / 1000} s`, 'check the network, or try again'),
      )
      end.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([
      Promise.resolve()
        .then(() => check.run(end.signal))
        .catch(findingOf),
      late,
    ])
  } finally {
    clearTimeout(timer)
  }
}

/** What an error says, as the finding of a check. */
export function findingOf(error: unknown): Finding {
  if (error instanceof KmsealError) return failed(error.code, error.message, error.hint)
  // Texts of other errors may quote anything.
  return failed('failed', `internal error (${error instanceof Error ? error.name : 'unknown'})`)
}
