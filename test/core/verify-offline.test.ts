/** Signatures that KMS would not take are not taken without it either. */

import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { verifyOffline } from '../../src/core/verify-offline.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const message = Buffer.from('message')
const verifyPss = (saltLength: number) => {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const signature = sign('sha256', message, { key: privateKey, padding, saltLength })
  const key = { name: 'k.pem', keyArn: undefined, publicKey }
  const request = { algorithm: 'RSASSA_PSS_SHA_256', emptyAllowed: false } as const
  return verifyOffline(bytesSource(message), signature, key, request)
}

it('takes a PSS signature whose salt is as long as the digest', async () => {
  expect(await verifyPss(32)).toMatchObject({ SignatureValid: true })
})

it.each([0, 20, 31, 33, 64])('takes none with a salt of %i bytes', async saltLength => {
  await expect(verifyPss(saltLength)).rejects.toMatchObject({ code: 'integrity' })
})
