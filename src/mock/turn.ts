/**
 * Turns between processes, by a file that only one of them can make at a time. It tells who made it.
 *
 * A file whose process is gone, or that is older than any turn takes, was left behind by a process that was killed:
 * the next one takes it.
 */

import fs from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const firstWaitMs = 0.1
const longestWaitMs = 2

/** Whose turn it is. */
export interface Turn {
  /** The file, in a folder that all of them share. */
  readonly path: string
  /** Longer than any turn takes. */
  readonly staleMs: number
}

/** Runs `work` while no other process has that turn. */
export async function inTurn<T>(turn: Turn, work: () => T | Promise<T>): Promise<T> {
  for (const waitMs of waitsFor(turn)) await setTimeout(waitMs)
  try {
    return await work()
  } finally {
    release(turn.path)
  }
}

/** Runs `work` while no other process has that turn; waits without returning to the event loop. */
export function inTurnSync<T>(turn: Turn, work: () => T): T {
  for (const waitMs of waitsFor(turn)) Atomics.wait(sleeper, 0, 0, waitMs)
  try {
    return work()
  } finally {
    release(turn.path)
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Yields how long to wait before the next try, in ms, until it is our turn. */
function* waitsFor({ path, staleMs }: Turn): Generator<number> {
  let waitMs = firstWaitMs
  while (!take(path)) {
    if (isLeftBehind(path, staleMs)) release(path)
    yield waitMs
    waitMs = Math.min(longestWaitMs, waitMs * 2)
  }
}

function take(path: string): boolean {
  try {
    // A link that leads nowhere takes one call to make, a file two.
    fs.symlinkSync(self(), path)
    return true
  } catch (error) {
    // On a full disk, or in a folder that is gone, go on without: that still reads and closes.
    return !(error instanceof Error && 'code' in error && error.code === 'EEXIST')
  }
}

function release(path: string): void {
  try {
    fs.unlinkSync(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

function isLeftBehind(path: string, staleMs: number): boolean {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return false
  // Absolute, so that a clock that was set back does not make a file last for ever.
  return Math.abs(Date.now() - stats.mtimeMs) > staleMs || isGone(path)
}

/** Whether the process that made the file is known not to run any more: only among those that see the same ones. */
function isGone(path: string): boolean {
  try {
    const [pid, world] = fs.readlinkSync(path).split('@')
    return world !== undefined && world === self().split('@')[1] && !fs.existsSync(`/proc/${pid}`)
  } catch {
    return false
  }
}

let known: string | undefined

/** Who this process is, as PID@WORLD where there is a /proc: a number means one process within one world. */
function self(): string {
  known ??= nameFromProc() ?? 'turn'
  return known
}

function nameFromProc(): string | undefined {
  try {
    return `${fs.readlinkSync('/proc/self')}@${fs.readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined
  }
}
