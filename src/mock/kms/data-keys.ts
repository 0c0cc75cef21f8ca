/** GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom. */

import { notEmulated, validationException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { required, string } from '../validation.ts'
import { authorizeWithoutKey } from './authorize.ts'
import { findWrappingKey, newDataKey } from './ciphers.ts'
import {
  contextMember,
  dryRunMember,
  endDryRun,
  grantTokensMember,
  keyIdMember,
  numberOfBytesMember,
  recipientMember,
} from './members.ts'

const dataKeyShape = {
  KeyId: required(keyIdMember),
  EncryptionContext: contextMember,
  NumberOfBytes: numberOfBytesMember,
  KeySpec: string({ values: ['AES_256', 'AES_128'] }),
  GrantTokens: grantTokensMember,
  DryRun: dryRunMember,
}

/**
 * GenerateDataKey: a key of 16, 32 or NumberOfBytes bytes, plain and wrapped by a symmetric key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
 */
export const generateDataKey = defineOperation(
  { ...dataKeyShape, Recipient: recipientMember },
  (context, input) => {
    if (input.Recipient) throw notEmulated('Recipient')
    const size = dataKeyBytes(input)
    const key = findWrappingKey(context, input.KeyId, 'GenerateDataKey')
    const dataKey = newDataKey(context, key, size, input.EncryptionContext)
    endDryRun(input.DryRun)
    return {
      CiphertextBlob: dataKey.ciphertext.toString('base64'),
      Plaintext: dataKey.plaintext.toString('base64'),
      KeyId: key.arn,
      KeyMaterialId: key.materialId,
    }
  },
)

/**
 * GenerateDataKeyWithoutPlaintext: the wrapped key alone.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
 */
export const generateDataKeyWithoutPlaintext = defineOperation(dataKeyShape, (context, input) => {
  const size = dataKeyBytes(input)
  const key = findWrappingKey(context, input.KeyId, 'GenerateDataKeyWithoutPlaintext')
  const dataKey = newDataKey(context, key, size, input.EncryptionContext)
  endDryRun(input.DryRun)
  return {
    CiphertextBlob: dataKey.ciphertext.toString('base64'),
    KeyId: key.arn,
    KeyMaterialId: key.materialId,
  }
})

/**
 * GenerateRandom: 1 to 1024 random bytes.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
 */
export const generateRandom = defineOperation(
  {
    NumberOfBytes: numberOfBytesMember,
    CustomKeyStoreId: string({ min: 1, max: 64 }),
    Recipient: recipientMember,
  },
  (context, input) => {
    authorizeWithoutKey(context, 'kms:GenerateRandom')
    if (input.CustomKeyStoreId !== undefined) throw notEmulated('A custom key store')
    if (input.Recipient) throw notEmulated('Recipient')
    if (input.NumberOfBytes === undefined) throw validationException('NumberOfBytes is required.')
    return { Plaintext: context.randomBytes(input.NumberOfBytes).toString('base64') }
  },
)

function dataKeyBytes(input: { KeySpec?: string | undefined; NumberOfBytes?: number | undefined }): number {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw validationException('Please specify either number of bytes or key spec.')
  }
  if (input.NumberOfBytes !== undefined) return input.NumberOfBytes
  return input.KeySpec === 'AES_128' ? 16 : 32
}
