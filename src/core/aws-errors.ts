/** Sends requests, and translates what AWS answers into our errors: by exception name, never by text. */

import { type ErrorCode, KmsealError } from '../errors.ts'
import { networkFailure } from './network-failures.ts'

/** What a request is about, for the error text. */
export interface Subject {
  /** The action as IAM names it, such as `kms:Decrypt`. */
  readonly action: string
  /** The object, such as `key alias/app`. */
  readonly object: string
  /** The request carries plaintext: texts of the service that may quote it are withheld. */
  readonly carriesSecret?: boolean
  /** What to advise for some exceptions, by their name. */
  readonly hints?: Readonly<Record<string, string | undefined>>
  /** Why, for exceptions that come without a text, or mean something else here than elsewhere, by their name. */
  readonly reasons?: Readonly<Record<string, string>>
}

const codes: Readonly<Record<string, ErrorCode>> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  CredentialsProviderError: 'denied',
  ExpiredToken: 'denied',
  ExpiredTokenException: 'denied',
  IncompleteSignatureException: 'denied',
  InvalidClientTokenId: 'denied',
  InvalidSignatureException: 'denied',
  MissingAuthenticationTokenException: 'denied',
  NotAuthorizedException: 'denied',
  SignatureDoesNotMatch: 'denied',
  TokenProviderError: 'denied',
  UnrecognizedClientException: 'denied',
  NotFoundException: 'not-found',
  ParameterNotFound: 'not-found',
  ParameterVersionNotFound: 'not-found',
  IncorrectKeyException: 'integrity',
  InvalidCiphertextException: 'integrity',
  KMSInvalidMacException: 'integrity',
  KMSInvalidSignatureException: 'integrity',
  AlreadyExistsException: 'exists',
  ParameterAlreadyExists: 'exists',
  DependencyTimeoutException: 'unavailable',
  InternalFailure: 'unavailable',
  InternalServerError: 'unavailable',
  KeyUnavailableException: 'unavailable',
  KMSInternalException: 'unavailable',
  RequestTimeout: 'unavailable',
  ServiceUnavailable: 'unavailable',
  ServiceUnavailableException: 'unavailable',
  ThrottlingException: 'unavailable',
  TimeoutError: 'unavailable',
  TooManyRequestsException: 'unavailable',
  TooManyUpdates: 'unavailable',
}

const reasons: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'no AWS credentials were found',
  InvalidCiphertextException:
    'the ciphertext was altered, cut, or encrypted with another encryption context or in another place',
  KMSInvalidMacException: 'the MAC is not of this message, key and algorithm',
  KMSInvalidSignatureException: 'the signature is not of this message, key and algorithm',
  ParameterNotFound: 'it does not exist',
  SyntaxError: 'the answer is not one that AWS gives',
  ParameterVersionNotFound: 'it has no such version or label',
  TooManyUpdates: 'it is being changed by someone else',
}

const hints: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'ask for that permission in the key policy or IAM policy, or choose another --profile',
  CredentialsProviderError: 'configure credentials or --profile, or work offline with --backend mock',
  ExpiredTokenException: 'sign in again',
  NotFoundException: 'check the key and --region; kmseal list-keys shows what is there',
  InvalidCiphertextException: 'give exactly the --encryption-context that it was encrypted with',
  ParameterVersionNotFound: 'kmseal param-history shows its versions and labels',
  SyntaxError: 'check --endpoint-url, and what answers there',
  UnrecognizedClientException: 'check the access key, and whether its account uses this Region',
  ThrottlingException: 'try again later',
}

/** Exceptions whose texts speak of keys, rights and limits only; any other text may quote what was sent. */
const neverQuoting = new Set([
  'AccessDeniedException',
  'DisabledException',
  'HierarchyLevelLimitExceededException',
  'InvalidAllowedPatternException',
  'InvalidKeyId',
  'InvalidKeyUsageException',
  'KeyUnavailableException',
  'KMSInvalidStateException',
  'LimitExceededException',
  'NotFoundException',
  'ParameterAlreadyExists',
  'ParameterLimitExceeded',
  'ParameterMaxVersionLimitExceeded',
  'ParameterPatternMismatchException',
  'PoliciesLimitExceededException',
  'ThrottlingException',
  'UnrecognizedClientException',
  'UnsupportedParameterType',
])

/** The part of an SDK client that {@link send} uses. */
interface Sender<Input extends object, Output extends object> {
  send(command: { readonly input: Input }): Promise<Output>
}

/**
 * Sends one command.
 *
 * @throws KmsealError with the code that the exception's name means, the service's own reason, and a hint
 */
export async function send<Input extends object, Output extends object>(
  client: unknown,
  command: SdkCommand<Input, Output>,
  subject: Subject,
): Promise<Output> {
  try {
    return await (client as Sender<Input, Output>).send(command)
  } catch (error) {
    throw translate(error, subject)
  }
}

/** An SDK command, seen only by its input and output. */
export interface SdkCommand<Input extends object, Output extends object> {
  readonly input: Input
  resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: Output }>
}

/** Translates an error of the SDK or the network. Errors of our own pass through. */
export function translate(error: unknown, subject: Subject): KmsealError {
  if (error instanceof KmsealError) return error
  if (!(error instanceof Error)) return new KmsealError('failed', `${what(subject)}: unknown error`)
  const network = networkFailure(error)
  if (network !== undefined) {
    return new KmsealError('unavailable', `${what(subject)}: AWS could not be reached (${network.reason})`, {
      hint: network.hint,
      cause: error,
    })
  }
  const { name } = error
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0
  const code = entryOf(codes, name) ?? (status >= 500 ? 'unavailable' : 'failed')
  return new KmsealError(code, `${what(subject)}: ${reasonOf(error, subject, status)}`, {
    hint: entryOf(subject.hints, name) ?? entryOf(hints, name),
    awsName: name,
    cause: error,
  })
}

/** Whether the service refused an action for want of a permission. Without credentials nothing else will do either. */
export function isAccessDenied(error: unknown): boolean {
  return error instanceof KmsealError && error.awsName === 'AccessDeniedException'
}

/**
 * What was asked for, where it is allowed.
 *
 * @returns undefined when the permission is missing
 * @throws what asking throws, but for that
 */
export async function ifAllowed<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isAccessDenied(error)) return undefined
    throw error
  }
}

/** What a table has for a name. Names come from whoever answers: what all objects have, as `constructor`, is no entry. */
function entryOf<Value>(table: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined
}

function what({ action, object }: Subject): string {
  return `${action} failed for ${object}`
}

function reasonOf(error: Error, subject: Subject, status: number): string {
  const here = entryOf(subject.reasons, error.name)
  const fixed = here === undefined ? entryOf(reasons, error.name) : undefined
  if (fixed !== undefined) return fixed
  // SDK errors outside a response (no status) are written by libraries and may quote configuration.
  const text = status === 0 || error.message === 'UnknownError' ? '' : error.message
  if (text === '' && here !== undefined) return here
  const withheld = subject.carriesSecret === true && !neverQuoting.has(error.name)
  return text === '' || withheld ? `AWS refused it (${error.name})` : `${text} (${error.name})`
}
