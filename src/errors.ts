/** The one error class of the program, its codes, and the exit status that each code means. */

/** What kind of failure it was. Scripts see it as an exit status, and as `code` with `--json`. */
export type ErrorCode =
  | 'failed'
  | 'usage'
  | 'not-found'
  | 'denied'
  | 'integrity'
  | 'unavailable'
  | 'changes'
  | 'exists'
  | 'unknown'

/** The exit status of each code; README documents the same table. */
export const exitStatusOf: Readonly<Record<ErrorCode, number>> = {
  failed: 1,
  usage: 2,
  'not-found': 3,
  denied: 4,
  integrity: 5,
  unavailable: 6,
  changes: 7,
  exists: 8,
  unknown: 9,
}

/** The exit status of a command that answers whether something is allowed. */
export const statusOfDecision = {
  allowed: 0,
  denied: exitStatusOf.denied,
  unknown: exitStatusOf.unknown,
} as const

/** What a {@link KmsealError} may carry beside its code and text. */
export interface ErrorDetails {
  /** What to do next, one sentence without a final stop. */
  readonly hint?: string | undefined
  /** Further lines, one fact each (for example each wrapping key that was tried, and its answer). */
  readonly details?: readonly string[] | undefined
  /** The exception name of the AWS service, when it was the service that refused. */
  readonly awsName?: string | undefined
  /** The exit status instead of the one of the code, where users of the command expect another. */
  readonly exitStatus?: number | undefined
  /** The error underneath; its text is never shown, since it may quote what was sent. */
  readonly cause?: unknown
}

/**
 * A failure in terms the user knows: what failed, on which object, why.
 *
 * The text is lower case, without a final stop, and never holds plaintext, key bytes, tokens or a
 * rejected secret: lengths only.
 */
export class KmsealError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: readonly string[]
  readonly awsName: string | undefined
  readonly exitStatus: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'KmsealError'
    this.code = code
    this.hint = details.hint
    this.details = details.details ?? []
    this.awsName = details.awsName
    this.exitStatus = details.exitStatus
  }

  /** The same failure in other words, or with something else said about it; what is not given stays. */
  with({ message = this.message, ...details }: ErrorDetails & { readonly message?: string }): KmsealError {
    const { hint, awsName, exitStatus, cause } = this
    return new KmsealError(this.code, message, {
      ...{ hint, awsName, exitStatus, cause, details: this.details },
      ...details,
    })
  }
}

/** A malformed command line, configuration or input: exit status 2. */
export function usageError(message: string, hint?: string): KmsealError {
  return new KmsealError('usage', message, { hint })
}

/** A ciphertext or signature that is malformed, cut, altered, or of another key or context: exit status 5. */
export function integrityError(message: string, hint?: string, cause?: unknown): KmsealError {
  return new KmsealError('integrity', message, { hint, cause })
}

/** The code of several failures in one run: their common one, `unavailable` if any is, otherwise `failed`. */
export function commonCode(codes: readonly ErrorCode[]): ErrorCode {
  if (codes.includes('unavailable')) return 'unavailable'
  const [first] = codes
  return first !== undefined && codes.every(code => code === first) ? first : 'failed'
}
