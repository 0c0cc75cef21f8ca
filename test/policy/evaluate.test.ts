/** The truth tables of authorization: key policy, identity policies, accounts, denials. */

import { describe, expect, it } from 'vitest'
import { describeDecision } from '../../src/policy/decision.ts'
import { evaluateIdentityAccess } from '../../src/policy/evaluate.ts'
import { conditionValues } from '../../src/policy/request.ts'
import {
  allow,
  type Case,
  deny,
  evaluate,
  iam,
  identityPolicy,
  keyArn,
  keyPolicy,
  may,
  mayNot,
  other,
  owner,
  request,
  type Statement,
  session,
} from './requests.ts'

const alice = iam('user/alice')
const foreign = iam('user/bob', other)
const when = (operator: string, key: string, value: unknown): Statement => ({
  Condition: { [operator]: { [key]: value } },
})
const viaSsm = when('StringEquals', 'kms:ViaService', 'ssm.eu-central-1.amazonaws.com')
const undecided = when('StringEquals', 'x:y', 'z')
const decisionOf = (caller: string, given: Case): string => evaluate(caller, given).decision

describe('in the account of the key', () => {
  const yes = [allow(alice)]
  const root = [allow(iam('root'))]
  it.each<[string, Case, string, string]>([
    ['named in the key policy', { key: yes }, 'allowed', 'key-policy'],
    ['everyone', { key: [allow('*')] }, 'allowed', 'key-policy'],
    ['everyone, as AWS', { key: [allow({ AWS: '*' })] }, 'allowed', 'key-policy'],
    ['another is named', { key: [allow(iam('user/al'))] }, 'denied', 'no-allow'],
    ['the account alone', { key: root }, 'denied', 'no-allow'],
    ['the account and IAM', { key: root, identity: [may()] }, 'allowed', 'key-policy-and-identity-policy'],
    [
      'the account by its id',
      { key: [allow(owner)], identity: [may()] },
      'allowed',
      'key-policy-and-identity-policy',
    ],
    ['IAM alone', { identity: [may()] }, 'denied', 'no-allow'],
    ['IAM, and another account', { key: [allow(other)], identity: [may()] }, 'denied', 'no-allow'],
    ['IAM for another key', { key: root, identity: [may({ Resource: `${keyArn}0` })] }, 'denied', 'no-allow'],
    [
      'IAM for another action',
      { key: root, identity: [may({ Action: 'kms:Encrypt' })] },
      'denied',
      'no-allow',
    ],
    [
      'IAM for any key',
      { key: root, identity: [may({ Resource: '*' })] },
      'allowed',
      'key-policy-and-identity-policy',
    ],
    ['no policy at all', {}, 'denied', 'no-allow'],
    ['named for another action', { key: [allow(alice, { Action: 'kms:Encrypt' })] }, 'denied', 'no-allow'],
    [
      'an action in other letters',
      { key: [allow(alice, { Action: 'KMS:decrypt' })] },
      'allowed',
      'key-policy',
    ],
    [
      'a NotAction of others',
      { key: [allow(alice, { Action: undefined, NotAction: 'kms:Create*' })] },
      'allowed',
      'key-policy',
    ],
    [
      'a NotAction of this',
      { key: [allow(alice, { Action: undefined, NotAction: 'kms:De*' })] },
      'denied',
      'no-allow',
    ],
    ['this key by ARN', { key: [allow(alice, { Resource: keyArn })] }, 'allowed', 'key-policy'],
    ['another key by ARN', { key: [allow(alice, { Resource: `${keyArn}0` })] }, 'denied', 'no-allow'],
    [
      'a NotResource of this',
      { key: [{ ...allow(alice), Resource: undefined, NotResource: '*' }] },
      'denied',
      'no-allow',
    ],
    ['the key policy denies', { key: [...yes, deny(alice)] }, 'denied', 'explicit-deny'],
    ['the key policy denies everyone', { key: [deny('*'), ...yes] }, 'denied', 'explicit-deny'],
    ['the key policy denies the account', { key: [...yes, deny(iam('root'))] }, 'denied', 'explicit-deny'],
    ['the key policy denies another', { key: [...yes, deny(foreign)] }, 'allowed', 'key-policy'],
    [
      'the key policy denies another action',
      { key: [...yes, deny('*', { Action: 'kms:Put*' })] },
      'allowed',
      'key-policy',
    ],
    ['IAM denies', { key: yes, identity: [mayNot()] }, 'denied', 'explicit-deny'],
    ['IAM allows and denies', { key: root, identity: [may(), mayNot()] }, 'denied', 'explicit-deny'],
    [
      'a condition that holds',
      { key: [allow(alice, when('StringEquals', 'aws:username', 'alice'))] },
      'allowed',
      'key-policy',
    ],
    ['a condition that fails', { key: [allow(alice, viaSsm)] }, 'denied', 'no-allow'],
    ['a denial whose condition fails', { key: [...yes, deny('*', viaSsm)] }, 'allowed', 'key-policy'],
    [
      'a negated denial of what is absent',
      { key: [...yes, deny('*', when('StringNotEquals', 'kms:ViaService', 'x'))] },
      'denied',
      'explicit-deny',
    ],
  ])('%s', (_what, given, decision, reason) => {
    expect(evaluate(alice, given)).toMatchObject({ decision, reason })
  })

  it.each<[string, Case, string]>([
    [
      'IAM policies that are not given could deny',
      { key: yes, identity: undefined },
      'identity-policies-not-given',
    ],
    [
      'IAM policies that are not given could allow',
      { key: root, identity: undefined },
      'identity-policies-not-given',
    ],
    ['an allow depends on it', { key: [allow(alice, undecided)] }, 'undecided-statement'],
    [
      'a delegation depends on it',
      { key: [allow(owner, undecided)], identity: [may()] },
      'undecided-statement',
    ],
    ['IAM depends on it', { key: root, identity: [may(undecided)] }, 'undecided-statement'],
    ['a denial depends on it', { key: [...yes, deny('*', undecided)] }, 'undecided-statement'],
    ['a denial of IAM depends on it', { key: yes, identity: [mayNot(undecided)] }, 'undecided-statement'],
    [
      'NotPrincipal allows',
      { key: [{ ...allow('*'), Principal: undefined, NotPrincipal: { AWS: foreign } }] },
      'undecided-statement',
    ],
    [
      'the key policy is not given',
      { access: { keyPolicy: undefined }, identity: [may()] },
      'key-policy-not-given',
    ],
    ['the grants are not given', { access: { grants: undefined } }, 'grants-not-given'],
    [
      'the organization may deny',
      { key: yes, access: { organizationPolicies: 'not-known' } },
      'organization-policies-not-known',
    ],
  ])('is unknown: %s', (_what, given, reason) => {
    expect(evaluate(alice, given)).toMatchObject({ decision: 'unknown', reason })
  })

  it.each<[string, Case, string]>([
    ['no allow is left', { key: [deny('*', undecided)] }, 'no-allow'],
    ['another statement denies', { key: [allow(alice, undecided), deny('*')] }, 'explicit-deny'],
    ['IAM allows nothing', { key: [allow(owner, undecided)] }, 'no-allow'],
    [
      'the rest of a statement fails',
      { key: [allow(alice, { ...undecided, Action: 'kms:Encrypt' })] },
      'no-allow',
    ],
    [
      'another condition of the statement fails',
      {
        key: [
          allow(alice, {
            Condition: {
              ...(undecided['Condition'] as object),
              ...(viaSsm['Condition'] as object),
              StringLike: { 'aws:username': 'b*' },
            },
          }),
        ],
      },
      'no-allow',
    ],
    ['IAM is not asked', { identity: undefined }, 'no-allow'],
    [
      'grants cannot hold the action',
      { access: { grants: undefined }, request: { action: 'kms:PutKeyPolicy' } },
      'no-allow',
    ],
  ])('is denied, whatever is not known: %s', (_what, given, reason) => {
    expect(evaluate(alice, given)).toMatchObject({ decision: 'denied', reason })
  })

  it('is allowed, whatever is not known, when another statement allows', () => {
    expect(decisionOf(alice, { key: [allow(alice, undecided), allow('*')] })).toBe('allowed')
  })

  it('gives the root user what the key policy gives the account, and no more', () => {
    expect(evaluate(iam('root'), { key: root, identity: undefined })).toMatchObject({
      decision: 'allowed',
      reason: 'key-policy',
    })
    expect(decisionOf(iam('root'), { key: yes, identity: undefined })).toBe('denied')
    expect(decisionOf(iam('root'), { key: [allow(owner, { Action: 'kms:Get*' })] })).toBe('denied')
    expect(decisionOf(iam('root'), { key: [...root, deny(owner)] })).toBe('denied')
  })
})

describe('roles', () => {
  const role = iam('role/team/app')
  it.each<[string, string, Statement[], string]>([
    ['a session by its role', session('app'), [allow(role)], 'allowed'],
    ['a session by itself', session('app'), [allow(session('app'))], 'allowed'],
    ['another session', session('app', 't'), [allow(session('app'))], 'denied'],
    ['another role', session('app2'), [allow(role)], 'denied'],
    ['a user of the name', iam('user/app'), [allow(role)], 'denied'],
    ['some session by its role', role, [allow(role)], 'allowed'],
    ['some session, one is named', role, [allow(session('app'))], 'unknown'],
    ['some session, one is denied', role, [allow(role), deny(session('app'))], 'unknown'],
    ['a role of another path', iam('role/app'), [allow(role)], 'unknown'],
    ['a role of another account', session('app', 's', other), [allow(role)], 'denied'],
    ['a session whose role is denied', session('app'), [allow(session('app')), deny(role)], 'denied'],
  ])('%s', (_what, caller, key, decision) => {
    expect(decisionOf(caller, { key })).toBe(decision)
  })
})

describe('from another account', () => {
  const named = [allow(foreign)]
  const account = [allow(iam('root', other))]
  it.each<[string, Case, string, string | undefined]>([
    ['neither half', {}, 'denied', 'both'],
    ['the key policy names the principal', { key: named }, 'denied', 'identity policy'],
    ['the key policy names the account', { key: account }, 'denied', 'identity policy'],
    ['the key policy names everyone', { key: [allow('*')] }, 'denied', 'identity policy'],
    ['IAM', { identity: [may()] }, 'denied', 'key policy'],
    ['IAM, and the key’s own account', { key: [allow(owner)], identity: [may()] }, 'denied', 'key policy'],
    ['the principal and IAM', { key: named, identity: [may()] }, 'allowed', undefined],
    ['the account and IAM', { key: account, identity: [may()] }, 'allowed', undefined],
    ['everyone and IAM', { key: [allow('*')], identity: [may()] }, 'allowed', undefined],
    ['IAM not given', { key: named, identity: undefined }, 'unknown', 'identity policy'],
    ['IAM not given, key policy without it', { identity: undefined }, 'denied', 'key policy'],
    [
      'the key policy not given',
      { access: { keyPolicy: undefined }, identity: [may()] },
      'unknown',
      'key policy',
    ],
    [
      'both, and the key policy denies',
      { key: [...named, deny(other)], identity: [may()] },
      'denied',
      undefined,
    ],
    ['both, and IAM denies', { key: named, identity: [may(), mayNot()] }, 'denied', undefined],
    [
      'both, another action',
      { key: named, identity: [may({ Action: 'kms:Encrypt' })] },
      'denied',
      'identity policy',
    ],
  ])('%s', (_what, given, decision, missingHalf) => {
    const answer = evaluate(foreign, given)
    expect(answer.decision).toBe(decision)
    expect('missingHalf' in answer ? answer.missingHalf : undefined).toBe(missingHalf)
  })

  it('gives the root user there what the key policy gives its account', () => {
    expect(evaluate(iam('root', other), { key: account })).toMatchObject({
      decision: 'allowed',
      reason: 'key-policy',
      statement: { policy: 'key policy', index: 0 },
    })
  })

  it.each(['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:TagResource'])('never allows %s', action => {
    expect(evaluate(foreign, { key: named, identity: [may()], request: { action } })).toMatchObject({
      decision: 'denied',
      reason: 'not-across-accounts',
    })
    expect(decisionOf(alice, { key: [allow(alice)], request: { action } })).toBe('allowed')
  })

  it('takes a role of the same name for another', () => {
    const caller = session('app', 's', other)
    expect(decisionOf(caller, { key: [allow(iam('role/app'))], identity: [may()] })).toBe('denied')
    expect(decisionOf(caller, { key: [allow(iam('role/app', other))], identity: [may()] })).toBe('allowed')
  })

  it('takes an account of the same id in another partition for another', () => {
    const key = [allow(iam('root').replace('arn:aws:', 'arn:aws-cn:'))]
    expect(decisionOf(alice, { key, identity: [may()] })).toBe('denied')
  })

  it('never crosses partitions', () => {
    const chinese = foreign.replace('arn:aws:', 'arn:aws-cn:')
    expect(evaluate(chinese, { key: [allow('*')], identity: [may({ Resource: '*' })] })).toMatchObject({
      decision: 'denied',
      reason: 'other-partition',
    })
  })
})

describe('services', () => {
  it('need the key policy only', () => {
    const service = { Service: 'cloudtrail.amazonaws.com' }
    expect(evaluate('cloudtrail.amazonaws.com', { key: [allow(service)] })).toMatchObject({
      decision: 'allowed',
      reason: 'key-policy',
    })
    expect(evaluate('ec2.amazonaws.com', { key: [allow(service)] })).toMatchObject({
      decision: 'denied',
      missingHalf: 'key policy',
    })
    expect(decisionOf(alice, { key: [allow(service)] })).toBe('denied')
  })

  it('are told from the user on whose behalf they call by conditions', () => {
    const key = [
      allow(
        { AWS: '*' },
        {
          Condition: {
            StringEquals: { 'kms:CallerAccount': owner, 'kms:ViaService': 'ssm.eu-central-1.amazonaws.com' },
          },
        },
      ),
    ]
    const values = conditionValues([['kms:ViaService', ['ssm.eu-central-1.amazonaws.com']]])
    expect(decisionOf(alice, { key, request: { values } })).toBe('allowed')
    expect(decisionOf(alice, { key })).toBe('denied')
    expect(decisionOf(alice, { key, request: { others: 'unknown' } })).toBe('unknown')
    expect(decisionOf(foreign, { key, identity: [may()], request: { values } })).toBe('denied')
  })
})

describe('NotPrincipal with Deny', () => {
  const except = (...names: string[]): Statement => ({
    Effect: 'Deny',
    NotPrincipal: { AWS: names },
    Action: 'kms:*',
    Resource: '*',
  })
  it.each<[string, string, string[], string]>([
    ['a user who is not named', alice, [iam('user/carol'), owner], 'denied'],
    ['a user of a named account', alice, [owner], 'denied'],
    ['a user who is named with the account', alice, [alice, iam('root')], 'allowed'],
    ['a user who is named without the account', alice, [alice], 'unknown'],
    ['a session named at every level', session('app'), [session('app'), iam('role/app'), owner], 'allowed'],
    ['a session without its own name', session('app'), [iam('role/app'), owner], 'unknown'],
    ['a session of another role', session('app'), [iam('role/other'), owner], 'denied'],
    ['everyone', alice, ['*'], 'allowed'],
    ['the root user of the account', iam('root'), [owner], 'allowed'],
    ['the root user of another', iam('root'), [other], 'denied'],
  ])('%s', (_what, caller, names, decision) => {
    expect(decisionOf(caller, { key: [allow('*'), except(...names)] })).toBe(decision)
  })
})

describe('without a key', () => {
  const of = (caller: string, action: string, identity: Statement[] | undefined) =>
    evaluate(caller, { identity, key: [allow('*')], request: { action, resource: '*' } })

  it.each(['kms:CreateKey', 'kms:ListKeys', 'kms:ListAliases', 'kms:GenerateRandom'])(
    '%s asks IAM only',
    action => {
      expect(of(alice, action, [])).toMatchObject({ decision: 'denied', missingHalf: 'identity policy' })
      expect(of(alice, action, undefined)).toMatchObject({ decision: 'unknown' })
      expect(of(alice, action, [may({ Resource: '*' })])).toMatchObject({ reason: 'identity-policy' })
      expect(of(alice, action, [may()])).toMatchObject({ decision: 'denied' })
      expect(of(alice, action, [may({ Resource: '*' }), mayNot({ Resource: '*' })])).toMatchObject({
        reason: 'explicit-deny',
      })
      expect(of(iam('root'), action, undefined)).toMatchObject({ decision: 'allowed', reason: 'root-user' })
    },
  )

  it('the alias half of alias operations asks IAM only', () => {
    const resource = `arn:aws:kms:eu-central-1:${owner}:alias/app`
    const access = { request: request(alice, { action: 'kms:CreateAlias', resource }) }
    const identityPolicies = [identityPolicy(may({ Resource: 'arn:aws:kms:*:*:alias/${aws:username}' }))]
    expect(evaluateIdentityAccess({ ...access, identityPolicies }).decision).toBe('denied')
    const any = [identityPolicy(may({ Resource: 'arn:aws:kms:*:*:alias/*' }))]
    expect(evaluateIdentityAccess({ ...access, identityPolicies: any }).decision).toBe('allowed')
  })
})

describe('the statement that decides', () => {
  it('is named, and described', () => {
    const key = [allow(foreign), allow(owner, { Sid: 'Enable IAM' })]
    const allowed = evaluate(alice, { key, identity: [mayNot({ Action: 'kms:Put*' }), may({ Sid: 'use' })] })
    expect(allowed).toMatchObject({
      statement: { policy: 'identity policy', document: 0, index: 1, sid: 'use' },
      delegation: { policy: 'key policy', index: 1, sid: 'Enable IAM' },
    })
    expect(describeDecision(allowed)).toBe(
      'statement 2 ("Enable IAM") of the key policy and statement 2 ("use") of the identity policy both allow it',
    )
    expect(describeDecision(evaluate(alice, { key: [allow('*'), deny('*')] }))).toBe(
      'statement 2 of the key policy denies it',
    )
    expect(describeDecision(evaluate(alice, { key, identity: [] }))).toBe('no identity policy allows it')
    expect(describeDecision(evaluate(foreign, {}))).toBe(
      'neither the key policy nor an identity policy allows it',
    )
    expect(describeDecision(evaluate(alice, { key: [allow(alice)], identity: undefined }))).toBe(
      'statement 1 of the key policy allows it, but the IAM policies of the principal are not known',
    )
  })

  it('is named with what is not known about it', () => {
    const unknown = evaluate(alice, { key: [allow('*', { ...undecided, Resource: 'arn:aws:*${x:y}' })] })
    expect(unknown).toMatchObject({
      statement: { policy: 'key policy', index: 0 },
      undecided: ['Resource', 'StringEquals x:y'],
    })
    expect(describeDecision(unknown)).toBe(
      'statement 1 of the key policy depends on what is not known: Resource, StringEquals x:y',
    )
  })

  it('is of the second document, when that decides', () => {
    const answer = evaluate(alice, {
      key: [allow(owner)],
      access: { identityPolicies: [identityPolicy(), identityPolicy(may())] },
    })
    expect(answer).toMatchObject({ statement: { document: 1, index: 0 } })
    expect(describeDecision(answer)).toMatch(/statement 1 of the identity policy 2 both/)
  })

  it('has nothing to do with key policies that allow nothing', () => {
    expect(keyPolicy().statements).toEqual([])
  })
})
