/** The signing algorithms of the API, and what each consists of. */

/** Signing algorithms of the API. */
export const signingAlgorithms = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'SM2DSA',
  'ML_DSA_SHAKE_256',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
] as const

/** A hash function, with the length of its digest in bytes. */
export interface Hash {
  readonly name: 'sha256' | 'sha384' | 'sha512'
  readonly bytes: number
}

/** How an algorithm turns a message into a signature. */
export type SigningScheme =
  | { readonly scheme: 'pkcs1' | 'pss' | 'ecdsa'; readonly hash: Hash }
  | { readonly scheme: 'ed25519' }

/**
 * The scheme of an algorithm; undefined for those that the mock cannot do.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export function schemeOf(algorithm: string): SigningScheme | undefined {
  if (algorithm === 'ED25519_SHA_512') return { scheme: 'ed25519' }
  const match = /^(RSASSA_PKCS1_V1_5|RSASSA_PSS|ECDSA)_SHA_(\d+)$/.exec(algorithm)
  const scheme = schemes[match?.[1] ?? '']
  const hash = hashes[match?.[2] ?? '']
  return scheme && hash && { scheme, hash }
}

const schemes: Readonly<Record<string, 'pkcs1' | 'pss' | 'ecdsa'>> = {
  RSASSA_PKCS1_V1_5: 'pkcs1',
  RSASSA_PSS: 'pss',
  ECDSA: 'ecdsa',
}

const hashes: Readonly<Record<string, Hash>> = {
  256: { name: 'sha256', bytes: 32 },
  384: { name: 'sha384', bytes: 48 },
  512: { name: 'sha512', bytes: 64 },
}
