/** Asks a person, on a terminal, without echoing secrets. */

import { KmsealError } from '../errors.ts'
import type { Io } from './io.ts'

/**
 * Asks for a secret without showing it. The question goes to standard error.
 *
 * @throws KmsealError `failed` when the person interrupts
 */
export async function askSecret(io: Io, question: string): Promise<Uint8Array> {
  const { default: password } = await import('@inquirer/password')
  // After Ctrl-Z and fg, readline leaves the terminal paused until somebody asks for more.
  const goOn = (): void => void setImmediate(() => (io.stdin as NodeJS.ReadStream).resume())
  process.on('SIGCONT', goOn)
  try {
    const answer = await password(
      { message: question, mask: false },
      { input: io.stdin as NodeJS.ReadStream, output: io.stderr as NodeJS.WriteStream },
    )
    return Buffer.from(answer, 'utf8')
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new InterruptedError()
    throw error
  } finally {
    process.removeListener('SIGCONT', goOn)
  }
}

/** The person pressed Ctrl-C at a prompt; the program ends with status 130. */
export class InterruptedError extends KmsealError {
  constructor() {
    super('failed', 'interrupted')
    this.name = 'InterruptedError'
  }
}
