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

/** Columns of the terminal that a stream is; nothing when it is none, or has no size. */
export function widthOf({ isTTY, columns }: OutputStream): number | undefined {
  return isTTY === true ? columns || undefined : undefined
}

/** Everything that a command may touch of the process it runs in. */
export interface Io {
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working directory; absent when it is gone. */
  readonly cwd?: string | undefined
}

/** The {@link Io} of a real process, with the environment that it has now. */
export function nodeIo(process: NodeJS.Process): Io {
  return {
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return process.stdout
    },
    get stderr() {
      return process.stderr
    },
    env: { ...process.env },
    get cwd() {
      try {
        return process.cwd()
      } catch {
        return undefined
      }
    },
  }
}

/**
 * The same, opened when it is first used: Node changes a pipe that it opens, also for a child that shares it. Write
 * errors reach the program through the callbacks of each write only.
 */
export function openedLate(io: Io): Io & { close(): void } {
  const opened = new Set<NodeJS.WritableStream>()
  const open = <Stream extends NodeJS.WritableStream>(stream: Stream): Stream => {
    if (!opened.has(stream)) stream.on('error', () => undefined)
    opened.add(stream)
    return stream
  }
  let readsInput = false
  return {
    get stdin() {
      readsInput = true
      return io.stdin
    },
    get stdout() {
      return open(io.stdout)
    },
    get stderr() {
      return open(io.stderr)
    },
    env: io.env,
    get cwd() {
      return io.cwd
    },
    /** Lets the process end though there may be more input. */
    close: () => {
      if (readsInput) io.stdin.destroy()
    },
  }
}
