/** Lets a program take the place of this process, where Node can do that. */

import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import type { ProgramCall } from './find-program.ts'
import type { Io } from './io.ts'
import { restoreDefault } from './signals.ts'

/** `process.execve`, which Node has from 22.15 on. */
export type Execve = (file: string, args: readonly string[], env: Readonly<Record<string, string>>) => never

/** The one of this Node, if any. */
export const nodeExecve: Execve | undefined = (process as { execve?: Execve }).execve?.bind(process)

// The least that systems take for arguments and environment is 128 KiB, for all and for one of them.
const mostBytes = 96 * 1024

/**
 * Whether a program can surely take the place of this process. Node aborts when it cannot, with the secrets in the
 * core that is dumped then, so what is not sure is started as a child.
 *
 * @param file path of the program
 */
export function mayReplace(file: string, { command, args, env }: ProgramCall, execve = nodeExecve): boolean {
  if (execve === undefined || process.platform !== 'linux') return false
  const texts = [command, ...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
  return bytes <= mostBytes && isLoadable(file)
}

/** Puts a program in the place of this process. */
export function replaceProcess(
  io: Io,
  file: string,
  { command, args, env }: ProgramCall,
  execve = nodeExecve,
): never {
  if (execve === undefined) throw new Error('this Node cannot replace itself')
  for (const stream of [io.stdin, io.stdout, io.stderr]) shareAgain(stream)
  // Node ignores these, and what is ignored stays so.
  restoreDefault('SIGPIPE')
  restoreDefault('SIGXFSZ')
  return execve(file, [command, ...args], env)
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

/** A script whose interpreter is a program for this machine, or such a program itself. */
function isLoadable(file: string): boolean {
  const head = readAt(file, 0, 256)
  if (head?.toString('latin1', 0, 2) !== '#!') return isProgram(file)
  const interpreter = /^#![ \t]*(\/[^\s]+)[ \t\n]/.exec(head.toString('latin1'))?.[1]
  return interpreter !== undefined && isProgram(interpreter)
}

/**
 * Whether the system can load a file: an ELF of the kind that Node is, whose loader is there.
 *
 * @see https://man7.org/linux/man-pages/man5/elf.5.html
 */
function isProgram(file: string): boolean {
  const head = readAt(file, 0, 64)
  const own = readAt(process.execPath, 0, 64)
  const isOfNode = (from: number, to: number): boolean =>
    own !== undefined && head?.subarray(from, to).equals(own.subarray(from, to)) === true
  const is64LittleEndian = head?.[4] === 2 && head[5] === 1
  if (head === undefined || !is64LittleEndian || !isOfNode(0, 6) || !isOfNode(18, 20)) return false
  const table = readAt(file, Number(head.readBigUInt64LE(32)), head.readUInt16LE(54) * head.readUInt16LE(56))
  if (table === undefined) return false
  for (let entry = 0; entry < table.length; entry += head.readUInt16LE(54)) {
    if (table.readUInt32LE(entry) !== 3) continue
    const [at, size] = [table.readBigUInt64LE(entry + 8), table.readBigUInt64LE(entry + 32)].map(Number)
    const loader = readAt(file, at ?? 0, size ?? 0)
    return loader !== undefined && existsSync(loader.toString('latin1').replace(/\0.*$/s, ''))
  }
  return true
}

/** Up to `length` bytes of a file. @returns nothing when they cannot be read, or there are fewer than it takes */
function readAt(file: string, position: number, length: number): Buffer | undefined {
  if (length > 64 * 1024) return undefined
  try {
    const descriptor = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(length)
      const count = readSync(descriptor, bytes, 0, length, position)
      return count === length || length === 256 ? bytes.subarray(0, count) : undefined
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
