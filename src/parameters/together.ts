/** Several refusals of a plan as one. */

import { commonCode, KmsealError } from '../errors.ts'

/** Hints of several problems that are told together; mostly they have one in common. */
const mostHints = 3

/**
 * One failure that names all problems.
 *
 * @returns the only one as it is
 */
export function together(problems: readonly KmsealError[]): KmsealError {
  const [first] = problems
  if (problems.length === 1 && first !== undefined) return first
  const hints = [...new Set(problems.flatMap(({ hint = '' }) => (hint === '' ? [] : [hint])))]
  return new KmsealError(
    commonCode(problems.map(({ code }) => code)),
    `${problems.length} parameters cannot be stored`,
    {
      hint: hints.length === 0 ? undefined : hints.slice(0, mostHints).join('; '),
      details: problems.map(({ message }) => message),
    },
  )
}
