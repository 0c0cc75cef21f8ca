import { createHmac } from 'node:crypto'
import {
  CreateKeyCommand,
  GenerateMacCommand,
  type KeySpec,
  type MacAlgorithmSpec,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { loadKey } from '../../../src/mock/kms/key-record.ts'
import { openMock, refusal } from '../mock-clients.ts'

test.each([
  [224, 28],
  [256, 32],
  [384, 48],
  [512, 64],
])('an HMAC_%i key makes MACs of %i bytes and knows its own', async (bits, length) => {
  const { kms } = await openMock()
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({ KeySpec: `HMAC_${bits}` as KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' }),
  )
  expect(key).toMatchObject({ MacAlgorithms: [`HMAC_SHA_${bits}`], KeyUsage: 'GENERATE_VERIFY_MAC' })
  expect(key).not.toHaveProperty('CurrentKeyMaterialId')
  const request = {
    KeyId: key?.KeyId,
    Message: Buffer.from('a message'),
    MacAlgorithm: `HMAC_SHA_${bits}` as MacAlgorithmSpec,
  }
  const made = await kms.send(new GenerateMacCommand(request))
  expect(made).toMatchObject({ KeyId: key?.Arn, MacAlgorithm: request.MacAlgorithm })
  const Mac = Buffer.from(made.Mac ?? [])
  expect(Mac).toHaveLength(length)
  expect(await kms.send(new VerifyMacCommand({ ...request, Mac }))).toMatchObject({
    KeyId: key?.Arn,
    MacValid: true,
    MacAlgorithm: request.MacAlgorithm,
  })
  const changed = Buffer.from(Mac)
  changed[3] = (changed[3] ?? 0) ^ 1
  for (const wrong of [changed, Mac.subarray(1), Buffer.concat([Mac, Buffer.of(0)])]) {
    expect(await refusal(kms.send(new VerifyMacCommand({ ...request, Mac: wrong })))).toBe(
      'KMSInvalidMacException',
    )
  }
  const other = new VerifyMacCommand({ ...request, Mac, Message: Buffer.from('another') })
  expect(await refusal(kms.send(other))).toBe('KMSInvalidMacException')
})

test('a MAC is the HMAC under the key that the state keeps', async () => {
  const { kms, emulator, directory } = await openMock()
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  )
  const { Mac } = await kms.send(
    new GenerateMacCommand({ KeyId: key?.KeyId, Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' }),
  )
  await emulator.close()
  const { openStore } = await import('../../../src/mock/store.ts')
  const { materialOf } = await import('../../../src/mock/kms/materials.ts')
  const store = await openStore(directory)
  try {
    const scope = { store, account: '000000000000', region: 'eu-west-1', now: 0 } as never
    const materialId = loadKey(scope, key?.KeyId ?? '')?.materialId ?? ''
    const secret = Buffer.from(materialOf(scope, materialId).secret, 'base64')
    expect(secret).toHaveLength(32)
    expect(Buffer.from(Mac ?? [])).toEqual(createHmac('sha256', secret).update('m').digest())
  } finally {
    await store.close()
  }
})

test('refuses other algorithms, and keys of another usage', async () => {
  const { kms } = await openMock()
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'HMAC_224', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  )
  const generate = (KeyId: string | undefined, MacAlgorithm: string) =>
    refusal(
      kms.send(
        new GenerateMacCommand({
          KeyId,
          Message: Buffer.from('m'),
          MacAlgorithm: MacAlgorithm as MacAlgorithmSpec,
        }),
      ),
    )
  expect(await generate(key?.KeyId, 'HMAC_SHA_256')).toBe(
    'InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.',
  )
  expect(await generate(key?.KeyId, 'INVALID')).toBe(
    "ValidationException: 1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]",
  )
  expect(await generate('key_id', 'HMAC_SHA_224')).toBe("NotFoundException: Invalid keyId 'key_id'")
  const { KeyMetadata: symmetric } = await kms.send(new CreateKeyCommand({}))
  expect(await generate(symmetric?.KeyId, 'HMAC_SHA_256')).toBe(
    `InvalidKeyUsageException: ${symmetric?.Arn} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.`,
  )
})
