/** ECDSA signatures of digests that are given, in DER; node's own functions would hash them again. */

import type { KeyObject } from 'node:crypto'

type Curves = Readonly<Record<string, typeof import('@noble/curves/nist.js')['p256']>>

// Any s will do, as with the service: the lower half is a custom of some ledgers.
const options = { prehash: false, format: 'der', lowS: false } as const

/**
 * Signs a digest.
 *
 * @param key of P-256, P-384, P-521 or secp256k1
 * @see https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3
 */
export async function signEcdsa(key: KeyObject, digest: Buffer): Promise<Buffer> {
  const { curve, jwk } = await curveOf(key)
  const secret = Buffer.from(jwk.d ?? '', 'base64url')
  return Buffer.from(curve.sign(digest, secret, { ...options, extraEntropy: true }))
}

/** Verifies a signature of {@link signEcdsa}. */
export async function verifyEcdsa(key: KeyObject, digest: Buffer, signature: Buffer): Promise<boolean> {
  const { curve, jwk } = await curveOf(key)
  const point = [jwk.x, jwk.y].map(coordinate => Buffer.from(coordinate ?? '', 'base64url'))
  try {
    return curve.verify(signature, digest, Buffer.concat([Buffer.of(4), ...point]), options)
  } catch {
    return false
  }
}

async function curveOf(key: KeyObject) {
  const jwk = key.export({ format: 'jwk' })
  const [{ p256, p384, p521 }, { secp256k1 }] = await Promise.all([
    import('@noble/curves/nist.js'),
    import('@noble/curves/secp256k1.js'),
  ])
  const curves: Curves = { 'P-256': p256, 'P-384': p384, 'P-521': p521, secp256k1 }
  const curve = curves[jwk.crv ?? '']
  if (curve === undefined) throw new Error('the mock has no such curve')
  return { curve, jwk }
}
