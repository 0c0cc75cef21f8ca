/** The signing algorithms of KMS that kmseal uses: what each signs, and which of several is taken. */

import type { KeyObject } from 'node:crypto'

/**
 * Signing algorithms, the preferred ones first.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export const signingAlgorithms = [
  'RSASSA_PSS_SHA_512',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
] as const

/** One of {@link signingAlgorithms}. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** The one to take when none is named: the first of {@link signingAlgorithms} that is there. */
export function usualAlgorithm(offered: readonly string[]): SigningAlgorithm | undefined {
  return signingAlgorithms.find(known => offered.includes(known))
}

/** The hash of an algorithm, by its name in node, and the length of its digest in bytes. */
export function hashOf(algorithm: SigningAlgorithm): { readonly name: string; readonly bytes: number } {
  const bits = Number(algorithm.slice(-3))
  return { name: `sha${bits}`, bytes: bits / 8 }
}

/** How an algorithm signs. Of the two kinds of Ed25519, `ed25519ph` takes digests only, and `ed25519` none. */
export function schemeOf(algorithm: SigningAlgorithm): 'pss' | 'pkcs1' | 'ecdsa' | 'ed25519' | 'ed25519ph' {
  if (algorithm.startsWith('RSASSA_PSS')) return 'pss'
  if (algorithm.startsWith('RSASSA_PKCS1')) return 'pkcs1'
  if (algorithm.startsWith('ECDSA')) return 'ecdsa'
  return algorithm === 'ED25519_PH_SHA_512' ? 'ed25519ph' : 'ed25519'
}

// By the names that OpenSSL has for them.
const curves: Readonly<Record<string, { readonly keySpec: string; readonly algorithm: SigningAlgorithm }>> = {
  prime256v1: { keySpec: 'ECC_NIST_P256', algorithm: 'ECDSA_SHA_256' },
  secp384r1: { keySpec: 'ECC_NIST_P384', algorithm: 'ECDSA_SHA_384' },
  secp521r1: { keySpec: 'ECC_NIST_P521', algorithm: 'ECDSA_SHA_512' },
  secp256k1: { keySpec: 'ECC_SECG_P256K1', algorithm: 'ECDSA_SHA_256' },
}

/** What a key is as a KMS key, and how such keys sign; nothing for kinds of keys that KMS has not. */
export function signingKind(
  key: KeyObject,
): { readonly keySpec: string; readonly algorithms: readonly SigningAlgorithm[] } | undefined {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < 2048) return undefined
      return {
        keySpec: `RSA_${modulusLength}`,
        algorithms: signingAlgorithms.filter(name => name.startsWith('RSA')),
      }
    case 'ec': {
      const curve = curves[namedCurve]
      return curve && { keySpec: curve.keySpec, algorithms: [curve.algorithm] }
    }
    case 'ed25519':
      return {
        keySpec: 'ECC_NIST_EDWARDS25519',
        algorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
      }
    default:
      return undefined
  }
}
