/** Values that are encrypted before Parameter Store sees them, and bound to the name they are stored under. */

import { bytesSource, MemorySink } from '../byte-stream.ts'
import { type EncryptionContext, refuseReservedKeys } from '../core/encryption-context.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { open } from '../core/open.ts'
import { seal } from '../core/seal.ts'
import { KmsealError, usageError } from '../errors.ts'
import { qualifiedName } from './parameter-name.ts'
import { checkValueSize } from './parameter-value.ts'

/** The encryption context key that holds the parameter's name, with its leading slash. */
export const parameterContextKey = 'kmseal:parameter'

// Far above what a parameter holds; the limits of the tiers are checked on the result.
const memoryLimit = 256 * 1024

/**
 * The encryption context of a sealed value: the user's pairs and the name of the parameter.
 *
 * @throws KmsealError `usage` for a pair with that key, or with one that begins with `aws-crypto-`
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 */
export function sealedContext(name: string, context: EncryptionContext): EncryptionContext {
  if (Object.hasOwn(context, parameterContextKey)) {
    throw usageError(
      `--encryption-context has the key ${parameterContextKey}, which a sealed value gets by itself`,
    )
  }
  const pairs = { ...refuseReservedKeys(context), [parameterContextKey]: qualifiedName(name) }
  return Object.assign(Object.create(null), pairs) as EncryptionContext
}

/** What to seal a value with. */
export interface SealValueRequest {
  readonly kms: KmsAccess
  /** Name of the parameter, which the sealed value is bound to. */
  readonly name: string
  /** Wrapping keys, 1 to 10. */
  readonly keyIds: readonly string[]
  readonly context: EncryptionContext
}

/**
 * Encrypts a value of 1 to 8192 bytes: in KMS up to 4096 bytes under one key, otherwise as an AWS Encryption SDK
 * message. It may be binary.
 *
 * @returns base64 text to store, which is longer than the value by a third and more
 * @throws KmsealError `usage` for an empty value, or when the value or its sealed form fits in no parameter; what
 *   encrypting throws
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
export async function sealValue(value: Uint8Array, request: SealValueRequest): Promise<string> {
  const { kms, name, keyIds } = request
  checkValueSize(value.length, 'value')
  const context = sealedContext(name, request.context)
  const sink = new MemorySink(memoryLimit)
  await seal(bytesSource(value), sink, {
    kms,
    keyIds,
    context,
    mode: 'auto',
    sign: false,
    emptyAllowed: false,
  })
  const text = sink.bytes().toString('base64')
  checkValueSize(text.length, 'sealed value')
  return text
}

/** What to open a sealed value with. */
export interface OpenValueRequest {
  readonly kms: KmsAccess
  /** Name of the parameter that the value was read from. */
  readonly name: string
  /** Keys to insist on; none means that any key the ciphertext names may open it. */
  readonly pins: readonly string[]
  /** The pairs that were given when it was sealed. */
  readonly context: EncryptionContext
}

/**
 * Decrypts a value that {@link sealValue} made for the parameter of this name.
 *
 * @throws KmsealError `integrity` when it is not sealed, was altered, or belongs to another parameter; what
 *   decrypting throws
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export async function openValue(value: string, request: OpenValueRequest): Promise<Buffer> {
  const { kms, name, pins } = request
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length % 4 !== 0) {
    throw new KmsealError('integrity', `the value of parameter ${name} is not sealed`, {
      hint: 'leave --open away, unless the value was stored with put-param --seal',
    })
  }
  const sink = new MemorySink(memoryLimit)
  const context = sealedContext(name, request.context)
  try {
    await open(bytesSource(Buffer.from(value, 'base64')), sink, { kms, pins, context })
  } catch (error) {
    throw error instanceof KmsealError ? notOpened(name, error) : error
  }
  return sink.bytes()
}

function notOpened(name: string, error: KmsealError): KmsealError {
  const isOfAnother = error.code === 'integrity'
  const more = isOfAnother ? ['a sealed value opens only under the name that it was sealed for'] : []
  return error.with({
    message: `the value of parameter ${name} cannot be opened: ${error.message}`,
    details: [...error.details, ...more],
  })
}
