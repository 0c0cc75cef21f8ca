/** GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext. */

import { notEmulated } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { required, string } from '../validation.ts'
import { encryptUnder, findWrappingKey } from './ciphers.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { knownSpecs } from './key-specs.ts'
import {
  contextMember,
  dryRunMember,
  endDryRun,
  grantTokensMember,
  keyIdMember,
  recipientMember,
} from './members.ts'
import { newKeyPair } from './new-key.ts'

const pairShape = {
  KeyId: required(keyIdMember),
  KeyPairSpec: required(
    string({
      values: [
        'RSA_2048',
        'RSA_3072',
        'RSA_4096',
        'ECC_NIST_P256',
        'ECC_NIST_P384',
        'ECC_NIST_P521',
        'ECC_SECG_P256K1',
        'SM2',
        'ECC_NIST_EDWARDS25519',
      ],
    }),
  ),
  EncryptionContext: contextMember,
  GrantTokens: grantTokensMember,
  DryRun: dryRunMember,
}

/**
 * GenerateDataKeyPair: a key pair to use outside, its private key plain (PKCS#8 DER) and wrapped by a
 * symmetric key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
 */
export const generateDataKeyPair = defineOperation(
  { ...pairShape, Recipient: recipientMember },
  async (context, input) => {
    if (input.Recipient) throw notEmulated('Recipient')
    const { privateKey, output } = await makePair(context, 'GenerateDataKeyPair', input)
    return { ...output, PrivateKeyPlaintext: privateKey.toString('base64') }
  },
)

/**
 * GenerateDataKeyPairWithoutPlaintext: the wrapped private key and the public key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
 */
export const generateDataKeyPairWithoutPlaintext = defineOperation(
  pairShape,
  async (context, input) => (await makePair(context, 'GenerateDataKeyPairWithoutPlaintext', input)).output,
)

interface PairRequest {
  readonly KeyId: string
  readonly KeyPairSpec: string
  readonly EncryptionContext?: EncryptionContext | undefined
  readonly DryRun?: boolean | undefined
}

async function makePair(context: Context, operation: string, request: PairRequest) {
  const key = findWrappingKey(context, request.KeyId, operation)
  const form = knownSpecs.get(request.KeyPairSpec)?.material
  if (form === undefined || form.type === 'bytes') throw notEmulated(`KeyPairSpec ${request.KeyPairSpec}`)
  endDryRun(request.DryRun)
  const { privateKey, publicKey } = await newKeyPair(form)
  const wrapped = encryptUnder(context, key, privateKey, request.EncryptionContext)
  const output = {
    KeyId: key.arn,
    KeyMaterialId: key.materialId,
    KeyPairSpec: request.KeyPairSpec,
    PrivateKeyCiphertextBlob: wrapped.toString('base64'),
    PublicKey: publicKey.toString('base64'),
  }
  return { privateKey, output }
}
