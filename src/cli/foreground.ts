/** A child process that has the terminal while it runs, such as an editor. */

import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

interface Foreground {
  readonly child: ChildProcess
  /** Signals are the child's business alone: this process ends when the child does. */
  readonly follows: boolean
  /** There was a terminal when it began. */
  readonly hadTerminal: boolean
}

let foreground: Foreground | undefined

let ending = false

/** Remembers that a signal ends this process, so that no child is to begin any more. */
export function beginEnding(): void {
  ending = true
}

/** Goes on unless the process is ending; then nothing that waits for this does. */
export async function unlessEnding(): Promise<void> {
  if (ending) await new Promise(() => undefined)
}

/**
 * Starts a child, and lets it have the signals of the terminal until it has ended.
 *
 * @param follows whether this process goes on until the child has ended, whatever signal comes
 */
export function inForeground(start: () => ChildProcess, follows: boolean): ChildProcess {
  // Looked at before: the terminal may be gone as soon as the child has said something.
  const hadTerminal = follows && terminal().present
  const child = start()
  const given = { child, follows, hadTerminal }
  foreground = given
  child.once('close', () => {
    if (foreground === given) foreground = undefined
  })
  return child
}

/**
 * Passes a signal on to the child that has the terminal, unless the terminal itself has sent it to both. A signal that
 * the child is not left to decide about ends it, and then this process.
 *
 * @param ended called when the child has ended of what was passed on
 * @returns whether there is such a child
 */
export function passToForeground(signal: NodeJS.Signals, ended: () => void): boolean {
  if (foreground === undefined) return false
  const { child, follows } = foreground
  if ((signal === 'SIGINT' || signal === 'SIGQUIT') && (!follows || hasTerminal())) return true
  if (signal === 'SIGHUP' && follows && wasHungUp(foreground)) return true
  if (!follows) child.once('close', ended)
  child.kill(signal)
  return true
}

/**
 * Whether the process group of this process has the terminal, so that the terminal sends its signals to all of it.
 */
export function hasTerminal(): boolean {
  return terminal().ours
}

/**
 * Whether the terminal went away, which the whole group is told of: by the shell, or by the system when the shell ends.
 * A process that is what the terminal was opened for is told alone.
 */
function wasHungUp({ hadTerminal }: Foreground): boolean {
  const { present, leads } = terminal()
  return hadTerminal && !present && !leads
}

/**
 * What this process has to do with the terminal.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function terminal(): { readonly present: boolean; readonly ours: boolean; readonly leads: boolean } {
  let stat: string
  try {
    stat = readFileSync('/proc/self/stat', 'latin1')
  } catch {
    // Not by process.stdin, which would open it.
    const present = [0, 1, 2].some(descriptor => isatty(descriptor))
    return { present, ours: present, leads: false }
  }
  // What follows the name, which may hold anything: state, parent, group, session, terminal, group of the terminal.
  const [, , group, session, device, owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const present = device !== '0'
  return { present, ours: present && group === owner, leads: session === String(process.pid) }
}
