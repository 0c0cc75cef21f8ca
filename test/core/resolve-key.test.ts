import { expect, it } from 'vitest'
import { resolveKeyArn } from '../../src/core/resolve-key.ts'
import { awsError, keyA, StubKms } from '../helpers/stub-kms.ts'

it('gives a key ARN as it is, without a request', async () => {
  const kms = new StubKms()
  expect(await resolveKeyArn(kms.access(), keyA)).toBe(keyA)
  expect(kms.calls).toEqual([])
})

it('asks KMS for the key behind an alias, an id or an alias ARN, the latter in its Region', async () => {
  const kms = new StubKms()
  const alias = 'arn:aws:kms:ap-south-1:111122223333:alias/a'
  kms.answer = () => ({ KeyMetadata: { Arn: keyA } })
  for (const name of ['alias/a', '0a1b', alias]) expect(await resolveKeyArn(kms.access(), name)).toBe(keyA)
  expect(kms.calls.map(({ name, region, input }) => [name, region, input['KeyId']])).toEqual([
    ['DescribeKey', undefined, 'alias/a'],
    ['DescribeKey', undefined, '0a1b'],
    ['DescribeKey', 'ap-south-1', alias],
  ])
})

it('refuses a typed Region that contradicts a key ARN, without a request', async () => {
  const kms = new StubKms()
  const access = kms.access({ region: 'us-east-1', regionTyped: true })
  await expect(resolveKeyArn(access, keyA)).rejects.toMatchObject({ code: 'usage' })
  expect(kms.calls).toEqual([])
})

it.each([
  undefined,
  'x',
  "arn:aws:kms:eu-central-1:111122223333:key/a'; id; '",
  `${keyA}\n`,
  'arn:aws:kms:eu-central-1:111122223333:alias/a',
])('takes no other answer for an ARN, such as %j', async arn => {
  const kms = new StubKms()
  kms.answer = () => ({ KeyMetadata: { Arn: arn } })
  await expect(resolveKeyArn(kms.access(), 'alias/a')).rejects.toMatchObject({
    code: 'failed',
    message: 'KMS answered without an ARN for key alias/a',
  })
})

it('advises to name the ARN when kms:DescribeKey is denied', async () => {
  const kms = new StubKms()
  kms.answer = () => {
    throw awsError('AccessDeniedException', 'not you')
  }
  await expect(resolveKeyArn(kms.access(), 'alias/a')).rejects.toMatchObject({
    code: 'denied',
    message: 'kms:DescribeKey failed for key alias/a: not you (AccessDeniedException)',
    hint: 'name the key by its ARN, which needs no kms:DescribeKey',
  })
})

it('fails when the answer has no ARN', async () => {
  const kms = new StubKms()
  kms.answer = () => ({})
  await expect(resolveKeyArn(kms.access(), 'alias/a')).rejects.toMatchObject({
    code: 'failed',
    message: 'KMS answered without an ARN for key alias/a',
  })
})
