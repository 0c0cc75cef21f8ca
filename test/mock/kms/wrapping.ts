/** Wrapping key material for an import, as a client does it. */

import {
  constants,
  createCipheriv,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'

/**
 * Material wrapped under a public key.
 *
 * @param publicKey SPKI DER, or a key object
 * @param algorithm a WrappingAlgorithm of GetParametersForImport
 */
export function wrapMaterial(
  publicKey: KeyObject | Uint8Array,
  algorithm: string,
  material: Uint8Array,
): Buffer {
  const key =
    publicKey instanceof Uint8Array
      ? createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
      : publicKey
  const oaep = (bytes: Uint8Array) =>
    publicEncrypt(
      {
        key,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256',
      },
      bytes,
    )
  if (algorithm.startsWith('RSAES')) return oaep(material)
  const aes = randomBytes(32)
  const cipher = createCipheriv('id-aes256-wrap-pad', aes, Buffer.from('a65959a6', 'hex'))
  return Buffer.concat([oaep(aes), cipher.update(material), cipher.final()])
}
