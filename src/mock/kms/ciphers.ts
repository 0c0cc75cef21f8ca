/** Encrypting and decrypting under a key that was found and checked: AES-256-GCM blobs and RSA-OAEP. */

import { constants, privateDecrypt, publicEncrypt } from 'node:crypto'
import { AwsException, validationException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { authorizeKey } from './authorize.ts'
import { openBlob, parseBlob, sealBlob } from './blob.ts'
import { findCryptoKey, requireAlgorithm } from './crypto-key.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { findKey, resolveKey } from './key-lookup.ts'
import { type KeyRecord, loadKeyOf } from './key-record.ts'
import { type EncryptionAlgorithm, modulusBitsOf, oaepLimit } from './key-specs.ts'
import { loadMaterial, materialOf, privateKeyOf, publicKeyOf } from './materials.ts'
import { dryRunEnd } from './members.ts'
import { requireState } from './states.ts'

/** What a ciphertext turned out to hold. */
export interface Opened {
  readonly key: KeyRecord
  readonly plaintext: Buffer
  /** Id of the material that opened it; symmetric keys only. */
  readonly materialId?: string
}

/** A ciphertext to open, and what the caller says about it. */
export interface Sealed {
  readonly ciphertext: Buffer
  readonly algorithm: EncryptionAlgorithm
  readonly keyId?: string | undefined
  readonly context?: EncryptionContext | undefined
}

/**
 * Encrypts under a key whose state and usage were checked.
 *
 * @throws AwsException InvalidKeyUsageException for an algorithm of other keys; ValidationException for a
 *   plaintext above the RSA limit, or a context with an RSA key
 */
export function encryptUnder(
  context: Context,
  key: KeyRecord,
  plaintext: Uint8Array,
  encryptionContext: EncryptionContext | undefined,
  algorithm: EncryptionAlgorithm = 'SYMMETRIC_DEFAULT',
): Buffer {
  requireAlgorithm(key, algorithm)
  const material = materialOf(context, key.materialId)
  if (algorithm === 'SYMMETRIC_DEFAULT') {
    const secret = Buffer.from(material.secret, 'base64')
    return sealBlob(plaintext, key.materialId, secret, encryptionContext, context.randomBytes)
  }
  refuseContext(encryptionContext)
  const limit = oaepLimit(modulusBitsOf(key.spec), algorithm)
  if (plaintext.length > limit) {
    throw validationException(
      `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${limit} bytes.`,
    )
  }
  return publicEncrypt({ key: publicKeyOf(material), ...oaep(algorithm) }, plaintext)
}

/**
 * Opens a ciphertext, with all checks of Decrypt.
 *
 * @param operation name of the operation, for texts of refusals
 * @throws AwsException InvalidCiphertextException, IncorrectKeyException, AccessDeniedException (unknown or
 *   foreign key), NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException
 */
export function decryptSealed(context: Context, sealed: Sealed, operation: string): Opened {
  const rules = { operation, action: openingAction(operation), aliases: true }
  const named = sealed.keyId === undefined ? undefined : findKey(context, sealed.keyId, rules)
  if (named !== undefined && named.usage !== 'ENCRYPT_DECRYPT') throw incorrectKey()
  return named !== undefined && named.spec !== 'SYMMETRIC_DEFAULT'
    ? openRsa(context, sealed, named)
    : openSymmetric(context, sealed, named, operation)
}

/**
 * The ARN of the key that a ciphertext is for, as far as it can be told before anything is allowed.
 *
 * @param keyId what the caller says about it
 */
export function sourceKeyArn(
  context: Context,
  ciphertext: Buffer | undefined,
  keyId: string | undefined,
): string | undefined {
  try {
    if (keyId !== undefined) return resolveKey(context, keyId, { operation: 'ReEncrypt', aliases: true }).arn
  } catch {
    return undefined
  }
  const blob = ciphertext && parseBlob(ciphertext)
  const material = blob && loadMaterial(context, blob.materialId)
  return material && loadKeyOf(context, material)?.arn
}

/**
 * The end of a dry run without a ciphertext, after all checks that need none.
 *
 * @throws AwsException ValidationException without a KeyId; as {@link decryptSealed}
 */
export function checkedWithoutCiphertext(
  context: Context,
  sealed: Omit<Sealed, 'ciphertext'>,
  operation: string,
): AwsException {
  if (sealed.keyId === undefined) throw validationException('A key ID is required without a ciphertext.')
  const rules = { operation, action: openingAction(operation), aliases: true }
  const key = findKey(context, sealed.keyId, rules)
  if (key.usage !== 'ENCRYPT_DECRYPT') throw incorrectKey()
  requireState(key, 'use')
  requireAlgorithm(key, sealed.algorithm)
  return dryRunEnd()
}

function openSymmetric(
  context: Context,
  sealed: Sealed,
  named: KeyRecord | undefined,
  operation: string,
): Opened {
  if (named !== undefined) {
    requireState(named, 'use')
    requireAlgorithm(named, sealed.algorithm)
  }
  const blob = parseBlob(sealed.ciphertext)
  if (blob === undefined) throw invalidCiphertext()
  const material = loadMaterial(context, blob.materialId)
  const key = material && loadKeyOf(context, material)
  if (named !== undefined && named.arn !== key?.arn) throw incorrectKey()
  if (material === undefined || key === undefined) throw closedCiphertext(context, operation)
  if (named === undefined) {
    authorizeKey(context, key, `kms:${openingAction(operation)}`, () => closedCiphertext(context, operation))
  }
  requireState(key, 'use')
  if (key.spec !== 'SYMMETRIC_DEFAULT' || material.secret === '') throw invalidCiphertext()
  const plaintext = openBlob(blob, Buffer.from(material.secret, 'base64'), sealed.context)
  if (plaintext === undefined) throw invalidCiphertext()
  return { key, plaintext, materialId: blob.materialId }
}

function openRsa(context: Context, sealed: Sealed, named: KeyRecord): Opened {
  requireState(named, 'use')
  requireAlgorithm(named, sealed.algorithm)
  refuseContext(sealed.context)
  const key = privateKeyOf(materialOf(context, named.materialId))
  try {
    return { key: named, plaintext: privateDecrypt({ key, ...oaep(sealed.algorithm) }, sealed.ciphertext) }
  } catch {
    throw invalidCiphertext()
  }
}

/**
 * A new data key: random bytes, plain and wrapped.
 *
 * @param size in bytes
 */
export function newDataKey(
  context: Context,
  key: KeyRecord,
  size: number,
  encryptionContext: EncryptionContext | undefined,
): { plaintext: Buffer; ciphertext: Buffer } {
  const plaintext = context.randomBytes(size)
  return { plaintext, ciphertext: encryptUnder(context, key, plaintext, encryptionContext) }
}

/** The symmetric key under which an operation encrypts, found and checked. */
export function findWrappingKey(context: Context, keyId: string, operation: string): KeyRecord {
  const key = findCryptoKey(context, keyId, operation, 'ENCRYPT_DECRYPT')
  requireAlgorithm(key, 'SYMMETRIC_DEFAULT')
  return key
}

function oaep(algorithm: EncryptionAlgorithm): { padding: number; oaepHash: string } {
  return {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256',
  }
}

function refuseContext(encryptionContext: EncryptionContext | undefined): void {
  if (Object.keys(encryptionContext ?? {}).length > 0) throw validationException('Invalid EncryptionContext')
}

function invalidCiphertext(): AwsException {
  return new AwsException('InvalidCiphertextException')
}

function incorrectKey(): AwsException {
  return new AwsException(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  )
}

function openingAction(operation: string): string {
  return operation === 'ReEncrypt' ? 'ReEncryptFrom' : operation
}

function closedCiphertext(context: Context, operation: string): AwsException {
  const action = `kms:${openingAction(operation)}`
  return new AwsException(
    'AccessDeniedException',
    `User: ${context.principal} is not authorized to perform: ${action} on the resource associated with this ` +
      'ciphertext because the resource does not exist in this Region, no resource-based policies allow ' +
      'access, or a resource-based policy explicitly denies access',
  )
}
