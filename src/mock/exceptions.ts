/** The refusals of the emulated services: one class, and the constructors that several operations share. */

/** Exceptions whose text travels as `Message`; all others spell it `message`. */
const capitalisedMessage: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'SerializationException',
  'InternalServerError',
  'TooManyUpdates',
  'InvalidFilterValue',
  'InvalidNextToken',
])

/**
 * A refusal that the client must see as an AWS exception of that name.
 *
 * @param code name of the exception, as in the `__type` member
 * @param text the message; left out where the service sends none
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export class AwsException extends Error {
  readonly code: string
  readonly text: string | undefined

  constructor(code: string, text?: string) {
    super(text ?? '')
    this.name = code
    this.code = code
    this.text = text
  }
}

/**
 * The JSON body of an error answer: `__type`, and the text under the spelling that the service uses.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function errorBody(exception: AwsException): Record<string, string> {
  const body: Record<string, string> = { __type: exception.code }
  if (exception.text !== undefined) {
    body[capitalisedMessage.has(exception.code) ? 'Message' : 'message'] = exception.text
  }
  return body
}

/**
 * A `ValidationException` with the given text.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export function validationException(text: string): AwsException {
  return new AwsException('ValidationException', text)
}

/**
 * An `AccessDeniedException`, by default in the wording for a missing resource-based policy.
 *
 * @param principal ARN of the caller
 * @param action with its service prefix, such as `kms:Encrypt`
 * @param resource ARN
 * @param why the end of the sentence
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function accessDenied(
  principal: string,
  action: string,
  resource: string,
  why = `because no resource-based policy allows the ${action} action`,
): AwsException {
  return new AwsException(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  )
}

/**
 * The answer to what the service can do and this mock cannot: `UnsupportedOperationException`, never a
 * silent success.
 *
 * @param what the feature, as the subject of a sentence
 * @see BEHAVIOUR.md beside this file
 */
export function notEmulated(what: string): AwsException {
  return new AwsException('UnsupportedOperationException', `${what} is not emulated by the kmseal mock.`)
}
