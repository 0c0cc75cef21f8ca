/** Asks a person, on a terminal, without echoing secrets. */

import { setTimeout } from 'node:timers/promises'
import { KmsealError, usageError } from '../errors.ts'
import type { Io } from './io.ts'

/**
 * Asks for a secret of one line without showing it. The question goes to standard error. Of a text of several lines that
 * is pasted nothing is taken, and nothing is left for the shell, which would run it.
 *
 * @throws KmsealError `failed` when the person interrupts, `usage` for several lines
 */
export async function askSecret(io: Io, question: string): Promise<Uint8Array> {
  const { default: password } = await import('@inquirer/password')
  const terminal = io.stdin as NodeJS.ReadStream
  const paste = new PasteWatch()
  // After Ctrl-Z and fg, readline leaves the terminal paused until somebody asks for more.
  const goOn = (): void => void setImmediate(() => terminal.resume())
  process.on('SIGCONT', goOn)
  try {
    const asked = password(
      { message: question, mask: false, toggleMask: false },
      { input: terminal, output: io.stderr as NodeJS.WriteStream },
    )
    terminal.on('data', paste.see)
    const answer = await asked
    if (paste.goesOn) {
      await swallow(terminal)
      throw usageError('several lines were pasted, and a prompt takes one', 'give it by a file, or by a pipe')
    }
    return Buffer.from(answer, 'utf8')
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new InterruptedError()
    throw error
  } finally {
    terminal.off('data', paste.see)
    process.removeListener('SIGCONT', goOn)
  }
}

/** Notices whether a line end comes with more behind it in one piece, as nobody types. */
class PasteWatch {
  goesOn = false
  readonly see = (piece: Uint8Array): void => {
    if (/[\r\n](?!\n?$)/.test(Buffer.from(piece).toString('latin1'))) this.goesOn = true
  }
}

/** Reads on, unseen, until a paste is over. */
async function swallow(terminal: NodeJS.ReadStream): Promise<void> {
  const wasRaw = terminal.isRaw
  let quiet = false
  const hear = (): void => {
    quiet = false
  }
  terminal.setRawMode?.(true)
  terminal.on('data', hear)
  terminal.resume()
  while (!quiet) {
    quiet = true
    await setTimeout(pasteGapMs)
  }
  terminal.off('data', hear)
  terminal.pause()
  terminal.setRawMode?.(wasRaw)
}

const pasteGapMs = 50

/** The person pressed Ctrl-C at a prompt; the program ends with status 130. */
export class InterruptedError extends KmsealError {
  constructor() {
    super('failed', 'interrupted')
    this.name = 'InterruptedError'
  }
}
