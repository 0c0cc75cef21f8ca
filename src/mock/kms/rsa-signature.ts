/** RSA signatures of digests that are given, which node's own functions would hash again. */

import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  timingSafeEqual,
} from 'node:crypto'
import type { Hash } from './signing-algorithms.ts'

// DigestInfo up to the digest (RFC 8017, section 9.2, note 1).
const digestInfo: Readonly<Record<Hash['name'], Buffer>> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
}

/**
 * Signs a digest with RSASSA-PKCS1-v1_5.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8017#section-8.2.1
 */
export function signPkcs1(key: KeyObject, hash: Hash, digest: Buffer): Buffer {
  const encoded = Buffer.concat([digestInfo[hash.name], digest])
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, encoded)
}

/** Verifies a signature of {@link signPkcs1}. */
export function verifyPkcs1(key: KeyObject, hash: Hash, digest: Buffer, signature: Buffer): boolean {
  const opened = recovered(key, constants.RSA_PKCS1_PADDING, signature)
  return opened?.equals(Buffer.concat([digestInfo[hash.name], digest])) ?? false
}

/**
 * Signs a digest with RSASSA-PSS: MGF1 with the same hash, a salt as long as the digest.
 *
 * @param salt random bytes, as many as the digest has
 * @see https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1
 */
export function signPss(key: KeyObject, hash: Hash, digest: Buffer, salt: Buffer): Buffer {
  const size = modulusBytes(key)
  const seal = sealOf(hash, digest, salt)
  const block = Buffer.alloc(size - hash.bytes - 1)
  block[block.length - salt.length - 1] = 1
  salt.copy(block, block.length - salt.length)
  mask(block, hash, seal)
  return privateEncrypt(
    { key, padding: constants.RSA_NO_PADDING },
    Buffer.concat([block, seal, Buffer.of(0xbc)]),
  )
}

/**
 * Verifies a signature of {@link signPss}.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8017#section-9.1.2
 */
export function verifyPss(key: KeyObject, hash: Hash, digest: Buffer, signature: Buffer): boolean {
  const opened = recovered(key, constants.RSA_NO_PADDING, signature)
  if (opened?.at(-1) !== 0xbc || (opened[0] ?? 0x80) > 0x7f) return false
  const block = Buffer.from(opened.subarray(0, opened.length - hash.bytes - 1))
  const seal = opened.subarray(block.length, opened.length - 1)
  mask(block, hash, seal)
  const start = block.length - hash.bytes
  const padding = block.subarray(0, start)
  if (padding.at(-1) !== 1 || padding.subarray(0, -1).some(byte => byte !== 0)) return false
  return timingSafeEqual(seal, sealOf(hash, digest, block.subarray(start)))
}

function sealOf(hash: Hash, digest: Buffer, salt: Buffer): Buffer {
  return createHash(hash.name).update(Buffer.alloc(8)).update(digest).update(salt).digest()
}

/** XORs a block with MGF1, and clears the bit that would not fit below a modulus of whole bytes. */
function mask(block: Buffer, hash: Hash, seed: Buffer): void {
  const counter = Buffer.alloc(4)
  for (let start = 0; start < block.length; start += hash.bytes) {
    counter.writeUInt32BE(start / hash.bytes)
    const piece = createHash(hash.name).update(seed).update(counter).digest()
    for (const [index, byte] of piece.entries()) {
      if (start + index < block.length) block[start + index] = (block[start + index] ?? 0) ^ byte
    }
  }
  block[0] = (block[0] ?? 0) & 0x7f
}

function recovered(key: KeyObject, padding: number, signature: Buffer): Buffer | undefined {
  if (signature.length !== modulusBytes(key)) return undefined
  try {
    return publicDecrypt({ key, padding }, signature)
  } catch {
    return undefined
  }
}

function modulusBytes(key: KeyObject): number {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
}
