import {
  CreateAliasCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { account, openMock, refusal, region, root } from '../mock-clients.ts'

const KeyId = 'alias/aws/ssm'

describe('alias/aws/ssm', () => {
  test('is listed without a key until it is used', async () => {
    const { kms, ssm } = await openMock()
    const listed = async () =>
      (await kms.send(new ListAliasesCommand({}))).Aliases?.find(alias => alias.AliasName === KeyId)
    expect(await listed()).toEqual({
      AliasName: KeyId,
      AliasArn: `arn:aws:kms:${region}:${account}:${KeyId}`,
    })
    await ssm.send(new PutParameterCommand({ Name: '/s', Value: 'x', Type: 'SecureString' }))
    const { TargetKeyId } = (await listed()) ?? {}
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    expect(KeyMetadata).toMatchObject({
      KeyId: TargetKeyId,
      KeyManager: 'AWS',
      Description: 'Default key that protects my SSM parameters when no other key is defined',
    })
  })

  test('is made by DescribeKey', async () => {
    const { kms } = await openMock()
    const first = await kms.send(new DescribeKeyCommand({ KeyId }))
    const second = await kms.send(new DescribeKeyCommand({ KeyId }))
    expect(second.KeyMetadata?.Arn).toBe(first.KeyMetadata?.Arn)
  })

  test('refuses direct use and every change', async () => {
    const { kms, ssm } = await openMock()
    await ssm.send(new PutParameterCommand({ Name: '/s', Value: 'x', Type: 'SecureString' }))
    const arn = (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn ?? ''
    const denied = (action: string, resource = arn) =>
      `AccessDeniedException: User: ${root} is not authorized to perform: kms:${action} on resource: ${resource} because no resource-based policy allows the kms:${action} action`
    for (const [action, call] of [
      ['Encrypt', kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))],
      ['GenerateDataKey', kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))],
      ['DisableKey', kms.send(new DisableKeyCommand({ KeyId: arn }))],
      ['ScheduleKeyDeletion', kms.send(new ScheduleKeyDeletionCommand({ KeyId: arn }))],
      ['PutKeyPolicy', kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy: '{}' }))],
      ['TagResource', kms.send(new TagResourceCommand({ KeyId: arn, Tags: [] }))],
      ['CreateAlias', kms.send(new CreateAliasCommand({ AliasName: 'alias/x', TargetKeyId: arn }))],
    ] as const) {
      expect(await refusal(call)).toBe(denied(action))
    }
    expect(await refusal(kms.send(new DeleteAliasCommand({ AliasName: KeyId })))).toBe(
      denied('DeleteAlias', `arn:aws:kms:${region}:${account}:${KeyId}`),
    )
    const stored = (await ssm.send(new GetParameterCommand({ Name: '/s' }))).Parameter?.Value ?? ''
    const open = kms.send(
      new DecryptCommand({
        CiphertextBlob: Buffer.from(stored, 'base64'),
        EncryptionContext: { PARAMETER_ARN: `arn:aws:ssm:${region}:${account}:parameter/s` },
      }),
    )
    expect(await refusal(open)).toContain('AccessDeniedException')
  })

  test('has the policy that pins it to Parameter Store and to the account', async () => {
    const { kms } = await openMock()
    const arn = (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn
    const policy = JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId: arn }))).Policy ?? '')
    expect(policy.Id).toBe('auto-ssm-1')
    expect(policy.Statement[0].Condition.StringEquals).toEqual({
      'kms:CallerAccount': account,
      'kms:ViaService': `ssm.${region}.amazonaws.com`,
    })
  })
})

describe('alias/kmseal', () => {
  test('is there on the first use of a Region, and not again once it was deleted', async () => {
    const { kms } = await openMock()
    const seal = () => kms.send(new EncryptCommand({ KeyId: 'alias/kmseal', Plaintext: Buffer.from('x') }))
    await seal()
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/kmseal' }))
    expect(await refusal(seal())).toContain('NotFoundException')
  })
})
