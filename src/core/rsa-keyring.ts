/**
 * The AWS KMS RSA keyring: wraps data keys under a public key, without any request, and unwraps them by KMS.
 *
 * The wrapped data key is RSA-OAEP of the SHA-384 of the encryption context, and the data key. Its key provider is
 * `aws-kms-rsa`, its provider info the key ARN.
 *
 * @see https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/framework/aws-kms/aws-kms-rsa-keyring.md
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  EncryptedDataKey,
  immutableClass,
  KeyringNode,
  KeyringTraceFlag,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
  unwrapDataKey,
} from '@aws-crypto/material-management-node'
import { serializeFactory } from '@aws-crypto/serialize'
import { DecryptCommand } from '@aws-sdk/client-kms'
import { integrityError, KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { isSameKey, parseKeyArn } from './key-id.ts'
import type { KmsAccess } from './kms-access.ts'
import { rsaProviderId } from './message-keys.ts'
import {
  type PublicKeyRecipient,
  type RsaEncryptionAlgorithm,
  rsaEncryptionAlgorithms,
} from './public-key-file.ts'
import { oaepEncrypt } from './rsa-oaep.ts'

const digestBytes = 48
const { serializeEncryptionContext } = serializeFactory(text => Buffer.from(text, 'utf8'), {
  utf8Sorting: true,
})

/** The digest of an encryption context that is wrapped with the data key. */
function contextDigest(context: Readonly<Record<string, string>>): Buffer {
  // The first two bytes are the length of the rest, which is empty without pairs.
  return createHash('sha384').update(serializeEncryptionContext(context).subarray(2)).digest()
}

/** Wraps data keys under one public key; the first of several keyrings makes the data key. */
export class RsaSealingKeyring extends KeyringNode {
  readonly recipient: PublicKeyRecipient

  constructor(recipient: PublicKeyRecipient) {
    super()
    this.recipient = recipient
    Object.freeze(this)
  }

  /**
   * Wraps, after making a data key if there is none yet.
   *
   * @throws KmsealError `usage` for a signing suite: whoever has the public key could sign
   */
  async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const { keyArn, publicKey, algorithm } = this.recipient
    if (material.suite.signatureCurve !== undefined) {
      throw usageError(
        'a signed message cannot have an RSA key as recipient: whoever has its public key could sign',
        'leave --sign away',
      )
    }
    const trace = { keyNamespace: rsaProviderId, keyName: keyArn }
    if (!material.hasUnencryptedDataKey) {
      const made = randomBytes(material.suite.keyLengthBytes)
      material.setUnencryptedDataKey(new Uint8Array(made), {
        ...trace,
        flags: KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY,
      })
      made.fill(0)
    }
    const dataKey = unwrapDataKey(material.getUnencryptedDataKey())
    const plaintext = Buffer.concat([contextDigest(material.encryptionContext), dataKey])
    const wrapped = oaepEncrypt(publicKey, algorithm, plaintext)
    plaintext.fill(0)
    const encryptedDataKey = new EncryptedDataKey({
      providerId: rsaProviderId,
      providerInfo: keyArn,
      encryptedDataKey: wrapped,
    })
    return material.addEncryptedDataKey(
      encryptedDataKey,
      KeyringTraceFlag.WRAPPING_KEY_ENCRYPTED_DATA_KEY | KeyringTraceFlag.WRAPPING_KEY_SIGNED_ENC_CTX,
    )
  }

  /** Unwraps nothing: a public key cannot. */
  async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    return material
  }
}
immutableClass(RsaSealingKeyring)

/** Which RSA keys may unwrap, and how. */
export interface RsaOpening {
  readonly access: KmsAccess
  /** Key ARNs to insist on; undefined tries every key that a message names. */
  readonly pins: readonly string[] | undefined
  /** The one that wrapped, when it is known; otherwise both are tried, since a message does not tell. */
  readonly algorithm?: RsaEncryptionAlgorithm | undefined
  /** Told every refusal. */
  readonly onRefusal: (keyArn: string, error: KmsealError) => void
}

/** Unwraps data keys by kms:Decrypt. KMS does not see the encryption context; it is compared here. */
export class RsaOpeningKeyring extends KeyringNode {
  readonly opening: RsaOpening

  constructor(opening: RsaOpening) {
    super()
    this.opening = opening
    Object.freeze(this)
  }

  /** Unwraps nothing new. */
  async _onEncrypt(): Promise<NodeEncryptionMaterial> {
    throw new TypeError('this keyring opens only')
  }

  /** Tries the data keys of the message that may be tried, until one opens. */
  async _onDecrypt(
    material: NodeDecryptionMaterial,
    encryptedDataKeys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    const { pins, onRefusal } = this.opening
    if (material.suite.signatureCurve !== undefined) return material
    for (const { providerId, providerInfo, encryptedDataKey } of encryptedDataKeys) {
      if (providerId !== rsaProviderId) continue
      const keyArn = pins === undefined ? providerInfo : pins.find(pin => isSameKey(pin, providerInfo))
      if (keyArn === undefined) continue
      try {
        const dataKey = await this.#unwrap(keyArn, encryptedDataKey, material)
        material.setUnencryptedDataKey(dataKey, {
          keyNamespace: rsaProviderId,
          keyName: keyArn,
          flags:
            KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY | KeyringTraceFlag.WRAPPING_KEY_VERIFIED_ENC_CTX,
        })
        return material
      } catch (error) {
        if (!(error instanceof KmsealError)) throw error
        onRefusal(providerInfo, error)
      }
    }
    return material
  }

  async #unwrap(keyArn: string, wrapped: Uint8Array, material: NodeDecryptionMaterial): Promise<Uint8Array> {
    const plaintext = await this.#decrypt(keyArn, wrapped)
    const digest = contextDigest(material.encryptionContext)
    const fits = plaintext.length === digestBytes + material.suite.keyLengthBytes
    if (!fits || !timingSafeEqual(plaintext.subarray(0, digestBytes), digest)) {
      plaintext.fill(0)
      throw integrityError('the data key was wrapped with another encryption context')
    }
    // A copy of its own memory, since the material keeps it.
    const dataKey = Uint8Array.from(plaintext.subarray(digestBytes))
    plaintext.fill(0)
    return dataKey
  }

  async #decrypt(keyArn: string, wrapped: Uint8Array): Promise<Uint8Array> {
    const { access, algorithm } = this.opening
    const client = await access.client(parseKeyArn(keyArn)?.region)
    const candidates = algorithm === undefined ? rsaEncryptionAlgorithms : [algorithm]
    for (const [index, candidate] of candidates.entries()) {
      try {
        const command = new DecryptCommand({
          KeyId: keyArn,
          CiphertextBlob: wrapped,
          EncryptionAlgorithm: candidate,
        })
        const answer = await send(client, command, { action: 'kms:Decrypt', object: `key ${keyArn}` })
        if (answer.KeyId === keyArn && answer.Plaintext !== undefined) return answer.Plaintext
        throw integrityError(`KMS used key ${answer.KeyId ?? '(none)'}, not the requested ${keyArn}`)
      } catch (error) {
        const isLast = index === candidates.length - 1
        if (isLast || !(error instanceof KmsealError) || error.awsName !== 'InvalidCiphertextException') {
          throw error
        }
      }
    }
    throw new TypeError('there is an algorithm to try')
  }
}
immutableClass(RsaOpeningKeyring)
