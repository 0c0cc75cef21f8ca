/** Material that comes from outside: whether it fits a key spec, and the form in which it is kept. */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { knownSpecs, type MaterialForm } from './key-specs.ts'
import type { NewSecret } from './new-key.ts'

/**
 * Material of a spec, from the bytes of a symmetric or HMAC key, or the PKCS#8 DER of a private key.
 *
 * @returns undefined when the bytes are no material of that spec
 */
export function secretFrom(spec: string, bytes: Buffer): NewSecret | undefined {
  const form = knownSpecs.get(spec)?.material
  if (form?.type === 'bytes') {
    return bytes.length === form.length ? { secret: bytes.toString('base64') } : undefined
  }
  const privateKey = privateKeyFrom(bytes)
  if (form === undefined || privateKey === undefined || !fits(form, privateKey)) return undefined
  return secretOfPrivateKey(privateKey)
}

/** A private key as it is kept. */
export function secretOfPrivateKey(privateKey: KeyObject): NewSecret {
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

/** The spec that a private key is of; undefined for a kind of key that the mock cannot use. */
export function specOfPrivateKey(privateKey: KeyObject): string | undefined {
  return [...knownSpecs].find(([, { material }]) => fits(material, privateKey))?.[0]
}

function fits(
  form: MaterialForm,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
): boolean {
  switch (form.type) {
    case 'bytes':
      return false
    case 'rsa':
      return type === 'rsa' && details?.modulusLength === form.modulusBits
    case 'ec':
      return type === 'ec' && details?.namedCurve === form.curve
    case 'ed25519':
      return type === 'ed25519'
  }
}

function privateKeyFrom(bytes: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}
