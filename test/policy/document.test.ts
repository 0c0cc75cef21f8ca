/** Policy documents: what is read, and what KMS says to the rest. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/document.ts'
import type { PolicyKind } from '../../src/policy/parsed-policy.ts'
import { refusalOf } from '../../src/policy/policy-problem.ts'
import { allow, deny, iam, keyArn, may, owner, session } from './requests.ts'

const parse = (value: unknown, kind: PolicyKind = 'key policy', partition?: string) =>
  parsePolicy(typeof value === 'string' ? value : JSON.stringify(value), kind, partition)
const problemsOf = (value: unknown, kind?: PolicyKind, partition?: string) => {
  const result = parse(value, kind, partition)
  return 'problems' in result ? result.problems.map(({ kind: problem, where }) => `${problem} ${where}`) : []
}
const documentOf = (value: unknown, kind?: PolicyKind) => {
  const result = parse(value, kind)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.document
}
const policy = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement })

describe('parsePolicy', () => {
  it('reads the default key policy', () => {
    const statement = allow(iam('root'), { Sid: 'Enable IAM User Permissions' })
    const document = { Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] }
    expect(documentOf(document)).toEqual({
      version: '2012-10-17',
      id: 'key-default-1',
      statements: [
        {
          sid: 'Enable IAM User Permissions',
          effect: 'Allow',
          principal: { negated: false, entries: [{ kind: 'account', account: owner, partition: 'aws' }] },
          actions: { negated: false, patterns: ['kms:*'] },
          resources: { negated: false, patterns: ['*'] },
          conditions: [],
        },
      ],
    })
  })

  it('reads one statement without its list, and takes the older version by default', () => {
    const document = documentOf({ Statement: allow('*') })
    expect(document.version).toBe('2008-10-17')
    expect(document.statements).toHaveLength(1)
  })

  it('reads the Not forms, and conditions of every type of value', () => {
    const [statement] = documentOf(
      policy({
        Effect: 'Deny',
        NotPrincipal: { AWS: [iam('user/a'), owner], Service: 'ec2.amazonaws.com', Federated: 'x' },
        NotAction: ['kms:Describe*', '*'],
        NotResource: keyArn,
        Condition: { Bool: { 'kms:MultiRegion': true }, NumericEquals: { 'x:y': [1, '2'] } },
      }),
    ).statements
    expect(statement).toMatchObject({
      principal: { negated: true, entries: [{}, {}, {}, { kind: 'nobody' }] },
      actions: { negated: true },
      resources: { negated: true },
      conditions: [
        { operator: 'Bool', key: 'kms:MultiRegion', values: ['true'] },
        { operator: 'NumericEquals', key: 'x:y', values: ['1', '2'] },
      ],
    })
  })

  it.each([
    iam('root'),
    owner,
    iam('user/team/alice'),
    iam('role/app'),
    session('app'),
    `arn:aws:sts::${owner}:federated-user/bob`,
    'AIDAEXAMPLEEXAMPLE123',
    'AROAEXAMPLEEXAMPLE123',
    '*',
  ])('takes the principal %s', principal => {
    expect(problemsOf(policy(allow({ AWS: principal })))).toEqual([])
  })

  it.each([
    ['text that is no JSON', 'hunter2', 'not-json '],
    ['nothing', '', 'not-json '],
    ['a list', '[]', 'not-json '],
    ['null', 'null', 'not-json '],
    ['a member named twice', '{"Statement":[],"Statement":[]}', 'syntax '],
    ['a member named twice deep inside', policyWithTwins(), 'syntax '],
    ['an element that is not known', { ...policy(), Comment: 'x' }, 'syntax '],
    ['another version', { Version: '2020-01-01', Statement: [] }, 'syntax Version'],
    ['an Id that is no text', { Id: 1, Statement: [] }, 'syntax Id'],
    ['no Statement', { Version: '2012-10-17' }, 'syntax Statement'],
    ['a statement that is no object', policy('x'), 'syntax Statement[0]'],
    ['an element of a statement that is not known', policy(allow('*', { Note: 1 })), 'syntax Statement[0]'],
    ['a Sid that is no text', policy(allow('*', { Sid: 1 })), 'syntax Statement[0].Sid'],
    ['an Effect in small letters', policy(allow('*', { Effect: 'allow' })), 'syntax Statement[0].Effect'],
    ['no Principal', policy(may()), 'no-principal Statement[0]'],
    [
      'Principal and NotPrincipal',
      policy(allow('*', { NotPrincipal: '*' })),
      'syntax Statement[0].NotPrincipal',
    ],
    ['a Principal that is another text', policy(allow({}, { Principal: owner })), bad('invalid-principal')],
    ['an empty Principal', policy(allow({})), bad('invalid-principal')],
    ['an empty list of principals', policy(allow({ AWS: [] })), bad('invalid-principal')],
    ['a principal of no type', policy(allow({ CanonicalUser: 'x' })), bad('invalid-principal')],
    ['a principal with a wildcard', policy(allow(iam('role/*'))), bad('invalid-principal')],
    ['a principal that is a name', policy(allow('alice')), bad('invalid-principal')],
    ['a service that is none', policy(allow({ Service: '*.amazonaws.com' })), bad('invalid-principal')],
    ['a group', policy(allow(iam('group/x'))), bad('invalid-arn')],
    ['a malformed ARN', policy(allow('arn:aws:iam::123:root')), bad('invalid-arn')],
    ['the ARN of a key as principal', policy(allow(keyArn)), bad('invalid-arn')],
    ['no Action', policy({ ...allow('*'), Action: undefined }), 'missing-action Statement[0].Action'],
    ['no Resource', policy({ ...allow('*'), Resource: undefined }), 'missing-resource Statement[0].Resource'],
    ['Action and NotAction', policy(allow('*', { NotAction: '*' })), 'syntax Statement[0].NotAction'],
    [
      'an action without its service',
      policy(allow('*', { Action: 'Decrypt' })),
      'syntax Statement[0].Action',
    ],
    ['an empty list of actions', policy(allow('*', { Action: [] })), 'syntax Statement[0].Action'],
    ['a resource that is no ARN', policy(allow('*', { Resource: 'key' })), 'syntax Statement[0].Resource'],
    ['a Condition that is a list', policy(allow('*', { Condition: [] })), 'syntax Statement[0].Condition'],
    [
      'a condition value that is an object',
      policy(allow('*', { Condition: { Bool: { x: {} } } })),
      'syntax Statement[0].Condition',
    ],
    [
      'ForAllValues on an encryption context key',
      policy(allow('*', { Condition: { 'ForAllValues:StringEquals': { 'kms:encryptioncontext:a': 'b' } } })),
      'for-all-values Statement[0].Condition',
    ],
  ])('reports %s', (_what, value, problem) => {
    expect(problemsOf(value)).toEqual([problem])
  })

  it('reports every problem', () => {
    expect(problemsOf(policy(may(), allow('*', { Effect: 'x', Action: 1 }), deny('*')))).toEqual([
      'no-principal Statement[0]',
      'syntax Statement[1].Effect',
      'syntax Statement[1].Action',
    ])
  })

  it('reports principals of another partition than the key’s', () => {
    const chinese = policy(allow(iam('root').replace('arn:aws:', 'arn:aws-cn:')))
    expect(problemsOf(chinese)).toEqual([])
    expect(problemsOf(chinese, 'key policy', 'aws')).toEqual([bad('invalid-arn')])
  })

  it('wants no principal in an identity policy', () => {
    expect(problemsOf(policy(may()), 'identity policy')).toEqual([])
    expect(problemsOf(policy(allow('*')), 'identity policy')).toEqual([bad('syntax')])
  })

  it('leaves ForAllValues on an encryption context key to identity policies', () => {
    const Condition = { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:a': 'b' } }
    expect(problemsOf(policy(may({ Condition })), 'identity policy')).toEqual([])
  })

  it('takes 256 KiB and not one more: KMS indents what it gives', () => {
    const largest = `{"Statement":[],"Id":"${'x'.repeat(262_144 - 24)}"}`
    expect(largest).toHaveLength(262_144)
    expect(problemsOf(largest)).toEqual([])
    expect(problemsOf(`${largest} `)).toEqual(['too-large '])
    expect(problemsOf(largest.replace('x', '\u00fc'))).toEqual(['too-large '])
  })

  it('survives any depth', () => {
    expect(problemsOf('['.repeat(16_384) + ']'.repeat(16_384))).toEqual(['not-json '])
    const deep = `{"Statement":${'['.repeat(16_000)}${']'.repeat(16_000)}}`
    expect(problemsOf(deep)).toEqual(['syntax Statement[0]'])
  })

  it('throws at nothing, and quotes nothing', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom<PolicyKind>('key policy', 'identity policy'),
        (value, kind) => {
          parse(value, kind)
          parse({ Statement: value }, kind)
          parse({ Statement: { Effect: 'Allow', Principal: value, Action: value, Condition: value } }, kind)
        },
      ),
    )
    const result = parse(policy({ hunter2: 'hunter2', Effect: 'hunter2', Principal: 'hunter2' }))
    expect(JSON.stringify(result)).not.toMatch(/hunter2/)
  })
})

describe('refusalOf', () => {
  const answer = (value: unknown) => {
    const result = parse(value)
    return 'problems' in result && result.problems[0] && refusalOf(result.problems[0])
  }

  it.each([
    ['x', { name: 'MalformedPolicyDocumentException', message: undefined }],
    [
      policy(may()),
      {
        name: 'MalformedPolicyDocumentException',
        message: 'Policy contains a statement with no principal.',
      },
    ],
    [
      policy(allow('alice')),
      {
        name: 'MalformedPolicyDocumentException',
        message: 'Policy contains a statement with one or more invalid principals.',
      },
    ],
    [
      policy(allow(iam('group/x'))),
      { name: 'InvalidArnException', message: 'An ARN in the specified key policy is invalid.' },
    ],
    [' '.repeat(262_145), { name: 'LimitExceededException', message: undefined }],
  ])('answers as KMS does', (value, expected) => {
    expect(answer(value)).toEqual(expected)
  })
})

function bad(problem: string): string {
  return `${problem} Statement[0].Principal`
}

function policyWithTwins(): string {
  const condition = '{"StringEquals":{"kms:ViaService":"a","kms:\\u0056iaService":"b"}}'
  return JSON.stringify(policy(allow('*', { Condition: 0 }))).replace(
    '"Condition":0',
    `"Condition":${condition}`,
  )
}
