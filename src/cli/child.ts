/** Runs a program in the place of this one: its streams, its signals and its exit status are the child's. */

import { spawn } from 'node:child_process'
import { constants as fsConstants, statSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { giveForeground, hasTerminal } from './foreground.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'

/** Exit statuses of what runs other programs, as shells and `env` have them. */
export const childStatus = { ownFailure: 125, notExecutable: 126, notFound: 127 } as const

/** What to run. */
export interface ChildRequest {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

// Those that Node leaves alone, or would act upon itself; main.ts passes on the others.
const passedOn = ['SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const
// The terminal tells its whole group.
const ofTheTerminal: ReadonlySet<NodeJS.Signals> = new Set(['SIGWINCH'])

/**
 * Runs a program with the streams of this process, in its process group, until it ends. No shell comes between.
 * The command is looked up in the PATH of the child, and without one in that of this process.
 *
 * @returns its exit status; 128 and the number of the signal that ended it
 * @throws KmsealError with status 127 when there is no such program, and 126 when it cannot be run
 */
export async function runChild(io: Io, { command, args, env }: ChildRequest): Promise<number> {
  const file = await findProgram(command, env['PATH'] ?? io.env['PATH'])
  for (const stream of [io.stdin, io.stdout, io.stderr]) shareAgain(stream)
  const child = spawn(file, [...args], { argv0: command, env: { ...env }, stdio: 'inherit' })
  giveForeground(child, { follows: true })
  const handlers = passedOn.map(signal => {
    const pass = (): void => {
      if (!ofTheTerminal.has(signal) || !hasTerminal()) child.kill(signal)
    }
    process.on(signal, pass)
    return { signal, pass }
  })
  try {
    return await new Promise<number>((fulfil, reject) => {
      // The error's own text may quote the environment.
      child.once('error', error => reject(notStarted(command, env, (error as NodeJS.ErrnoException).code)))
      child.once('close', (status, signal) => {
        fulfil(signal === null ? (status ?? childStatus.ownFailure) : 128 + constants.signals[signal])
      })
    })
  } finally {
    for (const { signal, pass } of handlers) process.removeListener(signal, pass)
  }
}

async function findProgram(command: string, path: string | undefined): Promise<string> {
  if (command === '') throw notFound(command)
  if (command.includes('/')) return command
  let denied = false
  for (const folder of (path ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter)) {
    const file = join(folder === '' ? '.' : folder, command)
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue
    const runs = await access(file, fsConstants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return file.includes('/') ? file : `./${file}`
    denied = true
  }
  throw denied ? notExecutable(command, 'permission denied') : notFound(command)
}

function notFound(command: string): KmsealError {
  return new KmsealError('not-found', `command not found: ${printable(command)}`, {
    exitStatus: childStatus.notFound,
  })
}

function notExecutable(command: string, why: string): KmsealError {
  return new KmsealError('failed', `cannot run ${printable(command)}: ${why}`, {
    exitStatus: childStatus.notExecutable,
  })
}

function notStarted(
  command: string,
  env: Readonly<Record<string, string>>,
  code: string | undefined,
): KmsealError {
  if (code === 'ENOENT') return notFound(command)
  if (code !== 'E2BIG')
    return notExecutable(command, code === 'EACCES' ? 'permission denied' : (code ?? 'unknown'))
  const sizes = Object.entries(env).map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }))
  const largest = sizes.sort((one, other) => other.bytes - one.bytes)[0]
  return new KmsealError('failed', `cannot run ${printable(command)}: its environment is too large`, {
    exitStatus: childStatus.notExecutable,
    details:
      largest === undefined ? [] : [`the largest variable is ${largest.name} with ${largest.bytes} bytes`],
    hint: 'hand large values over in files with --file',
  })
}

/**
 * Has a stream block again: Node makes pipes that it opens non-blocking, for everybody who shares them, and programs do
 * not expect that of theirs.
 *
 * @see https://man7.org/linux/man-pages/man2/fcntl.2.html (O_NONBLOCK is of the open file description)
 */
function shareAgain(stream: unknown): void {
  const { _handle: handle } = stream as { _handle?: { setBlocking?: (on: boolean) => void } }
  handle?.setBlocking?.(true)
}
