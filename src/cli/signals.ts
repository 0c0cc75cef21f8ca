/** The ways in which signals end this process. */

import { constants } from 'node:os'

// They would dump a core, with keys in it.
const coreDumps: ReadonlySet<NodeJS.Signals> = new Set([
  ...(['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const),
  ...(['SIGSYS', 'SIGXCPU', 'SIGXFSZ'] as const),
])

/** Has a signal do again what it does to programs that say nothing of it, though Node ignores it. */
export function restoreDefault(signal: NodeJS.Signals): void {
  const ignore = (): void => undefined
  process.on(signal, ignore)
  process.removeListener(signal, ignore)
}

/**
 * Ends this process by a signal that nothing listens to, so that whoever waits for it can tell. One that would dump a
 * core does not: shells are told the same by the exit status.
 *
 * @returns 128 and the number of the signal, when it is still there
 */
export function dieOf(signal: NodeJS.Signals): number {
  if (!coreDumps.has(signal)) {
    if (signal === 'SIGPIPE') restoreDefault(signal)
    process.kill(process.pid, signal)
  }
  return 128 + constants.signals[signal]
}
