/** The key policy of a new key: literally, and as it is evaluated. */

import { describe, expect, it } from 'vitest'
import { keySpecs, keyUsages, usageFor } from '../../src/core/key-kinds.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { checkKeyPrincipals, type KeyForPolicy, newKeyPolicy } from '../../src/policy/new-key-policy.ts'

const admin = 'arn:aws:iam::111122223333:role/KeyAdmin'
const user = 'arn:aws:iam::111122223333:user/app'
const other = 'arn:aws:iam::444455556666:root'

const symmetric: KeyForPolicy = {
  account: '111122223333',
  partition: 'aws',
  keySpec: 'SYMMETRIC_DEFAULT',
  keyUsage: 'ENCRYPT_DECRYPT',
  multiRegion: false,
  imported: false,
}

const statementsFor = (key: Partial<KeyForPolicy>, users: readonly string[] = [user]) =>
  newKeyPolicy({ ...symmetric, ...key }, { admins: [admin], users }).Statement
const actionsOf = (sid: string, key: Partial<KeyForPolicy> = {}) =>
  statementsFor(key).find(({ Sid }) => Sid === sid)?.Action

describe('newKeyPolicy', () => {
  it('gives what the console gives a symmetric key, in its order', () => {
    expect(newKeyPolicy(symmetric, { admins: [admin], users: [user, other] })).toEqual({
      Version: '2012-10-17',
      Id: 'key-consolepolicy-3',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Action: 'kms:*',
          Resource: '*',
        },
        {
          Sid: 'Allow access for Key Administrators',
          Effect: 'Allow',
          Principal: { AWS: admin },
          Action: [
            'kms:Create*',
            'kms:Describe*',
            'kms:Enable*',
            'kms:List*',
            'kms:Put*',
            'kms:Update*',
            'kms:Revoke*',
            'kms:Disable*',
            'kms:Get*',
            'kms:Delete*',
            'kms:TagResource',
            'kms:UntagResource',
            'kms:ScheduleKeyDeletion',
            'kms:CancelKeyDeletion',
            'kms:RotateKeyOnDemand',
          ],
          Resource: '*',
        },
        {
          Sid: 'Allow use of the key',
          Effect: 'Allow',
          Principal: { AWS: [user, other] },
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
          Resource: '*',
        },
        {
          Sid: 'Allow attachment of persistent resources',
          Effect: 'Allow',
          Principal: { AWS: [user, other] },
          Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
          Resource: '*',
          Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
        },
      ],
    })
  })

  it('has no statement for nobody', () => {
    const sids = newKeyPolicy(symmetric, { admins: [], users: [user] }).Statement.map(({ Sid }) => Sid)
    expect(sids).not.toContain('Allow access for Key Administrators')
    expect(statementsFor({}, []).map(({ Sid }) => Sid)).toEqual([
      'Enable IAM User Permissions',
      'Allow access for Key Administrators',
    ])
  })

  it.each([
    ['RSA_2048', 'ENCRYPT_DECRYPT', ['Encrypt', 'Decrypt', 'ReEncrypt*', 'DescribeKey', 'GetPublicKey']],
    ['RSA_2048', 'SIGN_VERIFY', ['DescribeKey', 'GetPublicKey', 'Sign', 'Verify']],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', ['DescribeKey', 'GetPublicKey', 'DeriveSharedSecret']],
    ['HMAC_256', 'GENERATE_VERIFY_MAC', ['DescribeKey', 'GenerateMac', 'VerifyMac']],
  ])('lets users of a %s key for %s do what it is for', (keySpec, keyUsage, actions) => {
    expect(actionsOf('Allow use of the key', { keySpec, keyUsage })).toEqual(
      actions.map(name => `kms:${name}`),
    )
  })

  it('gives no grants on an HMAC key, which no AWS service uses', () => {
    const key = { keySpec: 'HMAC_256', keyUsage: 'GENERATE_VERIFY_MAC' }
    expect(actionsOf('Allow attachment of persistent resources', key)).toBeUndefined()
  })

  it('lets administrators import and replicate where the key can', () => {
    const sid = 'Allow access for Key Administrators'
    expect(actionsOf(sid)).not.toContain('kms:ImportKeyMaterial')
    expect(actionsOf(sid, { imported: true })).toContain('kms:ImportKeyMaterial')
    expect(actionsOf(sid, { multiRegion: true })?.slice(-2)).toEqual([
      'kms:ReplicateKey',
      'kms:UpdatePrimaryRegion',
    ])
  })

  it('is a key policy without a fault, for every kind of key and partition', () => {
    for (const partition of ['aws', 'aws-cn', 'aws-us-gov']) {
      const principals = {
        admins: [admin.replace('aws', partition)],
        users: [user.replace('aws', partition)],
      }
      for (const keySpec of keySpecs) {
        for (const keyUsage of keyUsages) {
          try {
            usageFor(keySpec, keyUsage)
          } catch {
            continue
          }
          const policy = newKeyPolicy({ ...symmetric, partition, keySpec, keyUsage }, principals)
          expect(policy.Statement[0]?.Principal).toEqual({ AWS: `arn:${partition}:iam::111122223333:root` })
          expect(parsePolicy(JSON.stringify(policy), 'key policy', partition)).toHaveProperty('document')
        }
      }
    }
  })
})

describe('checkKeyPrincipals', () => {
  it('takes users, roles and accounts, each once', () => {
    expect(checkKeyPrincipals('--user', [user, other, user], 'aws')).toEqual([user, other])
  })

  it.each([
    ['hunter2', /^--user is no ARN of a principal$/],
    ['arn:aws:iam::1111222233:user/hunter2', /^the account in --user has not twelve digits$/],
    ['arn:aws:iam::111122223333:group/hunter2', /^--user is a group/],
    ['arn:aws:kms:eu-west-1:111122223333:key/hunter2', /^--user is no ARN of a principal$/],
    ['arn:aws:iam::111122223333:role/', /^--user is no ARN of a principal$/],
    ['arn:aws-cn:iam::111122223333:role/hunter2', /^--user is in partition aws-cn, but the key is in aws$/],
    [
      'arn:aws:sts::111122223333:assumed-role/hunter2/me',
      /^--user is a session of a role, and ends with it$/,
    ],
  ])('refuses %s', (arn, message) => {
    expect(() => checkKeyPrincipals('--user', [arn], 'aws')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    )
  })
})

it('an administrator of another account is refused', () => {
  const key = {
    account: '111122223333',
    partition: 'aws',
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
  }
  const admins = ['arn:aws:iam::444455556666:role/hunter2']
  expect(() => newKeyPolicy({ ...key, multiRegion: false, imported: false }, { admins, users: [] })).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringMatching(/^--admin is of another account/),
    }),
  )
})
