/** The kinds of keys that can be created: what each is for, unless told otherwise. */

import { usageError } from '../errors.ts'

/** What a key can be for; it stays so for the key's life. */
export const keyUsages = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const

/** What a key is for. */
export type KeyUsage = (typeof keyUsages)[number]

const encrypting = ['ENCRYPT_DECRYPT'] as const
const rsa = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'] as const
const nistCurve = ['SIGN_VERIFY', 'KEY_AGREEMENT'] as const
const signing = ['SIGN_VERIFY'] as const
const mac = ['GENERATE_VERIFY_MAC'] as const

// The usages of each spec; the first is the default.
const usagesOf = {
  SYMMETRIC_DEFAULT: encrypting,
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  ECC_NIST_P256: nistCurve,
  ECC_NIST_P384: nistCurve,
  ECC_NIST_P521: nistCurve,
  ECC_NIST_EDWARDS25519: signing,
  ECC_SECG_P256K1: signing,
  HMAC_224: mac,
  HMAC_256: mac,
  HMAC_384: mac,
  HMAC_512: mac,
} as const satisfies Readonly<Record<string, readonly [KeyUsage, ...KeyUsage[]]>>

/** A kind of key that can be created. */
export type CreatableKeySpec = keyof typeof usagesOf

/** Kinds of keys that can be created. */
export const keySpecs = Object.keys(usagesOf) as readonly CreatableKeySpec[]

/**
 * The usage of a new key: the wanted one, or the first that its spec has. RSA keys encrypt, and keys on elliptic
 * curves sign, unless told otherwise.
 *
 * @throws KmsealError `usage` for a usage that the spec does not have
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export function usageFor(spec: CreatableKeySpec, wanted: KeyUsage | undefined): KeyUsage {
  const usages: readonly [KeyUsage, ...KeyUsage[]] = usagesOf[spec]
  if (wanted === undefined) return usages[0]
  if (usages.includes(wanted)) return wanted
  const others = keySpecs.filter(other => (usagesOf[other] as readonly KeyUsage[]).includes(wanted))
  throw usageError(
    `a ${spec} key cannot have the key usage ${wanted}, only ${usages.join(' or ')}`,
    `choose --key-spec ${others.join(', ')}`,
  )
}
