import {
  CreateKeyCommand,
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

const KeyId = 'alias/kmseal'
const EncryptionContext = { purpose: 'test' }

test.each([
  [{ KeySpec: 'AES_256' }, 32],
  [{ KeySpec: 'AES_128' }, 16],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)('a data key of %j has %i bytes and decrypts to itself', async (size, length) => {
  const { kms } = await openMock()
  const made = await kms.send(new GenerateDataKeyCommand({ KeyId, EncryptionContext, ...size }))
  expect(made.Plaintext).toHaveLength(length)
  expect(made.KeyId).toMatch(/^arn:aws:kms:/)
  expect(made.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/)
  const opened = await kms.send(
    new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }),
  )
  expect(opened.Plaintext).toEqual(made.Plaintext)
  const bare = kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))
  expect(await refusal(bare)).toBe('InvalidCiphertextException')
})

test('a data key without plaintext is only wrapped', async () => {
  const { kms } = await openMock()
  const made = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' }))
  expect(made).not.toHaveProperty('Plaintext')
  expect(
    (await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))).Plaintext,
  ).toHaveLength(32)
})

test('a data key needs exactly one size, and a symmetric key', async () => {
  const { kms } = await openMock()
  const both = kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', NumberOfBytes: 1 }))
  for (const call of [both, kms.send(new GenerateDataKeyCommand({ KeyId }))]) {
    expect(await refusal(call)).toBe(
      'ValidationException: Please specify either number of bytes or key spec.',
    )
  }
  const rsa = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
  const call = kms.send(new GenerateDataKeyCommand({ KeyId: rsa.KeyMetadata?.KeyId, KeySpec: 'AES_256' }))
  expect(await refusal(call)).toContain('InvalidKeyUsageException')
})

test('random bytes come in the number asked for', async () => {
  const { kms } = await openMock()
  for (const NumberOfBytes of [1, 12, 1024]) {
    expect((await kms.send(new GenerateRandomCommand({ NumberOfBytes }))).Plaintext).toHaveLength(
      NumberOfBytes,
    )
  }
})

test.each([
  [{}, 'NumberOfBytes is required.'],
  [
    { NumberOfBytes: 0 },
    "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    { NumberOfBytes: 1025 },
    "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
  ],
])('GenerateRandom refuses %j', async (input, text) => {
  const { kms } = await openMock()
  expect(await refusal(kms.send(new GenerateRandomCommand(input)))).toBe(`ValidationException: ${text}`)
})
