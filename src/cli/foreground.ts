/** A child process that has the terminal while it runs, such as an editor. */

import type { ChildProcess } from 'node:child_process'

let foreground: ChildProcess | undefined

/** Lets a child have the signals of the terminal until it has ended. */
export function giveForeground(child: ChildProcess): void {
  foreground = child
  child.once('close', () => {
    if (foreground === child) foreground = undefined
  })
}

/**
 * Passes a signal on to the child that has the terminal. The terminal itself sends it SIGINT and SIGQUIT, which are its
 * own business; others end it, and then this process.
 *
 * @param ended called when the child has ended of what was passed on
 * @returns whether there is such a child
 */
export function passToForeground(signal: NodeJS.Signals, ended: () => void): boolean {
  if (foreground === undefined) return false
  if (signal === 'SIGINT' || signal === 'SIGQUIT') return true
  foreground.once('close', ended)
  foreground.kill(signal)
  return true
}
