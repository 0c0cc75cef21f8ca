import type { KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { generateDataKey, generateRandom } from '../../src/core/data-key.ts'
import { awsError, keyA, StubKms } from '../helpers/stub-kms.ts'

const wrapped = Uint8Array.of(1, 2, 3)
const plain = Uint8Array.of(4, 5, 6)

describe('a data key', () => {
  it('is generated without its plaintext, which never leaves KMS then', async () => {
    const kms = new StubKms()
    kms.answer = () => ({ KeyId: keyA, CiphertextBlob: wrapped })
    const key = await generateDataKey(kms.access(), keyA, { KeySpec: 'AES_256' }, {}, false)
    expect(key).toEqual({ CiphertextBlob: wrapped, KeyId: keyA })
    expect(kms.calls).toEqual([
      {
        name: 'GenerateDataKeyWithoutPlaintext',
        region: 'eu-west-1',
        input: { KeyId: keyA, KeySpec: 'AES_256' },
      },
    ])
  })

  it('is generated with its plaintext on request, with context and size', async () => {
    const kms = new StubKms()
    kms.answer = () => ({ KeyId: keyA, CiphertextBlob: wrapped, Plaintext: plain })
    const key = await generateDataKey(kms.access(), 'alias/a', { NumberOfBytes: 64 }, { a: 'b' }, true)
    expect(key).toEqual({ CiphertextBlob: wrapped, KeyId: keyA, Plaintext: plain })
    expect(kms.calls).toEqual([
      {
        name: 'GenerateDataKey',
        region: undefined,
        input: { KeyId: 'alias/a', NumberOfBytes: 64, EncryptionContext: { a: 'b' } },
      },
    ])
  })

  it.each([
    [false, { KeyId: keyA }],
    [false, { CiphertextBlob: wrapped }],
    [true, { KeyId: keyA, CiphertextBlob: wrapped }],
  ])('fails when the answer is incomplete (with plaintext: %s)', async (withPlaintext, answer) => {
    const kms = new StubKms()
    kms.answer = () => answer
    await expect(
      generateDataKey(kms.access(), keyA, { KeySpec: 'AES_256' }, {}, withPlaintext),
    ).rejects.toMatchObject({
      code: 'failed',
      message: `KMS answered without a data key for key ${keyA}`,
    })
  })

  it.each([
    [false, 'kms:GenerateDataKeyWithoutPlaintext'],
    [true, 'kms:GenerateDataKey'],
  ])(
    'that is refused names the action that was missing (with plaintext: %s)',
    async (withPlaintext, action) => {
      const kms = new StubKms()
      kms.answer = () => {
        throw awsError('AccessDeniedException', 'not you')
      }
      await expect(
        generateDataKey(kms.access(), keyA, { KeySpec: 'AES_128' }, {}, withPlaintext),
      ).rejects.toMatchObject({
        code: 'denied',
        message: `${action} failed for key ${keyA}: not you (AccessDeniedException)`,
      })
    },
  )
})

describe('random bytes', () => {
  const clientOf = (answer: object) => ({ send: async () => answer }) as unknown as KMSClient

  it('are as many as were asked for', async () => {
    expect(await generateRandom(clientOf({ Plaintext: plain }), 3)).toBe(plain)
  })

  it.each([{}, { Plaintext: plain }, { Plaintext: new Uint8Array(5) }])(
    'fail when KMS gives another number',
    async answer => {
      await expect(generateRandom(clientOf(answer), 4)).rejects.toMatchObject({
        code: 'failed',
        message: 'KMS did not answer with 4 random bytes',
      })
    },
  )
})
