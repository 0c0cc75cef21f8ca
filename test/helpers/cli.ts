/** Runs the program in process, with captured streams and an environment of its own. */

import { PassThrough, Readable, Writable } from 'node:stream'
import type { Io } from '../../src/cli/io.ts'
import { main } from '../../src/main.ts'

/** What a run is given. */
export interface CliInput {
  /** Standard input; empty and at its end when not given. */
  readonly stdin?: string | Uint8Array | readonly Uint8Array[]
  /** Typed on a terminal, instead of standard input that is none. */
  readonly typed?: string
  /** The whole environment: nothing of the test's own comes in. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The working directory, as far as configuration files are looked for. */
  readonly cwd?: string
}

/** What a run left behind. */
export interface CliResult {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: string
}

/**
 * Runs `kmseal` with these words.
 *
 * @param program what is run, where it is not the source itself
 */
export async function runCli(
  argv: readonly string[],
  input: CliInput = {},
  program: { readonly main: typeof main } = { main },
): Promise<CliResult> {
  const stdout = captured()
  const stderr = captured()
  const io: Io = {
    stdin: input.typed === undefined ? Readable.from(chunksOf(input.stdin)) : terminalWith(input.typed),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: input.env ?? {},
    cwd: input.cwd ?? '/',
  }
  const status = await program.main(argv, io)
  return { status, stdout: stdout.bytes(), stderr: stderr.bytes().toString('utf8') }
}

function terminalWith(typed: string): Readable {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  stdin.write(typed)
  return stdin
}

function captured(): { stream: Writable; bytes: () => Buffer } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Uint8Array | string, encoding, done) {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk))
      done()
    },
  })
  return { stream, bytes: () => Buffer.concat(chunks) }
}

function chunksOf(stdin: CliInput['stdin']): readonly Uint8Array[] {
  if (stdin === undefined) return []
  if (typeof stdin === 'string') return [Buffer.from(stdin, 'utf8')]
  return stdin instanceof Uint8Array ? [stdin] : stdin
}
