/** The Encryption SDK for JavaScript and kmseal read each other's messages, over the whole matrix of sizes. */

import { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy } from '@aws-crypto/client-node'
import { describe, expect, it } from 'vitest'
import { digest, testBytes } from '../helpers/byte-streams.ts'
import { aesKeyring, opened, sealed } from '../helpers/envelopes.ts'

const { encrypt, decrypt } = buildClient({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 10,
})
const suiteIds = {
  unsigned: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  signed: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
}
const mostFrames = 10_000
const frames = [1, 2, 100, 4095, 4096, 65_536, 1024 * 1024, 4 * 1024 * 1024]
const sizes = [0, 1, 1000, 4096, 10_000, 1_000_000, 10_000_019, 100_000_000]
const cases = frames.flatMap(frame =>
  sizes.filter(size => size / frame <= mostFrames).map(size => [frame, size] as const),
)

describe.each(['unsigned', 'signed'] as const)('%s messages', kind => {
  it.each(cases)('in frames of %i bytes with %i bytes go both ways', async (frameLength, size) => {
    const plaintext = testBytes(size)
    const ours = await sealed(plaintext, { frameLength, sign: kind === 'signed' })
    expect(digest((await decrypt(aesKeyring(), ours)).plaintext)).toBe(digest(plaintext))
    const { result: theirs } = await encrypt(aesKeyring(), plaintext, {
      suiteId: suiteIds[kind],
      frameLength,
    })
    expect(digest(await opened(theirs))).toBe(digest(plaintext))
  })
})
