/** Direct encryption: the plaintext itself goes to KMS, up to 4096 bytes. */

import {
  DecryptCommand,
  type DecryptCommandOutput,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { commonCode, integrityError, KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { isOfAccounts, parseKeyArn } from './key-id.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import type { PublicKeyRecipient } from './public-key-file.ts'
import { resolveKeyArn } from './resolve-key.ts'
import { checkOaepLength, oaepEncrypt } from './rsa-oaep.ts'

/** Bytes that KMS encrypts in one call under a symmetric key. */
export const maxDirectBytes = 4096

/** Bytes of ciphertext that KMS takes. */
export const maxBlobBytes = 6144

/**
 * Encrypts under the public key of an RSA key, without KMS; only kms:Decrypt by that key opens it.
 *
 * @param plaintext 1 byte to what fits, such as 190 bytes under RSA_2048 with RSAES_OAEP_SHA_256
 * @param algorithm instead of the one in the file
 * @throws KmsealError `usage` when it is larger, or the algorithm none of RSA keys
 */
export function sealDirectOffline(
  { keyArn, publicKey, ...recipient }: PublicKeyRecipient,
  plaintext: Uint8Array,
  algorithm: string = recipient.algorithm,
): DirectCiphertext {
  if (!algorithm.startsWith('RSAES_OAEP')) {
    throw usageError(`--encryption-algorithm ${algorithm} does not go with --public-key`)
  }
  checkOaepLength(publicKey, algorithm, plaintext, {
    what: 'the input',
    hint: 'leave --mode direct away: an envelope takes any length',
  })
  return { blob: oaepEncrypt(publicKey, algorithm, plaintext), keyArn }
}

/** What KMS gave for a plaintext. */
export interface DirectCiphertext {
  readonly blob: Uint8Array
  readonly keyArn: string
}

/**
 * Encrypts with KMS itself.
 *
 * @param plaintext 1 to 4096 bytes (RSA keys: less, by key size and algorithm)
 * @throws KmsealError `usage` when it is larger; otherwise what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
export async function sealDirect(
  access: KmsAccess,
  keyId: string,
  plaintext: Uint8Array,
  context: EncryptionContext,
  algorithm: string | undefined,
): Promise<DirectCiphertext> {
  if (plaintext.length > maxDirectBytes) {
    throw usageError(
      `the input is larger than the ${maxDirectBytes} bytes that KMS encrypts in one call`,
      'leave --mode away, or choose --mode envelope',
    )
  }
  const answer = await send(
    await clientForKey(access, keyId),
    new EncryptCommand({
      KeyId: keyId,
      Plaintext: plaintext,
      ...contextMember(context),
      ...algorithmMember(algorithm),
    }),
    {
      action: 'kms:Encrypt',
      object: `key ${keyId}`,
      carriesSecret: true,
      hints: {
        InvalidKeyUsageException:
          'for an RSA key use --mode direct with --encryption-algorithm RSAES_OAEP_SHA_256',
        ValidationException:
          'an RSA key encrypts less than 4096 bytes (RSA_2048 with OAEP SHA-256: 190, RSA_3072: 318, RSA_4096: 446)',
      },
    },
  )
  if (answer.CiphertextBlob === undefined || answer.KeyId === undefined) {
    throw new KmsealError('failed', `KMS answered without a ciphertext for key ${keyId}`)
  }
  return { blob: answer.CiphertextBlob, keyArn: answer.KeyId }
}

/** What KMS gave for a ciphertext. */
export interface DirectPlaintext {
  readonly plaintext: Uint8Array
  readonly keyArn: string
}

/**
 * Decrypts with KMS itself. With pins, only they may have encrypted it: KMS is told so, and its answer is
 * checked before the plaintext is passed on.
 *
 * @param blob 1 to 6144 bytes
 * @param accounts without pins: the accounts whose keys may have encrypted it; none means any
 * @throws KmsealError `integrity` when it was altered, or belongs to another key or context
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export async function openDirect(
  access: KmsAccess,
  pins: readonly string[],
  blob: Uint8Array,
  context: EncryptionContext,
  algorithm: string | undefined,
  accounts: readonly string[] = [],
): Promise<DirectPlaintext> {
  if (pins.length === 0) {
    if (algorithm !== undefined && algorithm !== 'SYMMETRIC_DEFAULT') {
      throw usageError('ciphertext of an RSA key does not say which key it needs', 'name it with --key-id')
    }
    const answer = await decrypt(await access.client(), blob, context, algorithm, undefined)
    return released(checked(answer), undefined, accounts)
  }
  const refusals: KmsealError[] = []
  for (const pin of pins) {
    try {
      return await openPinned(access, pin, blob, context, algorithm)
    } catch (error) {
      if (!(error instanceof KmsealError)) throw error
      refusals.push(error)
    }
  }
  throw noPinOpens(refusals)
}

async function openPinned(
  access: KmsAccess,
  pin: string,
  blob: Uint8Array,
  context: EncryptionContext,
  algorithm: string | undefined,
): Promise<DirectPlaintext> {
  const keyArn = await resolveKeyArn(access, pin)
  const client = await access.client(parseKeyArn(keyArn)?.region)
  return released(checked(await decrypt(client, blob, context, algorithm, keyArn)), keyArn, undefined)
}

/** Passes on what the right key opened; of another one, nothing is left. */
function released(
  opened: DirectPlaintext,
  pinned: string | undefined,
  accounts: readonly string[] | undefined,
): DirectPlaintext {
  const refusal = refusalOfKey(opened.keyArn, pinned, accounts)
  if (refusal === undefined) return opened
  opened.plaintext.fill(0)
  throw refusal
}

/**
 * Why the key that KMS used is not one that was allowed.
 *
 * @param accounts whose keys are allowed; none means any
 */
export function refusalOfKey(
  used: string,
  pinned: string | undefined,
  accounts: readonly string[] | undefined,
): KmsealError | undefined {
  if (pinned !== undefined && used !== pinned) {
    return integrityError(`KMS used key ${used}, not the requested ${pinned}`)
  }
  if (isOfAccounts(used, accounts)) return undefined
  return integrityError(`the ciphertext belongs to key ${used}, of no account that is allowed here`)
}

/** One refusal as it is; of several, the code that they share, and every reason. */
export function noPinOpens(refusals: readonly KmsealError[]): KmsealError {
  const [first] = refusals
  if (first !== undefined && refusals.length === 1) return first
  return new KmsealError(
    commonCode(refusals.map(({ code }) => code)),
    'none of the given keys opens the ciphertext',
    {
      details: refusals.map(({ message }) => message),
      hint: first?.hint,
      awsName: first?.awsName,
      cause: first,
    },
  )
}

async function decrypt(
  client: KMSClient,
  blob: Uint8Array,
  context: EncryptionContext,
  algorithm: string | undefined,
  keyArn: string | undefined,
): Promise<DecryptCommandOutput> {
  const command = new DecryptCommand({
    CiphertextBlob: blob,
    ...contextMember(context),
    ...algorithmMember(algorithm),
    ...(keyArn === undefined ? {} : { KeyId: keyArn }),
  })
  return send(client, command, {
    action: 'kms:Decrypt',
    object: keyArn === undefined ? 'the ciphertext' : `the ciphertext under key ${keyArn}`,
  })
}

function checked(answer: DecryptCommandOutput): DirectPlaintext {
  if (answer.Plaintext === undefined || answer.KeyId === undefined) {
    throw new KmsealError('failed', 'KMS answered without a plaintext')
  }
  return { plaintext: answer.Plaintext, keyArn: answer.KeyId }
}

function contextMember(context: EncryptionContext): { EncryptionContext?: Record<string, string> } {
  return Object.keys(context).length === 0 ? {} : { EncryptionContext: context }
}

function algorithmMember(algorithm: string | undefined): { EncryptionAlgorithm?: EncryptionAlgorithmSpec } {
  return algorithm === undefined ? {} : { EncryptionAlgorithm: algorithm as EncryptionAlgorithmSpec }
}
