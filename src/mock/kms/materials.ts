/** Key material: the secrets behind keys, found by the id that a ciphertext carries. */

import type { Context } from '../operation.ts'

/** Secret bytes of a key. */
export interface Material {
  readonly account: string
  readonly keyId: string
  /** Base64: 32 bytes of an AES key, or the PKCS#8 DER of a private key. */
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
