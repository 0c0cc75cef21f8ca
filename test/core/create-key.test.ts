/** A key whose alias could not be made. */

import { KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/create-key.ts'
import type { Emulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'

/** A client whose service answers by operation: with a body, or an exception of this name. */
function clientThat(answers: Readonly<Record<string, object | string>>, calls: string[] = []): KMSClient {
  const answer: Emulator['answer'] = async ({ target }) => {
    const operation = target.replace('TrentService.', '')
    calls.push(operation)
    const found = answers[operation] ?? 'ValidationException'
    const body = typeof found === 'string' ? { __type: found, message: 'no' } : found
    return { status: typeof found === 'string' ? 400 : 200, headers: {}, body: JSON.stringify(body) }
  }
  return new KMSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: mockRequestHandler(async () => ({ answer }) as Emulator, {
      principal: arn,
      region: 'eu-west-1',
    }),
  })
}

const key = {
  keySpec: 'SYMMETRIC_DEFAULT',
  keyUsage: 'ENCRYPT_DECRYPT',
  tags: [],
  aliasName: 'alias/app',
} as const

describe('createKey', () => {
  it('says that the key was created, with its ARN, when only the alias failed', async () => {
    const client = clientThat({
      DescribeKey: 'NotFoundException',
      CreateKey: { KeyMetadata: { KeyId: 'id', Arn: arn } },
      CreateAlias: 'AccessDeniedException',
    })
    await expect(createKey(client, key)).rejects.toMatchObject({
      code: 'denied',
      awsName: 'AccessDeniedException',
      message: expect.stringMatching(
        `^key ${arn} was created, but alias/app was not: kms:CreateAlias failed`,
      ),
      hint: `give it its alias with: kmseal alias-key alias/app --key-id ${arn}`,
    })
  })

  it('creates key and alias without the permission to look for the alias first', async () => {
    const calls: string[] = []
    const client = clientThat(
      {
        DescribeKey: 'AccessDeniedException',
        CreateKey: { KeyMetadata: { KeyId: 'id', Arn: arn } },
        CreateAlias: {},
      },
      calls,
    )
    expect(await createKey(client, key)).toMatchObject({ Arn: arn, AliasName: 'alias/app' })
    expect(calls).toEqual(['DescribeKey', 'CreateKey', 'CreateAlias'])
  })

  it('makes no key when KMS cannot be asked for the alias', async () => {
    const calls: string[] = []
    const client = clientThat({ DescribeKey: 'KMSInternalException' }, calls)
    await expect(createKey(client, key)).rejects.toMatchObject({ code: 'unavailable' })
    expect(calls).toEqual(['DescribeKey'])
  })

  it('keeps the reason of KMS for a key policy, and advises what to check', async () => {
    const client = clientThat({ CreateKey: 'MalformedPolicyDocumentException' })
    await expect(createKey(client, { ...key, aliasName: undefined, policy: '{}' })).rejects.toMatchObject({
      code: 'failed',
      awsName: 'MalformedPolicyDocumentException',
      message: 'kms:CreateKey failed for a new key: no (MalformedPolicyDocumentException)',
      hint: expect.stringMatching(/^check that every principal of the key policy exists/),
    })
  })

  it('refuses a symmetric key that signs before anything is asked', async () => {
    const calls: string[] = []
    const attempt = createKey(clientThat({}, calls), { ...key, keyUsage: 'SIGN_VERIFY' })
    await expect(attempt).rejects.toMatchObject({ code: 'usage' })
    expect(calls).toEqual([])
  })
})
