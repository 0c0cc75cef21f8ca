/** Where a command reads its bytes: a named file, standard input, or a hidden prompt. */

import { stat } from 'node:fs/promises'
import { type ByteSource, bytesSource, prepend, readUpTo } from '../byte-stream.ts'
import { usageError } from '../errors.ts'
import { type OpenSource, openFileSource, streamSource } from './file-source.ts'
import type { Io } from './io.ts'
import { isTerminalSafe, printable } from './printable.ts'
import { askSecret } from './prompt.ts'

/** How much of an input is looked at for its line ends. */
const lookAhead = 4097

/** Opens a file, or standard input for `-` and no name. The caller closes it. */
export async function openInput(io: Io, file: string | undefined): Promise<OpenSource> {
  if (file !== undefined && file !== '-') return openFileSource(file)
  if (io.stdin.isTTY === true) io.stderr.write('kmseal: reading from the terminal; Ctrl-D ends it\n')
  return streamSource(io.stdin)
}

/**
 * Refuses to put a result in the place of what it was made from.
 *
 * @throws KmsealError `usage`
 */
export async function refuseSamePlace(input: string | undefined, output: string | undefined): Promise<void> {
  if (input === undefined || output === undefined || input === '-' || output === '-') return
  const [from, to] = await Promise.all([input, output].map(path => stat(path).catch(() => undefined)))
  if (from?.isFile() !== true || from.dev !== to?.dev || from.ino !== to.ino) return
  throw usageError(
    `${printable(output)} is the input itself, which its result would replace`,
    'write it to another file, and move that when it is right',
  )
}

/** How a secret is read. */
export interface SecretInput {
  readonly file: string | undefined
  /** What to ask for when standard input is a terminal. */
  readonly question: string
  /** Drop exactly one final line end. */
  readonly trim: boolean
  /** Told once when one line ends in a line end, as `echo` gives. */
  readonly onSingleLine: () => void
}

/**
 * Opens the source of a secret: the file, standard input as it is, or a hidden prompt when standard input
 * is a terminal. Nothing is added, decoded or removed unless `trim` says so.
 */
export async function openSecret(io: Io, input: SecretInput): Promise<OpenSource> {
  const named = input.file !== undefined && input.file !== '-'
  if (!named && io.stdin.isTTY === true) {
    const answer = await askSecret(io, input.question)
    return { ...bytesSource(answer), close: async () => void answer.fill(0) }
  }
  const source = await openInput(io, input.file)
  try {
    const head = await readUpTo(source, lookAhead)
    if (head.length === lookAhead) {
      const whole = prepend(head, {
        ...source,
        size: source.size === undefined ? undefined : source.size - head.length,
      })
      return withClose(input.trim ? withoutFinalNewline(whole) : whole, source)
    }
    const lineEnd = finalLineEnd(head)
    if (input.trim) return withClose(bytesSource(head.subarray(0, head.length - lineEnd)), source)
    const oneLine = lineEnd > 0 && head.length > lineEnd && head.indexOf(0x0a) === head.length - 1
    // Binary that happens to end so is no line.
    if (!named && oneLine && isTerminalSafe(head)) input.onSingleLine()
    return withClose(bytesSource(head), source)
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Reads a whole input of at most `limit` bytes. Throws `usage` with the limit when there is more. */
export async function readWhole(source: ByteSource, limit: number, what: string): Promise<Uint8Array> {
  const bytes = await readUpTo(source, limit + 1)
  if (bytes.length > limit) throw usageError(`${what} is larger than ${limit} bytes`)
  return bytes
}

/**
 * Reads a small file, such as a key or a signature; `-` is standard input.
 *
 * @param limit bytes that are read at most; whether that was all is for the caller to see
 * @returns a name fit for messages, and up to `limit` bytes
 */
export async function readStart(
  io: Io,
  file: string,
  limit: number,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const source = await openInput(io, file)
  try {
    return { name: file === '-' ? 'standard input' : printable(file), bytes: await readUpTo(source, limit) }
  } finally {
    await source.close()
  }
}

/**
 * Reads a small file as a whole; `-` is standard input.
 *
 * @throws KmsealError `usage` when it has more than `limit` bytes
 */
export async function readSmallFile(
  io: Io,
  file: string,
  limit: number,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { name, bytes } = await readStart(io, file, limit + 1)
  if (bytes.length > limit) throw usageError(`${name} is larger than ${limit} bytes`)
  return { name, bytes }
}

/**
 * Reads small text files, such as keys and policies; `-` is standard input.
 *
 * @param limit bytes of each
 * @returns names fit for messages, and texts
 */
export async function readTextFiles(
  io: Io,
  files: readonly string[],
  limit: number,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const read: { name: string; text: string }[] = []
  for (const file of files) {
    const { name, bytes } = await readSmallFile(io, file, limit)
    read.push({ name, text: Buffer.from(bytes).toString('utf8') })
  }
  return read
}

function withClose(source: ByteSource, opened: OpenSource): OpenSource {
  return { read: target => source.read(target), size: source.size, close: () => opened.close() }
}

function finalLineEnd(bytes: Uint8Array): number {
  if (bytes.at(-1) !== 0x0a) return 0
  return bytes.at(-2) === 0x0d ? 2 : 1
}

/** Passes a long source on without its last line end; two bytes stay behind until the end is known. */
function withoutFinalNewline(source: ByteSource): ByteSource {
  let held: Uint8Array = new Uint8Array(0)
  let queue: Promise<unknown> = Promise.resolve()
  const readNext = async (target: Uint8Array): Promise<number> => {
    const buffer = new Uint8Array(target.length + 2)
    buffer.set(held)
    const count = held.length + (await source.read(buffer.subarray(held.length)))
    if (count === buffer.length) {
      target.set(buffer.subarray(0, target.length))
      held = buffer.slice(target.length)
      return target.length
    }
    const rest = buffer.subarray(0, count)
    const kept = rest.subarray(0, count - finalLineEnd(rest))
    target.set(kept.subarray(0, target.length))
    held = kept.slice(target.length)
    return Math.min(kept.length, target.length)
  }
  return {
    read(target) {
      const next = queue.then(() => readNext(target))
      queue = next.catch(() => undefined)
      return next
    },
  }
}
