/** Runs a program in the place of this one: its streams, its signals and its end are the child's. */

import { type ChildProcess, spawn } from 'node:child_process'
import { fstatSync } from 'node:fs'
import { constants } from 'node:os'
import type { KmsealError } from '../errors.ts'
import { findProgram, notStarted, type ProgramCall } from './find-program.ts'
import { hasTerminal, inForeground, unlessEnding } from './foreground.ts'
import type { Io } from './io.ts'
import { mayReplace, replaceProcess } from './replace-process.ts'

/** What to run. */
export interface ChildRequest extends ProgramCall {
  /** Something is to be done when the child has ended, so that it cannot take the place of this process. */
  readonly hasAftermath: boolean
}

/** How a child ended. */
export interface ChildEnd {
  /** Its exit status, or 128 and the number of the signal. */
  readonly status: number
  readonly signal: NodeJS.Signals | undefined
}

/**
 * Runs a program with the streams of this process, in its process group, until it ends. No shell comes between. Where
 * Node can do it and nothing is left to do, the program takes the place of this process, and this never returns.
 * The command is looked up in the PATH of the child, and without one in that of this process.
 *
 * @throws KmsealError with status 127 when there is no such program, and 126 when it cannot be run
 */
export async function runChild(io: Io, request: ChildRequest): Promise<ChildEnd> {
  const { command, env, args } = request
  await unlessEnding()
  const file = findProgram(command, env['PATH'] ?? io.env['PATH'])
  const descriptors = namedDescriptors(args)
  if (!request.hasAftermath && descriptors.length === 0 && mayReplace(file, request)) {
    return replaceProcess(io, file, request)
  }
  let child: ChildProcess | undefined
  // Before the child is there: what it does may be sooner than the rest of this function.
  const stopPassing = passSignals(signal => void child?.kill(signal))
  try {
    child = inForeground(() => start(file, request, descriptors), true)
    return await ended(child, request)
  } finally {
    stopPassing()
  }
}

function start(file: string, request: ChildRequest, descriptors: readonly number[]): ChildProcess {
  const { command, args, env } = request
  // Node hands this one down whatever the environment says.
  if (env['NODE_V8_COVERAGE'] === undefined) delete process.env['NODE_V8_COVERAGE']
  const stdio = Array.from({ length: Math.max(3, ...descriptors.map(each => each + 1)) }, (_, each) => {
    return each < 3 ? 'inherit' : descriptors.includes(each) ? each : 'ignore'
  })
  try {
    return spawn(file, [...args], { argv0: command, env: { ...env }, stdio })
  } catch (error) {
    throw startError(request, error)
  }
}

function ended(child: ChildProcess, request: ChildRequest): Promise<ChildEnd> {
  return new Promise((fulfil, reject) => {
    child.once('error', error => reject(startError(request, error)))
    child.once('exit', (status, signal) => {
      if (signal === null) fulfil({ status: status ?? 1, signal: undefined })
      else fulfil({ status: 128 + constants.signals[signal], signal })
    })
  })
}

/** Node's own text may quote the environment. */
function startError(request: ChildRequest, error: unknown): KmsealError {
  return notStarted(request, (error as NodeJS.ErrnoException).code)
}

/**
 * Open descriptors that arguments name, as shells write `<(...)`: Node closes all that it was given beyond the first
 * three.
 */
function namedDescriptors(args: readonly string[]): number[] {
  const named = args.flatMap(argument => {
    const digits = /^\/(?:dev|proc\/self)\/fd\/(\d{1,3})$/.exec(argument)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
  return named.filter(descriptor => descriptor > 2 && isOpen(descriptor))
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor)
    return true
  } catch {
    return false
  }
}

// main.ts passes on those that end this process otherwise.
const passedOn = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGCONT'] as const

/** Listens to signals that are the child's. @returns what ends that */
function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  // The terminal tells its whole group of these.
  const passUnlessTold = (signal: NodeJS.Signals): void => {
    if (!hasTerminal()) pass(signal)
  }
  const stop = (signal: NodeJS.Signals): void => {
    passUnlessTold(signal)
    // Stops as it would have, and not at all when nobody could continue it.
    process.removeListener(signal, stop)
    process.kill(process.pid, signal)
    process.on(signal, stop)
  }
  for (const signal of passedOn) process.on(signal, pass)
  process.on('SIGWINCH', passUnlessTold)
  process.on('SIGTSTP', stop)
  return () => {
    for (const signal of passedOn) process.removeListener(signal, pass)
    process.removeListener('SIGWINCH', passUnlessTold)
    process.removeListener('SIGTSTP', stop)
  }
}
