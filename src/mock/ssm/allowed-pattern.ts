/** AllowedPattern: a caller's regular expression, run where it can be stopped. */

import { AwsException } from '../exceptions.ts'

const timeLimitMs = 1000

// In a worker, because a pattern can take forever and nothing else stops one in JavaScript.
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { source, flags, values } = workerData
const pattern = new RegExp(source, flags)
parentPort.postMessage(values.every(value => pattern.test(value)))
`

/**
 * Checks a value, or each item of a StringList, against a pattern that must match all of it.
 *
 * @throws AwsException InvalidAllowedPatternException for a pattern that JavaScript cannot compile or that
 *   runs for more than a second; ParameterPatternMismatchException
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function checkAllowedPattern(pattern: string, values: readonly string[]): Promise<void> {
  const source = `^(?:${pattern})$`
  const flags = compilingFlags(pattern)
  const matched = await matchAll({ source, flags, values })
  if (!matched) {
    throw new AwsException(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    )
  }
}

function compilingFlags(pattern: string): string {
  // Java takes escapes that the Unicode mode refuses; without it, \p{...} would mean something else.
  for (const flags of /\\p\{/i.test(pattern) ? ['u'] : ['u', '']) {
    try {
      new RegExp(pattern, flags)
      return flags
    } catch {}
  }
  throw new AwsException('InvalidAllowedPatternException', 'The allowed pattern cannot be compiled.')
}

async function matchAll(workerData: {
  source: string
  flags: string
  values: readonly string[]
}): Promise<boolean> {
  const { Worker } = await import('node:worker_threads')
  const worker = new Worker(workerSource, { eval: true, workerData, execArgv: [] })
  try {
    return await new Promise<boolean>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const stop = () => {
        reject(
          new AwsException(
            'InvalidAllowedPatternException',
            'The allowed pattern takes too long to evaluate.',
          ),
        )
      }
      const settle = (end: () => void) => {
        clearTimeout(timer)
        end()
      }
      // Counted from here, since on a busy machine starting a worker takes long too.
      worker.once('online', () => {
        timer = setTimeout(stop, timeLimitMs)
      })
      worker.once('message', (matched: boolean) => settle(() => resolve(matched)))
      worker.once('error', error => settle(() => reject(error)))
    })
  } finally {
    await worker.terminate()
  }
}
