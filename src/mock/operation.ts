/** What an operation of an emulated service is, and what it can reach while it runs. */

import type { Store } from './store.ts'
import { type InputOf, readInput, type Shape } from './validation.ts'

/** Everything an operation may use: the caller, the state, the time, randomness. */
export interface Context {
  /** ARN of the caller. */
  readonly principal: string
  readonly account: string
  readonly region: string
  readonly partition: string
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: number
  readonly requestId: string
  readonly randomBytes: (size: number) => Buffer
  /** The AWS service that calls on the caller's behalf, such as `ssm`; undefined for a direct call. */
  readonly viaService?: string | undefined
  /** IP address of the client. */
  readonly sourceAddress: string
  /** Takes note of a key that the request turned out to be about: its ARN. */
  readonly noteKey?: (arn: string) => void
  /** Takes note of a call to KMS that another service made for the caller. */
  readonly noteCall?: (call: ServiceCall) => void
  /** The members of the request that is being answered, validated, for the conditions of policies. */
  readonly request?: Readonly<Record<string, unknown>>
}

/** A call to KMS that another service made for the caller, and what became of it. */
export interface ServiceCall {
  readonly service: 'ssm'
  readonly operation: string
  readonly request: Readonly<Record<string, unknown>>
  /** ARNs of the keys that it was about. */
  readonly keys: readonly string[]
  /** Name of the exception. */
  readonly error?: string
}

/** The answer of an operation, before serialisation; undefined is a success without a body. */
export type Output = Readonly<Record<string, unknown>> | undefined

/** One operation of a service: takes the parsed JSON body of a request. */
export type Operation = (context: Context, body: unknown) => Output | Promise<Output>

/**
 * Makes an operation out of the shape of its request and the work to do on it.
 *
 * @throws AwsException (when run) SerializationException or ValidationException for a request that does not
 *   fit the shape; whatever the work throws
 */
export function defineOperation<S extends Shape>(
  shape: S,
  work: (context: Context, input: InputOf<S>) => Output | Promise<Output>,
): Operation {
  return (context, body) => {
    const input = readInput(shape, body)
    return work({ ...context, request: input }, input)
  }
}
