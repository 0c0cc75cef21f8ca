/** What is told of changes that a signal ends part way. */

import { KmsealError } from '../errors.ts'
import type { Context } from './context.ts'
import { startProgress } from './progress.ts'

const running = new Set<() => KmsealError>()

/** Says how far changes have come that a signal is about to end; for signal handlers. */
export function toldPartWay(): KmsealError[] {
  return [...running].map(tell => tell())
}

/**
 * Changes parameters one after the other, under a line of progress. When a signal ends the program meanwhile,
 * {@link toldPartWay} says how many of them were done.
 *
 * @param total number of parameters; 0 when the work is of another kind only
 * @param done what becomes of them, such as `stored`
 * @param again how the rest gets done
 * @param work told to call back after each
 */
export async function whileChanging<Result>(
  { io, output }: Pick<Context, 'io' | 'output'>,
  { total, done, again }: { readonly total: number; readonly done: string; readonly again: string },
  work: (onDone: () => void) => Promise<Result>,
): Promise<Result> {
  const progress = await startProgress(io, output.showsProgress, { files: total, unit: 'parameters' })
  let count = 0
  const tell = (): KmsealError => {
    progress.stop()
    const told = `: ${count} of ${total} parameters were ${done}, and those under way perhaps`
    return new KmsealError('failed', `interrupted${total === 0 ? '' : told}`, { hint: again })
  }
  running.add(tell)
  try {
    return await work(() => {
      count += 1
      progress.fileDone()
    })
  } finally {
    running.delete(tell)
    progress.stop()
  }
}
