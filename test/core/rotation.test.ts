/** Switching rotation for one who may not read it, and rotations on demand that KMS does not take now. */

import { expect, it } from 'vitest'
import { findChangeableKey } from '../../src/core/changeable-key.ts'
import { rotateEvery, rotateNow, rotationHistory, stopRotation } from '../../src/core/rotation.ts'
import { awsError, keyA, StubKms } from '../helpers/stub-kms.ts'

/** A KMS that takes changes, and refuses to tell; a text is the name of an exception. */
function stub(answers: Readonly<Record<string, object | string>>): StubKms {
  const kms = new StubKms()
  kms.answer = ({ name }) => {
    const answer = answers[name] ?? (name === 'DescribeKey' ? undefined : {})
    if (typeof answer === 'string') throw awsError(answer, 'no')
    return answer
  }
  return kms
}

it('rotation is switched without the permission to read it', async () => {
  const kms = stub({ GetKeyRotationStatus: 'AccessDeniedException' })
  const key = await findChangeableKey(kms.access(), keyA)
  expect(await rotateEvery(key, 90)).toMatchObject({ Changed: true })
  expect(await stopRotation(key)).toMatchObject({ Changed: true })
  expect(kms.operations()).toEqual([
    'DescribeKey',
    ...['GetKeyRotationStatus', 'EnableKeyRotation'],
    ...['GetKeyRotationStatus', 'DisableKeyRotation'],
  ])
  expect(kms.calls[2]?.input).toEqual({ KeyId: keyA, RotationPeriodInDays: 90 })
  expect(kms.calls[2]?.region).toBe('eu-west-1')
})

it('nothing is switched when KMS cannot be asked', async () => {
  const kms = stub({ GetKeyRotationStatus: 'KMSInternalException' })
  const key = await findChangeableKey(kms.access(), keyA)
  await expect(rotateEvery(key, 90)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(stopRotation(key)).rejects.toMatchObject({ code: 'unavailable' })
  expect(kms.operations()).not.toContain('EnableKeyRotation')
  expect(kms.operations()).not.toContain('DisableKeyRotation')
})

it('advises on a rotation that runs already, and on imported key material that is missing', async () => {
  const conflict = stub({ RotateKeyOnDemand: 'ConflictException' })
  await expect(rotateNow(await findChangeableKey(conflict.access(), keyA))).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining('no (ConflictException)'),
    hint: expect.stringMatching(/^a rotation runs now/),
  })
  const imported = stub({
    DescribeKey: { KeyMetadata: { Arn: keyA, Origin: 'EXTERNAL', KeyState: 'Enabled' } },
    RotateKeyOnDemand: 'KMSInvalidStateException',
  })
  await expect(rotateNow(await findChangeableKey(imported.access(), keyA))).rejects.toMatchObject({
    hint: 'import new key material for it first, then rotate to that',
  })
})

it('a history of several pages is read whole', async () => {
  const kms = stub({})
  kms.answer = ({ name, input }) => {
    if (name === 'DescribeKey') return undefined
    const first = input['Marker'] === undefined
    return { Rotations: [{ KeyMaterialId: first ? 'a' : 'b' }], ...(first ? { NextMarker: 'm' } : {}) }
  }
  const key = await findChangeableKey(kms.access(), keyA)
  // The paginator wants a real client, whose send is the stub's.
  expect(
    (await rotationHistory(await withRealClient(key))).map(({ KeyMaterialId }) => KeyMaterialId),
  ).toEqual(['a', 'b'])
})

async function withRealClient(key: Awaited<ReturnType<typeof findChangeableKey>>) {
  const { KMSClient } = await import('@aws-sdk/client-kms')
  const client = new KMSClient({ region: 'eu-west-1' })
  client.send = key.client.send.bind(key.client) as typeof client.send
  return { ...key, client }
}
