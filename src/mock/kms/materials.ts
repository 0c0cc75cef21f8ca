/** Key material: the secrets behind keys, found by the id that a ciphertext carries. */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Context } from '../operation.ts'

/** Secret bytes of a key. */
export interface Material {
  readonly account: string
  readonly keyId: string
  /** Base64: the bytes of an AES or HMAC key, or the PKCS#8 DER of a private key. */
  readonly secret: string
  /** Base64 of the SPKI DER of the public key, of asymmetric keys. */
  readonly publicKey?: string
}

const materialKey = (id: string) => `material\0${id}`

/** Keeps material under its id; only inside a transaction. */
export function saveMaterial(context: Context, id: string, material: Material): void {
  context.store.put(materialKey(id), Buffer.from(JSON.stringify(material)))
}

/**
 * Finds material of any account and Region.
 *
 * @param id 64 hex digits
 */
export function loadMaterial(context: Context, id: string): Material | undefined {
  const found = context.store.get(materialKey(id))
  return found === undefined ? undefined : (JSON.parse(found.toString()) as Material)
}

/** Finds the material of a key that exists. */
export function materialOf(context: Context, id: string): Material {
  const material = loadMaterial(context, id)
  if (material === undefined) throw new Error('the mock lost the material of a key')
  return material
}

/** The private key of asymmetric material. */
export function privateKeyOf(material: Material): KeyObject {
  return createPrivateKey({ key: Buffer.from(material.secret, 'base64'), format: 'der', type: 'pkcs8' })
}

/** The public key of asymmetric material. */
export function publicKeyOf(material: Material): KeyObject {
  return createPublicKey({
    key: Buffer.from(material.publicKey ?? '', 'base64'),
    format: 'der',
    type: 'spki',
  })
}
