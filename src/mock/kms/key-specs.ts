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

/** What key material is made of. */
export type MaterialForm =
  | { readonly type: 'bytes'; readonly length: number }
  | { readonly type: 'rsa'; readonly modulusBits: number }
  | { readonly type: 'ec'; readonly curve: Curve }
  | { readonly type: 'ed25519' }

/** A curve, in OpenSSL's names. */
export type Curve = 'prime256v1' | 'secp384r1' | 'secp521r1' | 'secp256k1'

/** A spec that this mock can make keys of. */
export interface KeySpec {
  readonly kind: 'symmetric' | 'asymmetric' | 'hmac'
  readonly material: MaterialForm
  /** Algorithms by usage; a usage that is absent does not go with the spec. */
  readonly algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>
}

const rsa = (modulusBits: number): KeySpec => ({
  kind: 'asymmetric',
  material: { type: 'rsa', modulusBits },
  algorithms: { ENCRYPT_DECRYPT: rsaEncryption, SIGN_VERIFY: rsaSigning },
})

const nist = (curve: Curve, signing: string): KeySpec => ({
  kind: 'asymmetric',
  material: { type: 'ec', curve },
  algorithms: { SIGN_VERIFY: [signing], KEY_AGREEMENT: ['ECDH'] },
})

const hmac = (bits: number): KeySpec => ({
  kind: 'hmac',
  material: { type: 'bytes', length: bits / 8 },
  algorithms: { GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] },
})

/**
 * The specs that can be made, by name.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 */
export const knownSpecs: ReadonlyMap<string, KeySpec> = new Map<string, KeySpec>([
  [
    'SYMMETRIC_DEFAULT',
    {
      kind: 'symmetric',
      material: { type: 'bytes', length: 32 },
      algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
    },
  ],
  ['RSA_2048', rsa(2048)],
  ['RSA_3072', rsa(3072)],
  ['RSA_4096', rsa(4096)],
  ['ECC_NIST_P256', nist('prime256v1', 'ECDSA_SHA_256')],
  ['ECC_NIST_P384', nist('secp384r1', 'ECDSA_SHA_384')],
  ['ECC_NIST_P521', nist('secp521r1', 'ECDSA_SHA_512')],
  [
    'ECC_SECG_P256K1',
    {
      kind: 'asymmetric',
      material: { type: 'ec', curve: 'secp256k1' },
      algorithms: { SIGN_VERIFY: ['ECDSA_SHA_256'] },
    },
  ],
  [
    'ECC_NIST_EDWARDS25519',
    {
      kind: 'asymmetric',
      material: { type: 'ed25519' },
      // The service also has ED25519_PH_SHA_512, which node cannot do.
      algorithms: { SIGN_VERIFY: ['ED25519_SHA_512'] },
    },
  ],
  ['HMAC_224', hmac(224)],
  ['HMAC_256', hmac(256)],
  ['HMAC_384', hmac(384)],
  ['HMAC_512', hmac(512)],
])

/** The bits of the modulus of an RSA spec; 0 for others. */
export function modulusBitsOf(spec: string): number {
  const material = knownSpecs.get(spec)?.material
  return material?.type === 'rsa' ? material.modulusBits : 0
}

/**
 * The longest plaintext in bytes that RSA-OAEP takes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8017#section-7.1.1
 */
export function oaepLimit(modulusBits: number, algorithm: EncryptionAlgorithm): number {
  return modulusBits / 8 - 2 * (algorithm === 'RSAES_OAEP_SHA_1' ? 20 : 32) - 2
}
