/** The statements of snapshot sharing, literally, in each partition. */

import { describe, expect, it } from 'vitest'
import {
  fullSnapshotSharingStatements,
  type SnapshotSharing,
  snapshotSharingStatement,
  targetIamPolicy,
} from '../../src/policy/snapshot-sharing.ts'

const sharing: SnapshotSharing = {
  targetAccount: '111122223333',
  targetRole: 'backup',
  region: 'eu-central-1',
  service: 'ec2',
}
const keyArn = 'arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab'

describe('snapshotSharingStatement', () => {
  it('gives exactly the one statement, member by member in this order', () => {
    expect(JSON.stringify(snapshotSharingStatement(sharing), undefined, 2)).toBe(`{
  "Sid": "Allow use of the key with destination account",
  "Effect": "Allow",
  "Principal": {
    "AWS": "arn:aws:iam::111122223333:role/backup"
  },
  "Action": [
    "kms:Decrypt",
    "kms:CreateGrant"
  ],
  "Resource": "*",
  "Condition": {
    "StringEquals": {
      "kms:ViaService": "ec2.eu-central-1.amazonaws.com",
      "kms:CallerAccount": "111122223333"
    }
  }
}`)
  })

  it.each([
    ['cn-north-1', 'arn:aws-cn:iam::111122223333:role/backup'],
    ['cn-northwest-1', 'arn:aws-cn:iam::111122223333:role/backup'],
    ['us-gov-west-1', 'arn:aws-us-gov:iam::111122223333:role/backup'],
    ['us-iso-east-1', 'arn:aws-iso:iam::111122223333:role/backup'],
    ['us-isob-east-1', 'arn:aws-iso-b:iam::111122223333:role/backup'],
    ['eusc-de-east-1', 'arn:aws-eusc:iam::111122223333:role/backup'],
  ])('in %s names the principal in its partition, and the service as everywhere', (region, arn) => {
    expect(JSON.stringify(snapshotSharingStatement({ ...sharing, region }))).toBe(
      '{"Sid":"Allow use of the key with destination account","Effect":"Allow",' +
        `"Principal":{"AWS":"${arn}"},"Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*",` +
        `"Condition":{"StringEquals":{"kms:ViaService":"ec2.${region}.amazonaws.com","kms:CallerAccount":"111122223333"}}}`,
    )
  })

  it('names the service of RDS snapshots', () => {
    const { Condition } = snapshotSharingStatement({ ...sharing, service: 'rds' })
    expect(Condition?.['StringEquals']?.['kms:ViaService']).toBe('rds.eu-central-1.amazonaws.com')
  })

  it('names the root of the account without a role or principal, zeros in front kept', () => {
    const statement = snapshotSharingStatement({
      ...sharing,
      targetRole: undefined,
      targetAccount: '000000000012',
    })
    expect(statement.Principal).toEqual({ AWS: 'arn:aws:iam::000000000012:root' })
  })

  it('keeps the path of a role', () => {
    const statement = snapshotSharingStatement({ ...sharing, targetRole: 'service-role/backup' })
    expect(statement.Principal).toEqual({ AWS: 'arn:aws:iam::111122223333:role/service-role/backup' })
  })

  it.each([
    'arn:aws:iam::111122223333:root',
    'arn:aws:iam::111122223333:user/ops/anna',
    'arn:aws:iam::111122223333:role/backup',
    'arn:aws:sts::111122223333:assumed-role/backup/session',
    'arn:aws:sts::111122223333:federated-user/anna',
  ])('takes the principal %s as it is', targetPrincipal => {
    const statement = snapshotSharingStatement({ ...sharing, targetRole: undefined, targetPrincipal })
    expect(statement.Principal).toEqual({ AWS: targetPrincipal })
  })

  it.each<[string, Partial<SnapshotSharing>, RegExp]>([
    ['an account of eleven digits', { targetAccount: '11112222333' }, /twelve digits/],
    ['an account with dashes', { targetAccount: '1111-2222-3333' }, /twelve digits/],
    ['a role ARN', { targetRole: 'arn:aws:iam::111122223333:role/x' }, /not an ARN/],
    ['a role that begins with a slash', { targetRole: '/x' }, /begins with a \//],
    ['a role with a wildcard', { targetRole: 'back*' }, /no name of a role/],
    ['a role with an empty part', { targetRole: 'a//b' }, /no name of a role/],
    ['an empty role', { targetRole: '' }, /no name of a role/],
    ['a role name of 65 characters', { targetRole: 'r'.repeat(65) }, /no name of a role/],
    ['both a role and a principal', { targetPrincipal: 'arn:aws:iam::111122223333:root' }, /both given/],
    [
      'a principal of another account',
      { targetRole: undefined, targetPrincipal: 'arn:aws:iam::999922223333:root' },
      /is in account 999922223333/,
    ],
    [
      'a principal of another partition',
      { targetRole: undefined, targetPrincipal: 'arn:aws-cn:iam::111122223333:root' },
      /partition aws-cn/,
    ],
    [
      'a group',
      { targetRole: undefined, targetPrincipal: 'arn:aws:iam::111122223333:group/admins' },
      /a group is no principal/,
    ],
    [
      'an ARN of something else',
      { targetRole: undefined, targetPrincipal: 'arn:aws:s3:::bucket' },
      /no ARN of a principal/,
    ],
    [
      'every role by a wildcard',
      { targetRole: undefined, targetPrincipal: 'arn:aws:iam::111122223333:role/*' },
      /no ARN of a principal/,
    ],
  ])('refuses %s', (_what, change, message) => {
    const attempt = (): unknown => snapshotSharingStatement({ ...sharing, ...change })
    expect(attempt).toThrowError(message)
    expect(attempt).toThrowError(expect.objectContaining({ code: 'usage' }))
  })
})

describe('fullSnapshotSharingStatements', () => {
  it('gives two statements: use of the key, and grants for AWS resources only', () => {
    const conditions = {
      'kms:ViaService': 'rds.us-gov-west-1.amazonaws.com',
      'kms:CallerAccount': '111122223333',
    }
    const all = fullSnapshotSharingStatements({
      targetAccount: '111122223333',
      region: 'us-gov-west-1',
      service: 'rds',
    })
    expect(all).toStrictEqual([
      {
        Sid: 'Allow use of the key with destination account',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws-us-gov:iam::111122223333:root' },
        Action: ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
        Resource: '*',
        Condition: { StringEquals: conditions },
      },
      {
        Sid: 'Allow grants for AWS resources with destination account',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws-us-gov:iam::111122223333:root' },
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { StringEquals: conditions, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      },
    ])
  })
})

describe('targetIamPolicy', () => {
  it('is a document without a principal whose Resource is the key ARN', () => {
    expect(JSON.stringify(targetIamPolicy(sharing, keyArn, 'default'))).toBe(
      '{"Version":"2012-10-17","Statement":[{"Sid":"AllowUseOfSharedSnapshotKey","Effect":"Allow",' +
        `"Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"${keyArn}",` +
        '"Condition":{"StringEquals":{"kms:ViaService":"ec2.eu-central-1.amazonaws.com"}}}]}',
    )
  })

  it('mirrors the full statements on request, with Sids that IAM takes', () => {
    const { Statement } = targetIamPolicy(sharing, keyArn, 'full')
    expect(Statement.map(({ Action }) => Action)).toEqual([
      ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
      'kms:CreateGrant',
    ])
    expect(Statement[1]?.Condition?.['Bool']).toEqual({ 'kms:GrantIsForAWSResource': 'true' })
    for (const { Sid, Principal } of Statement) {
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/)
      expect(Principal).toBeUndefined()
    }
  })

  it('refuses a contradiction as the key policy does', () => {
    expect(() =>
      targetIamPolicy({ ...sharing, targetPrincipal: 'arn:aws:iam::111122223333:root' }, keyArn, 'full'),
    ).toThrowError(/both given/)
  })
})
