import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSignatureShape, decodedSignature } from '../../src/core/signature.ts'
import type { SigningAlgorithm } from '../../src/core/signing-algorithms.ts'

describe('a signature file', () => {
  const bytes = fc.uint8Array({ minLength: 28, maxLength: 600 })

  it('is read raw, as base64 in any form, and as hex', () => {
    fc.assert(
      fc.property(bytes, given => {
        const buffer = Buffer.from(given)
        const base64 = buffer.toString('base64')
        for (const text of [
          `${base64}\n`,
          base64.replace(/=+$/, ''),
          base64.replace(/.{64}/g, '$&\r\n'),
          buffer.toString('base64url'),
          `\ufeff${base64}`,
          buffer.toString('hex'),
          `${buffer.toString('hex').toUpperCase()}\n`,
        ]) {
          expect(Buffer.from(decodedSignature(Buffer.from(text), 'signature')).equals(buffer)).toBe(true)
        }
        // A byte that is no text is what every real signature has.
        const raw = Buffer.concat([Buffer.of(0), buffer])
        expect(Buffer.from(decodedSignature(raw, 'signature')).equals(raw)).toBe(true)
      }),
    )
  })

  it.each([
    ['empty', '', /is empty/],
    ['white space', ' \n', /is empty/],
    ['base64 that was cut', 'QUJDR', /no valid base64 or hex/],
    ['too long', 'a'.repeat(20_000), /longer than any/],
  ])('is refused when it is %s', (_what, text, message) => {
    expect(() => decodedSignature(Buffer.from(text), 'signature')).toThrow(message)
  })
})

const curves: readonly [string, SigningAlgorithm][] = [
  ['P-256', 'ECDSA_SHA_256'],
  ['secp256k1', 'ECDSA_SHA_256'],
  ['P-384', 'ECDSA_SHA_384'],
  ['P-521', 'ECDSA_SHA_512'],
]

describe.each(curves)('an ECDSA signature of %s', (namedCurve, algorithm) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve })
  const hash = `sha${algorithm.slice(-3)}`
  const other = curves.filter(([, its]) => its !== algorithm)

  it('has the right shape however short its numbers are, and no part of it has', () => {
    for (let round = 0; round < 300; round += 1) {
      const signature = sign(hash, Buffer.from(`message ${round}`), privateKey)
      expect(() => checkSignatureShape(signature, algorithm)).not.toThrow()
      if (round >= 3) continue
      for (let end = 0; end < signature.length; end += 1) {
        expect(() => checkSignatureShape(signature.subarray(0, end), algorithm)).toThrow(/no ECDSA signature/)
      }
      expect(() => checkSignatureShape(Buffer.concat([signature, Buffer.of(0)]), algorithm)).toThrow()
    }
  })

  it('is told from one as JOSE has it, and from those of longer curves', () => {
    const jose = sign(hash, Buffer.from('m'), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    expect(() => checkSignatureShape(jose, algorithm)).toThrow(
      expect.objectContaining({ code: 'integrity', hint: expect.stringContaining('JOSE') }),
    )
    const signature = sign(hash, Buffer.from('m'), privateKey)
    for (const [, its] of other.filter(([, its]) => its < algorithm)) {
      expect(() => checkSignatureShape(signature, its)).toThrow(/no ECDSA signature/)
    }
  })
})

describe('other signatures', () => {
  it.each<[SigningAlgorithm, number, number | undefined, boolean]>([
    ['RSASSA_PSS_SHA_256', 256, undefined, true],
    ['RSASSA_PKCS1_V1_5_SHA_512', 512, undefined, true],
    ['RSASSA_PSS_SHA_256', 255, undefined, false],
    ['RSASSA_PSS_SHA_256', 384, 256, false],
    ['RSASSA_PSS_SHA_256', 320, 320, true],
    ['ED25519_SHA_512', 64, undefined, true],
    ['ED25519_SHA_512', 63, undefined, false],
    ['ED25519_PH_SHA_512', 256, undefined, false],
  ])('%s takes %i bytes (a key of %s): %s', (algorithm, length, keyBytes, fits) => {
    const check = () => checkSignatureShape(Buffer.alloc(length, 1), algorithm, keyBytes)
    if (fits) expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'integrity' }))
  })
})
