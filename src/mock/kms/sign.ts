/** Sign and Verify. */

import { createHash, sign as nodeSign, verify as nodeVerify } from 'node:crypto'
import { AwsException, notEmulated, validationException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { blob, required, string } from '../validation.ts'
import { findCryptoKey, requireAlgorithm } from './crypto-key.ts'
import { signEcdsa, verifyEcdsa } from './ecdsa-signature.ts'
import type { KeyRecord } from './key-record.ts'
import { materialOf, privateKeyOf, publicKeyOf } from './materials.ts'
import { dryRunMember, endDryRun, grantTokensMember, keyIdMember, messageMember } from './members.ts'
import { signPkcs1, signPss, verifyPkcs1, verifyPss } from './rsa-signature.ts'
import { type SigningScheme, schemeOf, signingAlgorithms } from './signing-algorithms.ts'

const signShape = {
  KeyId: required(keyIdMember),
  Message: messageMember,
  MessageType: string({ values: ['RAW', 'DIGEST', 'EXTERNAL_MU'] }),
  SigningAlgorithm: required(string({ values: signingAlgorithms })),
  GrantTokens: grantTokensMember,
  DryRun: dryRunMember,
}

/**
 * Sign: of a message up to 4096 bytes, which is hashed, or of a digest, which is taken as it is. ECDSA
 * signatures are DER.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export const sign = defineOperation(signShape, async (context, input) => {
  const key = findCryptoKey(context, input.KeyId, 'Sign', 'SIGN_VERIFY')
  const { scheme, content } = prepare(key, input)
  const secret = privateKeyOf(materialOf(context, key.materialId))
  endDryRun(input.DryRun)
  const signature = await signContent()
  return {
    KeyId: key.arn,
    Signature: signature.toString('base64'),
    SigningAlgorithm: input.SigningAlgorithm,
  }

  function signContent(): Buffer | Promise<Buffer> {
    switch (scheme.scheme) {
      case 'ed25519':
        return nodeSign(null, content, secret)
      case 'ecdsa':
        return signEcdsa(secret, content)
      case 'pkcs1':
        return signPkcs1(secret, scheme.hash, content)
      case 'pss':
        return signPss(secret, scheme.hash, content, context.randomBytes(scheme.hash.bytes))
    }
  }
})

/**
 * Verify: the answer is always true, a signature that is not valid is an exception.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
 */
export const verify = defineOperation(
  { ...signShape, Signature: required(blob({ min: 1, max: 6144 })) },
  async (context, input) => {
    const key = findCryptoKey(context, input.KeyId, 'Verify', 'SIGN_VERIFY')
    const { scheme, content } = prepare(key, input)
    const publicKey = publicKeyOf(materialOf(context, key.materialId))
    const { Signature: signature } = input
    if (!(await isValid())) throw new AwsException('KMSInvalidSignatureException')
    endDryRun(input.DryRun)
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm }

    function isValid(): boolean | Promise<boolean> {
      switch (scheme.scheme) {
        case 'ed25519':
          return nodeVerify(null, content, publicKey, signature)
        case 'ecdsa':
          return verifyEcdsa(publicKey, content, signature)
        case 'pkcs1':
          return verifyPkcs1(publicKey, scheme.hash, content, signature)
        case 'pss':
          return verifyPss(publicKey, scheme.hash, content, signature)
      }
    }
  },
)

interface SignRequest {
  readonly Message: Buffer
  readonly MessageType?: string | undefined
  readonly SigningAlgorithm: string
}

/** The scheme, and what it signs: the digest, or for Ed25519 the message. */
function prepare(key: KeyRecord, request: SignRequest): { scheme: SigningScheme; content: Buffer } {
  const { Message: message, MessageType: type = 'RAW', SigningAlgorithm: algorithm } = request
  if (algorithm === 'ED25519_PH_SHA_512' && key.spec === 'ECC_NIST_EDWARDS25519')
    throw notEmulated('SigningAlgorithm ED25519_PH_SHA_512')
  requireAlgorithm(key, algorithm)
  const scheme = schemeOf(algorithm)
  if (scheme === undefined) throw notEmulated(`SigningAlgorithm ${algorithm}`)
  if (type === 'EXTERNAL_MU' || (type === 'DIGEST' && scheme.scheme === 'ed25519')) {
    throw validationException(`MessageType ${type} is not valid for algorithm ${algorithm}.`)
  }
  if (scheme.scheme === 'ed25519') return { scheme, content: message }
  if (type === 'RAW') return { scheme, content: createHash(scheme.hash.name).update(message).digest() }
  if (message.length !== scheme.hash.bytes) {
    throw validationException(`Digest is invalid length for algorithm ${algorithm}.`)
  }
  return { scheme, content: message }
}
