/** The process as the program sees it: standard streams, environment and folder, replaceable in tests. */

/** A standard input, or what stands for it in a test. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined
  destroy(error?: Error): unknown
}

/** A standard output or error stream, or what stands for it in a test. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything that a command may touch of the process it runs in. */
export interface Io {
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The {@link Io} of a real process. */
export function nodeIo(process: NodeJS.Process): Io {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env }
}
