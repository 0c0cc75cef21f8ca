import { describe, expect, it } from 'vitest'
import { type Subject, send, translate } from '../../src/core/aws-errors.ts'
import { KmsealError, usageError } from '../../src/errors.ts'
import { systemError } from '../helpers/byte-streams.ts'
import { awsError } from '../helpers/stub-kms.ts'

const subject: Subject = { action: 'kms:Decrypt', object: 'key alias/app' }
const secret = 'hunter2-XYZ'

describe('an exception is told by its name, whatever its text', () => {
  it.each([
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['CredentialsProviderError', 'denied'],
    ['ExpiredTokenException', 'denied'],
    ['InvalidSignatureException', 'denied'],
    ['UnrecognizedClientException', 'denied'],
    ['NotFoundException', 'not-found'],
    ['ParameterNotFound', 'not-found'],
    ['ParameterVersionNotFound', 'not-found'],
    ['IncorrectKeyException', 'integrity'],
    ['InvalidCiphertextException', 'integrity'],
    ['KMSInvalidSignatureException', 'integrity'],
    ['KMSInvalidMacException', 'integrity'],
    ['AlreadyExistsException', 'exists'],
    ['ParameterAlreadyExists', 'exists'],
    ['ThrottlingException', 'unavailable'],
    ['KMSInternalException', 'unavailable'],
    ['KeyUnavailableException', 'unavailable'],
    ['TimeoutError', 'unavailable'],
    ['DisabledException', 'failed'],
    ['KMSInvalidStateException', 'failed'],
    ['ValidationException', 'failed'],
    ['SomethingNewException', 'failed'],
    ['constructor', 'failed'],
    ['toString', 'failed'],
    ['__proto__', 'failed'],
  ] as const)('%s is %s', (name, code) => {
    for (const text of ['', 'UnknownError', 'AccessDeniedException: not found, throttled'])
      expect(translate(awsError(name, text), subject).code).toBe(code)
  })

  it.each([500, 502, 503])('and an unknown one with HTTP %i is unavailable', status => {
    const error = translate(awsError('SomethingNewException', 'text', status), subject)
    expect(error).toMatchObject({ code: 'unavailable', awsName: 'SomethingNewException' })
  })
})

it('finds nothing in a name that all objects have, neither a text nor a hint', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const error = translate(awsError(name, 'text'), subject)
    expect(error).toMatchObject({
      code: 'failed',
      message: `kms:Decrypt failed for key alias/app: text (${name})`,
    })
    expect(error.hint).toBeUndefined()
  }
})

describe('the text', () => {
  it('names action and object, and keeps the reason of the service and its name', () => {
    const cause = awsError('AccessDeniedException', 'User: arn:aws:iam::1:user/a is not authorized')
    expect(translate(cause, subject)).toMatchObject({
      message:
        'kms:Decrypt failed for key alias/app: User: arn:aws:iam::1:user/a is not authorized (AccessDeniedException)',
      awsName: 'AccessDeniedException',
      hint: 'ask for that permission in the key policy or IAM policy, or choose another --profile',
      cause,
    })
  })

  it.each(['', 'UnknownError'])('is never empty, null or undefined when the service gives %j', text => {
    for (const name of ['AccessDeniedException', 'InvalidCiphertextException', 'SomethingNewException']) {
      const { message } = translate(awsError(name, text), subject)
      expect(message).not.toMatch(/null|undefined|UnknownError|: $|: \(/)
    }
    expect(translate(awsError('SomethingNewException', text), subject).message).toBe(
      'kms:Decrypt failed for key alias/app: AWS refused it (SomethingNewException)',
    )
  })

  it('of a ciphertext that does not open names the encryption context as a likely cause', () => {
    expect(translate(awsError('InvalidCiphertextException'), subject)).toMatchObject({
      code: 'integrity',
      message:
        'kms:Decrypt failed for key alias/app: the ciphertext was altered, cut, or encrypted with another encryption context or in another place',
      hint: 'give exactly the --encryption-context that it was encrypted with',
    })
  })

  it('of missing credentials is our own, since that of a provider may quote configuration', () => {
    const error = Object.assign(new Error(`Could not load credentials from ${secret}`), {
      name: 'CredentialsProviderError',
    })
    expect(translate(error, subject)).toMatchObject({
      code: 'denied',
      message: 'kms:Decrypt failed for key alias/app: no AWS credentials were found',
      hint: 'configure credentials or --profile, or work offline with --backend mock',
    })
  })

  it('of an error outside a response is not passed on', () => {
    const error = Object.assign(new Error(`bad setting ${secret}`), { name: 'TypeError' })
    expect(translate(error, subject)).toMatchObject({
      code: 'failed',
      message: 'kms:Decrypt failed for key alias/app: AWS refused it (TypeError)',
    })
  })

  it('of an answer that is no JSON is our own, since that of the parser quotes it', () => {
    const error = awsError('SyntaxError', `Unexpected token '<', "${secret}" is not valid JSON`, 500)
    expect(translate(error, subject)).toMatchObject({
      code: 'unavailable',
      message: 'kms:Decrypt failed for key alias/app: the answer is not one that AWS gives',
      hint: 'check --endpoint-url, and what answers there',
    })
  })

  it('takes a hint of the request before the general one', () => {
    const hints = { AccessDeniedException: 'do this' }
    expect(translate(awsError('AccessDeniedException'), { ...subject, hints }).hint).toBe('do this')
  })
})

describe('a request that carries a secret', () => {
  const carrying = { ...subject, carriesSecret: true }
  const quoting = `Value '${secret}' at 'plaintext' failed to satisfy constraint`

  it.each(['ValidationException', 'SerializationException', 'SomethingNewException'])(
    'has the text of a %s withheld, everywhere',
    name => {
      const error = translate(awsError(name, quoting), carrying)
      const shown = JSON.stringify([error.message, error.hint, error.details, error.awsName])
      expect(shown).not.toContain(secret)
      expect(error.message).toBe(`kms:Decrypt failed for key alias/app: AWS refused it (${name})`)
    },
  )

  it('still shows who was denied what', () => {
    const { message } = translate(awsError('AccessDeniedException', 'User a is not authorized'), carrying)
    expect(message).toContain('User a is not authorized')
  })

  it('shows the text of a validation when it carries none', () => {
    expect(translate(awsError('ValidationException', 'keyId is too long'), subject).message).toBe(
      'kms:Decrypt failed for key alias/app: keyId is too long (ValidationException)',
    )
  })
})

describe('an error of this machine', () => {
  it.each(['ENOENT', 'EACCES', 'EMFILE'])('%s is no failure of the network', code => {
    expect(translate(systemError(code), subject)).toMatchObject({ code: 'failed' })
  })
})

describe('a network failure', () => {
  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ECONNRESET', 'the connection was reset'],
    ['ENOTFOUND', 'the host name does not exist'],
    ['EAI_AGAIN', 'the host name cannot be looked up now'],
    ['ETIMEDOUT', 'timed out'],
    ['EPIPE', 'the connection was closed'],
  ])('%s is unavailable and says so in words', (code, reason) => {
    expect(translate(systemError(code), subject)).toMatchObject({
      code: 'unavailable',
      message: `kms:Decrypt failed for key alias/app: AWS could not be reached (${reason})`,
      hint: 'check --endpoint-url, --region and the network, or work offline with --backend mock',
    })
  })

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'is of an authority that is not trusted', 'AWS_CA_BUNDLE'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is of an authority that is not trusted', 'AWS_CA_BUNDLE'],
    ['CERT_HAS_EXPIRED', 'has expired', 'check the clock'],
    ['CERT_NOT_YET_VALID', 'is not valid yet', 'check the clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host name', '--endpoint-url'],
    ['EPROTO', 'the server does not speak TLS 1.2 or later', '--endpoint-url'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'the server does not speak TLS 1.2 or later', '--endpoint-url'],
    ['CERT_REVOKED', 'TLS: CERT_REVOKED', '--endpoint-url'],
  ])('of TLS is unavailable, and says what to do: %s', (code, reason, hint) => {
    const error = Object.assign(new Error('text'), { code })
    const translated = translate(error, subject)
    expect(translated).toMatchObject({ code: 'unavailable', message: expect.stringContaining(`${reason})`) })
    expect(translated.hint).toContain(hint)
  })

  it('never shows the text of the error', () => {
    const error = Object.assign(systemError('ECONNREFUSED'), { message: secret })
    expect(JSON.stringify(translate(error, subject).message)).not.toContain(secret)
  })
})

it('passes errors of our own through, and takes anything that was thrown', () => {
  const own = usageError('x')
  expect(translate(own, subject)).toBe(own)
  expect(translate('a string', subject)).toMatchObject({
    code: 'failed',
    message: 'kms:Decrypt failed for key alias/app: unknown error',
  })
})

it('sends a command, gives its answer, and translates its failure', async () => {
  const command = { input: { a: 1 } } as never
  const client = { send: async (sent: unknown) => ({ sent }) }
  expect(await send(client, command, subject)).toEqual({ sent: command })
  const failing = { send: async () => Promise.reject(awsError('NotFoundException', 'no key')) }
  const error = await send(failing, command, subject).catch(caught => caught)
  expect(error).toBeInstanceOf(KmsealError)
  expect(error).toMatchObject({
    code: 'not-found',
    message: 'kms:Decrypt failed for key alias/app: no key (NotFoundException)',
  })
})
