/** Key specs: what each may be used for, its algorithms and size limits. */

/** What a key is for. */
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT'

/** Key specs of the API, in the order of the service's error texts. */
export const keySpecs = [
  'RSA_2048',
  'ECC_NIST_P384',
  'ECC_NIST_P256',
  'ECC_NIST_P521',
  'HMAC_384',
  'RSA_3072',
  'ECC_SECG_P256K1',
  'RSA_4096',
  'SYMMETRIC_DEFAULT',
  'HMAC_256',
  'HMAC_224',
  'HMAC_512',
  'SM2',
  'ECC_NIST_EDWARDS25519',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
] as const

/** Key usages of the API, in the order of the service's error texts. */
export const keyUsages = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const

/** Encryption algorithms of the API. */
export const encryptionAlgorithms = [
  'SYMMETRIC_DEFAULT',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'SM2PKE',
] as const

/** An encryption algorithm of the API. */
export type EncryptionAlgorithm = (typeof encryptionAlgorithms)[number]

const rsaEncryption: readonly string[] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']
const rsaSigning: readonly string[] = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
]

/** A spec that this mock can make keys of. */
export interface KeySpec {
  readonly kind: 'symmetric' | 'asymmetric'
  /** Bits of the modulus of an RSA key. */
  readonly modulusBits?: number
  /** Algorithms by usage; a usage that is absent does not go with the spec. */
  readonly algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>
}

const rsa = (modulusBits: number): KeySpec => ({
  kind: 'asymmetric',
  modulusBits,
  algorithms: { ENCRYPT_DECRYPT: rsaEncryption, SIGN_VERIFY: rsaSigning },
})

/**
 * The specs that can be made, by name.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export const knownSpecs: ReadonlyMap<string, KeySpec> = new Map([
  ['SYMMETRIC_DEFAULT', { kind: 'symmetric', algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] } }],
  ['RSA_2048', rsa(2048)],
  ['RSA_3072', rsa(3072)],
  ['RSA_4096', rsa(4096)],
])

/**
 * The longest plaintext in bytes that RSA-OAEP takes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8017#section-7.1.1
 */
export function oaepLimit(modulusBits: number, algorithm: EncryptionAlgorithm): number {
  return modulusBits / 8 - 2 * (algorithm === 'RSAES_OAEP_SHA_1' ? 20 : 32) - 2
}
