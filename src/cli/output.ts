/**
 * The one way out: data to standard output, words for people to standard error.
 *
 * Rules of the words: `kmseal: ` first, then `error: `, `hint: ` or nothing; lower case, no final stop;
 * one fact a line; everything that came from elsewhere is escaped.
 */

import { type ByteSink, MemorySink } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import { appendSink } from './append-sink.ts'
import { AtomicFileSink, lookAtTarget } from './atomic-file.ts'
import { openDirectSink } from './direct-sink.ts'
import { type Io, widthOf } from './io.ts'
import { isTerminalSafe, printable } from './printable.ts'
import { type Encoding, encodingSink, holdBack, holdBackLimit, streamSink, writeTo } from './stdout-sink.ts'

/** How the user wants output. */
export interface OutputSettings {
  readonly json: boolean
  readonly quiet: boolean
  /** Show the stack of an internal error. */
  readonly debug: boolean
  /** Whether colours may be used where a terminal has them. */
  readonly colours: boolean
}

/** Where the bytes of one operation go. */
export interface SinkRequest {
  /** A file, `-` or nothing for standard output. */
  readonly output: string | undefined
  readonly encoding: Encoding
  /**
   * What may leave before the operation has succeeded: `nothing` for plaintext (at most 64 MiB are held),
   * `beyond-limit` for ciphertext, `everything` for plaintext that is released frame by frame on request.
   */
  readonly release: 'nothing' | 'beyond-limit' | 'everything'
  /** Whether `--encoding` was typed, which allows binary on a terminal. */
  readonly encodingChosen: boolean
  /** Add to a file that is there instead of replacing it. */
  readonly append?: boolean
  /** How to get at binary output that a terminal is not shown, for a command without `--encoding`. */
  readonly terminalHint?: string
}

/** One printer for all commands. */
export class Output {
  readonly #io: Io
  readonly settings: OutputSettings

  constructor(io: Io, settings: OutputSettings) {
    this.#io = io
    this.settings = settings
  }

  /** Prints a result: the record as one line of JSON with `--json`, otherwise the text as it is. */
  async result(record: object, text: string): Promise<void> {
    const line = this.settings.json ? `${safeJson(record)}\n` : text
    if (line.length > 0) await writeTo(this.#io.stdout, line)
  }

  /** Columns of the terminal that standard output is; nothing when it is none, or has no size. */
  get width(): number | undefined {
    return widthOf(this.#io.stdout)
  }

  /** Whether people may be told how far something is. */
  get showsProgress(): boolean {
    return !this.settings.quiet && !this.settings.json
  }

  /** Tells people something that is no failure; silent with `--quiet`. */
  note(text: string): void {
    if (!this.settings.quiet) this.say(text)
  }

  /** Reports a failure: one line of JSON with `--json`, otherwise text, details and hint. */
  error(error: KmsealError): void {
    if (this.settings.json) {
      const { code, message, hint, awsName, details } = error
      const report = {
        error: { code, name: awsName, message, details: details.length > 0 ? details : undefined, hint },
      }
      this.#io.stderr.write(`${JSON.stringify(report)}\n`)
      return
    }
    this.say(`error: ${error.message}`)
    for (const detail of error.details) this.say(`  ${detail}`)
    if (error.hint !== undefined) this.say(`hint: ${error.hint}`)
  }

  /** Shows where an internal error came from, for `--debug`. Messages are left out: they may quote secrets. */
  stack(error: unknown): void {
    if (!this.settings.debug || !(error instanceof Error)) return
    const frames = (error.stack ?? '').split('\n').filter(line => line.trimStart().startsWith('at '))
    this.say(`debug: ${error.name}`)
    for (const frame of frames) this.say(`debug:   ${frame.trim()}`)
    if (error.cause !== undefined) this.stack(error.cause)
  }

  /** Opens the place that the bytes of an operation go to. Files appear at commit only. */
  async sink(request: SinkRequest): Promise<ByteSink> {
    const { output, encoding } = request
    if (output === undefined || output === '-') return this.#standardOutput(request)
    const target = await lookAtTarget(output)
    if (target.replaceable && request.append === true) return appendSink(target)
    if (target.replaceable) return encodingSink(new AtomicFileSink(target), encoding)
    return this.#guard(encodingSink(await openDirectSink(target), encoding), request, () => undefined)
  }

  /**
   * Runs an operation that gives bytes and a record. Without `--json` the bytes go where the request says;
   * with it, standard output gets the record, holding the bytes or the name of their file.
   */
  async bytes(request: SinkRequest, member: string, run: (sink: ByteSink) => Promise<object>): Promise<void> {
    if (!this.settings.json) {
      await run(await this.sink(request))
      return
    }
    if (request.output !== undefined && request.output !== '-') {
      const record = await run(await this.sink(request))
      await this.result({ Output: request.output, ...record }, '')
      return
    }
    if (request.encodingChosen) throw usageError('--encoding is for text and files: bytes in JSON are base64')
    const sink = new MemorySink(holdBackLimit)
    const record = await run(sink)
    await this.result({ [member]: sink.bytes(), ...record }, '')
  }

  #standardOutput(request: SinkRequest): ByteSink {
    const inner = encodingSink(streamSink(this.#io.stdout), request.encoding)
    const binaryRefused =
      this.#io.stdout.isTTY === true && request.encoding === 'raw' && !request.encodingChosen
    const check = (head: Uint8Array): void => {
      if (binaryRefused && !isTerminalSafe(head)) {
        throw new KmsealError('usage', 'the result is binary and standard output is a terminal', {
          hint:
            request.terminalHint ??
            'write it to a file with -o FILE, or force it with --encoding raw (or base64, hex)',
        })
      }
    }
    return this.#guard(inner, request, check)
  }

  #guard(inner: ByteSink, request: SinkRequest, check: (head: Uint8Array) => void): ByteSink {
    if (request.release === 'everything') return holdBack(inner, { limit: 0 }, check)
    if (request.release === 'beyond-limit') return holdBack(inner, { limit: 8 * 1024 * 1024 }, check)
    const refusal = new KmsealError(
      'failed',
      'the message is longer than the 64 MiB that are held until verified',
      {
        hint: 'write it to a file with -o FILE, or release each frame as it verifies with --stream',
      },
    )
    return holdBack(inner, { limit: holdBackLimit, refusal }, check)
  }

  /** Gives the system that runs this step a command, which is a line of standard error as it is. */
  async runnerCommand(line: string): Promise<void> {
    await writeTo(this.#io.stderr, `${line}\n`)
  }

  /** Tells people something whether they want quiet or not. */
  say(text: string): void {
    this.#io.stderr.write(`kmseal: ${printable(text)}\n`)
  }
}

/** JSON in which what moves a cursor, or turns text around, is an escape: it means the same, and a terminal shows it. */
function safeJson(record: object): string {
  return JSON.stringify(toJson(record)).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON form of a record: bytes as base64, times as ISO 8601 UTC, absent members left out. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]))
  }
  return value
}
