/** What is noticed about key policies, check by check, and what is not complained about. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { abilities } from '../../src/policy/key-abilities.ts'
import { keySharingStatements } from '../../src/policy/key-sharing.ts'
import { lintKeyPolicy } from '../../src/policy/lint-policy.ts'
import { fullSnapshotSharingStatements } from '../../src/policy/snapshot-sharing.ts'
import { allow, deny, iam, keyArn, other, owner, type Statement } from './requests.ts'

const account = allow(iam('root'), { Sid: 'account' })
const lint = (
  statements: unknown,
  key: string | undefined = keyArn,
  more: object = { Version: '2012-10-17' },
) => lintKeyPolicy(Buffer.from(JSON.stringify({ ...more, Statement: statements })), key)
const short = ({ Severity, Check, StatementIndex, Element }: ReturnType<typeof lint>[number]) =>
  [Severity, Check, StatementIndex, Element].filter(part => part !== undefined).join(' ')

/** Findings of a statement that stands after the account's. */
const about = (statement: Statement) => lint([account, statement]).map(short)
const user = iam('user/ana')
const decrypt = { Action: 'kms:Decrypt' }

describe('lint', () => {
  it.each<[string, object]>([
    ['a service or not', { Bool: { 'aws:PrincipalIsAWSService': 'false' } }],
    ['a tag, which every account gives its own', { StringEquals: { 'aws:PrincipalTag/team': 'x' } }],
    ['a role of whatever account', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } }],
    ['accounts by a part of their id', { StringLike: { 'kms:CallerAccount': '1*' } }],
    ['a session of whatever role', { StringLike: { 'aws:userid': '*:session' } }],
    ['its own account', { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } }],
    ['an organization by a part of its id', { StringLike: { 'aws:PrincipalOrgID': 'o-*' } }],
    ['one of two, the other anybody', { StringLike: { 'kms:CallerAccount': [owner, '*'] } }],
  ])('a condition narrows nothing that everyone can meet: %s', (_, Condition) => {
    expect(about(allow('*', { ...decrypt, Condition }))).toContain('error everyone 1 Principal')
  })

  it.each<[string, object]>([
    ['an account', { StringEquals: { 'kms:CallerAccount': owner } }],
    ['an AWS service', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }],
    ['roles of an account', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${owner}:role/*` } }],
    ['an organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }],
    [
      'a part of one',
      { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*' } },
    ],
    ['sessions of a role', { StringLike: { 'aws:userid': 'AROAIIAV48EXAMPLEID:*' } }],
    ['trails of an account', { ArnLike: { 'aws:SourceArn': `arn:aws:cloudtrail:*:${owner}:trail/*` } }],
  ])('and takes what names some only: %s', (_, Condition) => {
    expect(about(allow('*', { ...decrypt, Condition }))).not.toContain('error everyone 1 Principal')
  })

  it.each<[string, Statement, string[]]>([
    ['everyone', allow('*', decrypt), ['error everyone 1 Principal']],
    ['everyone in a list', allow({ AWS: [user, '*'] }, decrypt), ['error everyone 1 Principal']],
    [
      'everyone through a service',
      allow('*', {
        ...decrypt,
        Condition: { StringEquals: { 'kms:ViaService': 'ec2.eu-central-1.amazonaws.com' } },
      }),
      ['error everyone 1 Principal'],
    ],
    [
      'everyone whose account is like anything',
      allow('*', { ...decrypt, Condition: { StringLike: { 'kms:CallerAccount': '*' } } }),
      ['error everyone 1 Principal'],
    ],
    [
      'everyone whose account, if there is one, is this',
      allow('*', { ...decrypt, Condition: { StringEqualsIfExists: { 'kms:CallerAccount': owner } } }),
      ['error everyone 1 Principal'],
    ],
    ['an action with a slip', allow(user, { Action: ['kms:Decypt'] }), ['error unknown-action 1 Action']],
    ['an action that is two', allow(user, { Action: 'kms:ReEncrypt' }), ['error unknown-action 1 Action']],
    [
      'an action that nobody knows',
      deny(user, { Action: 'kms:MakeCoffee' }),
      ['warning unknown-action 1 Action'],
    ],
    [
      'an action without its service',
      allow(user, { Action: 'Decrypt' }),
      ['error malformed-action 1 Action'],
    ],
    [
      'another service',
      allow(user, { Action: ['s3:GetObject', 'kms:Decrypt'] }),
      ['warning other-service 1 Action'],
    ],
    [
      'an action without a key',
      allow(user, { Action: 'kms:ListKeys' }),
      ['warning action-without-key 1 Action'],
    ],
    [
      'NotAction with Allow',
      { ...allow(user), Action: undefined, NotAction: 'kms:Put*' },
      ['warning not-action-allow 1 NotAction'],
    ],
    [
      'NotPrincipal with Allow',
      { ...allow(user, decrypt), Principal: undefined, NotPrincipal: { AWS: user } },
      ['error not-principal-allow 1 NotPrincipal'],
    ],
    ['a principal that is no ARN', allow('ana', decrypt), ['error no-arn 1 Principal']],
    ['a user that is gone', allow('AIDAQ3EGRIFUEXAMPLE', decrypt), ['warning deleted-principal 1 Principal']],
    ['a role that is gone', deny('AROAQ3EGRIFUEXAMPLE', decrypt), ['warning deleted-principal 1 Principal']],
    ['an account of 11 digits', allow('11112222333', decrypt), ['error account-id 1 Principal']],
    ['an account with dashes', allow('1111-2222-3333', decrypt), ['error account-id 1 Principal']],
    [
      'an ARN with 13 digits',
      allow(iam('user/ana', '1111222233334'), decrypt),
      ['error account-id 1 Principal'],
    ],
    ['a wildcard in an ARN', allow(iam('role/*'), decrypt), ['error wildcard-arn 1 Principal']],
    ['a group', allow(iam('group/ops'), decrypt), ['error group-principal 1 Principal']],
    ['a bucket', allow('arn:aws:s3:::bucket', decrypt), ['error no-principal-arn 1 Principal']],
    [
      'another partition',
      allow(`arn:aws-cn:iam::${owner}:root`, decrypt),
      ['error other-partition 1 Principal'],
    ],
    ['an identity provider', allow({ Federated: 'x' }, decrypt), ['warning federated-principal 1 Principal']],
    [
      'a service for anyone',
      allow({ Service: 'logs.amazonaws.com' }, decrypt),
      ['note service-for-anyone 1 Principal'],
    ],
    [
      'a misspelt service',
      allow({ Service: 'logs' }, decrypt),
      ['error invalid-principal 1 Principal', 'note service-for-anyone 1 Principal'],
    ],
    ['another key', allow(user, { Resource: `${keyArn}0` }), ['warning other-resource 1 Resource']],
    [
      'a bucket as Resource',
      allow(user, { Resource: 'arn:aws:s3:::x' }),
      ['warning other-resource 1 Resource'],
    ],
    [
      'grants for another account',
      allow(iam('root', other), { Action: 'kms:CreateGrant' }),
      ['warning unlimited-grants 1 Action'],
    ],
    [
      'grants limited to nothing',
      allow(iam('root', other), {
        Action: 'kms:CreateGrant',
        Condition: { Bool: { 'kms:GrantIsForAWSResource': 'false' } },
      }),
      ['warning unlimited-grants 1 Action'],
    ],
    [
      'everything for another account',
      allow(other),
      ['warning wide-across-accounts 1 Action', 'warning unlimited-grants 1 Action'],
    ],
    [
      'the policy for another account',
      allow(other, { Action: 'kms:PutKeyPolicy' }),
      ['warning not-across-accounts 1 Action'],
    ],
    ['a Sid twice', allow(user, { ...decrypt, Sid: 'account' }), ['warning repeated-sid 1 Sid']],
    ['no Effect', { ...allow(user, decrypt), Effect: 'allow' }, ['error syntax 1 Effect']],
    ['no principal', { ...allow(user, decrypt), Principal: undefined }, ['error no-principal 1']],
    ['no action', { ...allow(user), Action: undefined }, ['error missing-action 1 Action']],
  ])('finds %s', (_what, statement, findings) => {
    expect(about(statement)).toEqual(findings)
  })

  it.each<[string, object, string[]]>([
    ['an operator with a slip', { StringEqual: { 'aws:username': 'a' } }, ['error unknown-operator']],
    ['a key with a slip', { StringEquals: { 'kms:ViaServce': 'a' } }, ['error unknown-condition-key']],
    ['a key that nobody knows', { StringEquals: { 'aws:Mood': 'a' } }, ['warning unknown-condition-key']],
    ['a key of another service', { StringEquals: { 's3:prefix': 'a' } }, ['warning unknown-condition-key']],
    ['a key without a service', { StringEquals: { ViaService: 'a' } }, ['error unknown-condition-key']],
    [
      'an endpoint of China',
      { StringEquals: { 'kms:ViaService': 'ec2.cn-north-1.amazonaws.com.cn' } },
      ['error never-matches'],
    ],
    [
      'another Region',
      { StringEquals: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } },
      ['error never-matches'],
    ],
    ['a service alone', { StringEquals: { 'kms:ViaService': 'ec2' } }, ['error never-matches']],
    [
      'dashes in an account',
      { StringEquals: { 'aws:PrincipalAccount': '1111-2222-3333' } },
      ['error never-matches'],
    ],
    [
      'another account than the principal',
      { StringEquals: { 'kms:CallerAccount': other } },
      ['error never-matches'],
    ],
    ['a boolean that is none', { Bool: { 'aws:SecureTransport': 'yes' } }, ['error never-matches']],
    [
      'a number that is none',
      { NumericLessThan: { 'aws:MultiFactorAuthAge': 'ten' } },
      ['error never-matches'],
    ],
    ['a date that is none', { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } }, ['error never-matches']],
    ['a range that is none', { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, ['error never-matches']],
    ['an ARN that is none', { ArnLike: { 'aws:PrincipalArn': 'ana' } }, ['error never-matches']],
    ['no value', { StringEquals: { 'aws:username': [] } }, ['error no-values']],
    [
      'two that exclude each other',
      { StringEquals: { 'kms:KeySpec': 'RSA_2048', 'KMS:keyspec': 'RSA_4096' } },
      ['error never-matches'],
    ],
    [
      'absent and present',
      { StringEquals: { 'aws:username': 'a' }, Null: { 'aws:username': 'true' } },
      ['error never-matches'],
    ],
    [
      'grants on Decrypt',
      { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      ['warning condition-not-in-action'],
    ],
    [
      'ForAllValues on a context',
      { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:a': 'b' } },
      ['error for-all-values'],
    ],
  ])('finds a condition with %s', (_what, Condition, findings) => {
    const expected = findings.map(finding => `${finding} 1 Condition`)
    expect(about(allow(user, { ...decrypt, Condition }))).toEqual(expected)
  })

  it.each<[string, object]>([
    ['a pattern', { StringLike: { 'kms:ViaService': '*.eu-central-1.amazonaws.com' } }],
    ['a variable', { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } }],
    ['a list of which one fits', { StringEquals: { 'kms:CallerAccount': [owner, other] } }],
    ['what must be absent', { Null: { 'kms:ViaService': 'true' } }],
    [
      'numbers and booleans of JSON',
      { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 'aws:MultiFactorAuthAge': 300 } },
    ],
    ['addresses', { IpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '2001:db8::/32'] } }],
    [
      'dates',
      {
        DateGreaterThan: { 'aws:CurrentTime': '2030-01-31T00:00:00Z' },
        DateLessThan: { 'aws:EpochTime': '1900000000' },
      },
    ],
    ['a context', { StringEquals: { 'kms:EncryptionContext:a:b': 'c' } }],
    ['tags', { StringEquals: { 'aws:ResourceTag/a': 'b', 'aws:PrincipalTag/a': 'b' } }],
  ])('takes a condition with %s', (_what, Condition) => {
    expect(about(allow(user, { ...decrypt, Condition }))).toEqual([])
  })

  it('says which action is probably meant', () => {
    const hints = ['kms:Decypt', 'kms:ReEncrypt', 'kms:GenrateDataKey', 'kms:desribekey', 'Decrypt'].map(
      Action => lint([account, allow(user, { Action })])[0]?.Hint,
    )
    expect(hints).toEqual([
      'did you mean kms:Decrypt?',
      'did you mean kms:ReEncrypt*?',
      'did you mean kms:GenerateDataKey?',
      'did you mean kms:DescribeKey?',
      'write kms:Decrypt',
    ])
  })

  it.each<[string, Statement[], string[]]>([
    ['nobody', [allow(user, decrypt)], ['error no-administrator']],
    [
      'only another account',
      [allow(other, { Action: 'kms:PutKeyPolicy' })],
      ['error no-administrator', 'warning not-across-accounts 0 Action'],
    ],
    ['somebody who is denied', [account, deny('*', { Action: 'kms:Put*' })], ['error no-administrator']],
    [
      'somebody on another key',
      [allow(iam('root'), { Resource: `${keyArn}0` })],
      ['error no-administrator', 'warning other-resource 0 Resource'],
    ],
    ['a user alone', [allow(user)], ['warning no-account-statement']],
    ['the account', [account], []],
    ['the account by its id', [allow(owner)], []],
    [
      'the account, perhaps',
      [allow(owner, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
      [],
    ],
  ])('tells when the policy can be set by %s', (_who, statements, findings) => {
    expect(lint(statements).map(short)).toEqual(findings)
  })

  it('takes the accounts of administrators for those of the key when the key is not named', () => {
    const find = (...statements: Statement[]) =>
      lint(statements, undefined, { Version: '2012-10-17' }).map(short)
    const onKey = { Resource: keyArn }
    expect(
      lintKeyPolicy(
        Buffer.from(JSON.stringify({ Version: '2012-10-17', Statement: [allow(owner, onKey)] })),
      ).map(short),
    ).toEqual(['note named-resource 0 Resource'])
    expect(find(allow(owner), allow(other, { Action: 'kms:CreateGrant' }))).toContain(
      'warning unlimited-grants 1 Action',
    )
  })

  it('looks at the whole document', () => {
    const found = (text: string) => lintKeyPolicy(Buffer.from(text)).map(short)
    expect(found('no')).toEqual(['error no-policy'])
    expect(found('[]')).toEqual(['error no-policy'])
    expect(found('{"Statement":[],"Statement":[]}')).toEqual(['error no-policy'])
    expect(found(' '.repeat(40_000))).toEqual(['error no-policy'])
    expect(found('{"Version":"2012-10-17"}')).toEqual(['error syntax Statement'])
    expect(lint([account], keyArn, {}).map(short)).toEqual(['warning old-version Version'])
    expect(lint([account], keyArn, { Version: '2008-10-17' }).map(short)).toEqual([
      'warning old-version Version',
    ])
    const variable = allow(user, { Condition: { StringEquals: { 'aws:username': '${aws:username}' } } })
    expect(lint([account, variable], keyArn, {}).map(short)).toEqual(['error old-version Version'])
    const many = [allow(user, { ...decrypt, Sid: 'x'.repeat(30_000) })]
    expect(lint([account, ...many]).map(short)).toEqual(['warning nearly-too-large'])
  })

  it('has nothing to say about what kmseal writes itself', () => {
    const shared = [iam('role/a/b'), iam('user/x', other)].flatMap((principal, index) =>
      keySharingStatements({
        principal,
        abilities: index === 0 ? abilities : abilities.filter(ability => ability !== 'administer'),
        encryptionContext: { 'a b': 'c' },
        viaService: 'ec2.eu-central-1.amazonaws.com',
      }),
    )
    expect(lint([account, ...shared])).toEqual([])
    const snapshots = fullSnapshotSharingStatements({
      targetAccount: other,
      region: 'eu-central-1',
      service: 'rds',
    })
    expect(lint([account, ...snapshots])).toEqual([])
  })

  it('never fails, whatever it reads', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 3 }), fc.boolean(), (statements, known) => {
        for (const finding of lint(statements, known ? keyArn : undefined))
          expect(finding.Message).not.toBe('')
      }),
    )
    const anything = fc.oneof(fc.string(), fc.array(fc.string()), fc.dictionary(fc.string(), fc.jsonValue()))
    const statement = fc.dictionary(
      fc.constantFrom(
        'Sid',
        'Effect',
        'Principal',
        'NotPrincipal',
        'Action',
        'NotAction',
        'Resource',
        'Condition',
      ),
      anything,
    )
    fc.assert(
      fc.property(fc.array(statement), statements => {
        expect(Array.isArray(lint(statements))).toBe(true)
      }),
    )
  })
})
