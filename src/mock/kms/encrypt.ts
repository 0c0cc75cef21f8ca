/** Encrypt, Decrypt and ReEncrypt. */

import { notEmulated } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { required } from '../validation.ts'
import { checkedWithoutCiphertext, decryptSealed, encryptUnder, sourceKeyArn } from './ciphers.ts'
import { algorithmOr, findCryptoKey, requireAlgorithm } from './crypto-key.ts'
import { resolveKey } from './key-lookup.ts'
import {
  algorithmMember,
  ciphertextMember,
  ciphertextOf,
  contextMember,
  dryRunMember,
  dryRunModifiersMember,
  endDryRun,
  grantTokensMember,
  keyIdMember,
  plaintextMember,
  recipientMember,
} from './members.ts'

/**
 * Encrypt: 1 to 4096 bytes under a symmetric key, less under RSA.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
export const encrypt = defineOperation(
  {
    KeyId: required(keyIdMember),
    Plaintext: plaintextMember,
    EncryptionContext: contextMember,
    EncryptionAlgorithm: algorithmMember,
    GrantTokens: grantTokensMember,
    DryRun: dryRunMember,
  },
  (context, input) => {
    const key = findCryptoKey(context, input.KeyId, 'Encrypt', 'ENCRYPT_DECRYPT')
    const algorithm = algorithmOr(input.EncryptionAlgorithm)
    const ciphertext = encryptUnder(context, key, input.Plaintext, input.EncryptionContext, algorithm)
    endDryRun(input.DryRun)
    return {
      CiphertextBlob: ciphertext.toString('base64'),
      KeyId: key.arn,
      EncryptionAlgorithm: algorithm,
    }
  },
)

/**
 * Decrypt: a blob of a symmetric key names its key itself, an RSA ciphertext needs KeyId and algorithm.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export const decrypt = defineOperation(
  {
    CiphertextBlob: ciphertextMember,
    KeyId: keyIdMember,
    EncryptionContext: contextMember,
    EncryptionAlgorithm: algorithmMember,
    GrantTokens: grantTokensMember,
    Recipient: recipientMember,
    DryRun: dryRunMember,
    DryRunModifiers: dryRunModifiersMember,
  },
  (context, input) => {
    if (input.Recipient) throw notEmulated('Recipient')
    const algorithm = algorithmOr(input.EncryptionAlgorithm)
    const sealed = { algorithm, keyId: input.KeyId, context: input.EncryptionContext }
    const ciphertext = ciphertextOf(input)
    if (ciphertext === undefined) throw checkedWithoutCiphertext(context, sealed, 'Decrypt')
    const opened = decryptSealed(context, { ...sealed, ciphertext }, 'Decrypt')
    endDryRun(input.DryRun)
    return {
      Plaintext: opened.plaintext.toString('base64'),
      KeyId: opened.key.arn,
      EncryptionAlgorithm: algorithm,
      ...(opened.materialId === undefined ? {} : { KeyMaterialId: opened.materialId }),
    }
  },
)

/**
 * ReEncrypt: opens as Decrypt and seals as Encrypt, without letting the plaintext out. The encryption
 * context is not carried over.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 */
export const reEncrypt = defineOperation(
  {
    CiphertextBlob: ciphertextMember,
    DestinationKeyId: required(keyIdMember),
    SourceKeyId: keyIdMember,
    SourceEncryptionContext: contextMember,
    DestinationEncryptionContext: contextMember,
    SourceEncryptionAlgorithm: algorithmMember,
    DestinationEncryptionAlgorithm: algorithmMember,
    GrantTokens: grantTokensMember,
    DryRun: dryRunMember,
    DryRunModifiers: dryRunModifiersMember,
  },
  (context, input) => {
    const sourceAlgorithm = algorithmOr(input.SourceEncryptionAlgorithm)
    const destinationAlgorithm = algorithmOr(input.DestinationEncryptionAlgorithm)
    const { DestinationKeyId: destinationId, SourceKeyId: sourceId } = input
    const rules = { operation: 'ReEncrypt', aliases: true }
    const sameKey =
      sourceKeyArn(context, input.CiphertextBlob, sourceId) === resolveKey(context, destinationId, rules).arn
    // Each half is a request of its own for the conditions of policies.
    const toDestination = {
      ...context,
      request: {
        ...input,
        KeyId: destinationId,
        ReEncryptOnSameKey: sameKey,
        EncryptionContext: input.DestinationEncryptionContext,
        EncryptionAlgorithm: destinationAlgorithm,
      },
    }
    const fromSource = {
      ...context,
      request: {
        ...input,
        KeyId: sourceId,
        ReEncryptOnSameKey: sameKey,
        EncryptionContext: input.SourceEncryptionContext,
        EncryptionAlgorithm: sourceAlgorithm,
      },
    }
    const usage = 'ENCRYPT_DECRYPT'
    const destination = findCryptoKey(toDestination, destinationId, 'ReEncrypt', usage, 'ReEncryptTo')
    requireAlgorithm(destination, destinationAlgorithm)
    const sealed = { algorithm: sourceAlgorithm, keyId: sourceId, context: input.SourceEncryptionContext }
    const given = ciphertextOf(input)
    if (given === undefined) throw checkedWithoutCiphertext(fromSource, sealed, 'ReEncrypt')
    const opened = decryptSealed(fromSource, { ...sealed, ciphertext: given }, 'ReEncrypt')
    const ciphertext = encryptUnder(
      context,
      destination,
      opened.plaintext,
      input.DestinationEncryptionContext,
      destinationAlgorithm,
    )
    endDryRun(input.DryRun)
    return {
      CiphertextBlob: ciphertext.toString('base64'),
      SourceKeyId: opened.key.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: sourceAlgorithm,
      DestinationEncryptionAlgorithm: destinationAlgorithm,
      ...(opened.materialId === undefined ? {} : { SourceKeyMaterialId: opened.materialId }),
      ...(destinationAlgorithm === 'SYMMETRIC_DEFAULT'
        ? { DestinationKeyMaterialId: destination.materialId }
        : {}),
    }
  },
)
