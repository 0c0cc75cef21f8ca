/** Asks a person to agree before something cannot be undone. */

import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { usageError } from '../errors.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'
import { InterruptedError } from './prompt.ts'

/**
 * Asks a question on standard error and waits for a line. Only `y` or `yes` agrees; an empty line and the
 * end of input do not.
 *
 * @throws KmsealError `usage` when standard input is no terminal, so that nobody can be asked
 * @throws InterruptedError when the person presses Ctrl-C
 */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (io.stdin.isTTY !== true) {
    throw usageError('nobody can be asked: standard input is no terminal', 'agree beforehand with --yes')
  }
  const lines = createInterface({ input: io.stdin, output: io.stderr })
  let isAsking = true
  // Nobody has ended the line of the question with Enter.
  const endLine = (): string => {
    if (isAsking) io.stderr.write('\n')
    isAsking = false
    return ''
  }
  try {
    const answer = await Promise.race([
      // Ctrl-D aborts the question.
      lines.question(`${printable(question)} [y/N] `).catch(endLine),
      once(lines, 'close').then(endLine),
      once(lines, 'SIGINT').then(() => {
        endLine()
        throw new InterruptedError()
      }),
    ])
    isAsking = false
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
