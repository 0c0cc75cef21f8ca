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
  /** Lets the process end though there may be more input. */
  close?(): void
}

/**
 * The {@link Io} of a real process. A stream is opened when it is first used: opening a pipe changes it for a child that
 * shares it. The environment is the one that the process began with.
 */
export function nodeIo(process: NodeJS.Process): Io {
  const opened = new Set<NodeJS.WritableStream>()
  const open = <Stream extends NodeJS.WritableStream>(stream: Stream): Stream => {
    // Write errors reach us through the callbacks of each write.
    if (!opened.has(stream)) stream.on('error', () => undefined)
    opened.add(stream)
    return stream
  }
  let readsInput = false
  return {
    get stdin() {
      readsInput = true
      return process.stdin
    },
    get stdout() {
      return open(process.stdout)
    },
    get stderr() {
      return open(process.stderr)
    },
    env: { ...process.env },
    close: () => {
      if (readsInput) process.stdin.destroy()
    },
  }
}
