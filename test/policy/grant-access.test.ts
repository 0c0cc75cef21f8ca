/** Grants: who may do what with them, and who may retire them. */

import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/policy/grant-access.ts'
import { conditionValues } from '../../src/policy/request.ts'
import {
  allow,
  type Case,
  deny,
  evaluate,
  iam,
  may,
  mayNot,
  other,
  owner,
  type Statement,
  session,
} from './requests.ts'

const alice = iam('user/alice')
const grant = (rest: Partial<Grant> = {}): Grant => ({
  GranteePrincipal: alice,
  Operations: ['Decrypt', 'DescribeKey'],
  ...rest,
})
const decisionOf = (caller: string, grants: Grant[], rest: Case = {}): string =>
  evaluate(caller, { ...rest, grants }).decision

describe('a grant', () => {
  it('allows its grantee its operations, and says so', () => {
    expect(evaluate(alice, { grants: [grant({ Operations: ['Encrypt'] }), grant()] })).toMatchObject({
      decision: 'allowed',
      reason: 'grant',
      statement: { policy: 'grant', index: 1 },
    })
  })

  it.each<[string, string, Partial<Grant>, string]>([
    ['another operation', alice, { Operations: ['Encrypt'] }, 'denied'],
    ['no operations', alice, { Operations: undefined }, 'denied'],
    ['another user', iam('user/bob'), {}, 'denied'],
    [
      'a retiring principal',
      alice,
      { GranteePrincipal: iam('user/bob'), RetiringPrincipal: alice },
      'denied',
    ],
    ['a session of the role', session('app'), { GranteePrincipal: iam('role/app') }, 'allowed'],
    ['the session itself', session('app'), { GranteePrincipal: session('app') }, 'allowed'],
    ['another session', session('app', 't'), { GranteePrincipal: session('app') }, 'denied'],
    ['the root user of the account', iam('root'), { GranteePrincipal: iam('root') }, 'allowed'],
    ['a user of the account', alice, { GranteePrincipal: iam('root') }, 'unknown'],
    ['a service', 'ec2.amazonaws.com', { GranteePrincipal: 'ec2.amazonaws.com' }, 'allowed'],
    ['a name that cannot be read', alice, { GranteePrincipal: 'alice' }, 'unknown'],
    ['nobody', alice, { GranteePrincipal: undefined }, 'denied'],
  ])('%s', (_what, caller, rest, decision) => {
    expect(decisionOf(caller, [grant(rest)])).toBe(decision)
  })

  it('works across accounts by itself', () => {
    const foreign = iam('user/bob', other)
    expect(decisionOf(foreign, [grant({ GranteePrincipal: foreign })])).toBe('allowed')
  })

  it('yields to every denial, and to policies that are not known', () => {
    expect(decisionOf(alice, [grant()], { key: [deny('*')] })).toBe('denied')
    expect(decisionOf(alice, [grant()], { identity: [mayNot()] })).toBe('denied')
    expect(decisionOf(alice, [grant()], { identity: undefined })).toBe('unknown')
    expect(decisionOf(alice, [grant()], { access: { keyPolicy: undefined } })).toBe('unknown')
  })
})

describe('constraints of a grant', () => {
  const of = (
    Constraints: Grant['Constraints'],
    encryptionContext?: Record<string, string>,
    action = 'kms:Decrypt',
  ) => decisionOf(alice, [grant({ Constraints })], { request: { encryptionContext, action } })
  const pairs = { app: 'x', env: 'p' }

  it.each([
    [pairs, 'allowed', 'allowed'],
    [{ env: 'p', app: 'x' }, 'allowed', 'allowed'],
    [{ ...pairs, more: '' }, 'denied', 'allowed'],
    [{ app: 'x' }, 'denied', 'denied'],
    [{ app: 'x', env: 'P' }, 'denied', 'denied'],
    [{ App: 'x', env: 'p' }, 'denied', 'denied'],
    [{}, 'denied', 'denied'],
    [undefined, 'unknown', 'unknown'],
  ])('of the context %j: %s to be it, %s to hold it', (context, equals, subset) => {
    expect(of({ EncryptionContextEquals: pairs }, context)).toBe(equals)
    expect(of({ EncryptionContextSubset: pairs }, context)).toBe(subset)
  })

  it('do not apply to DescribeKey', () => {
    expect(of({ EncryptionContextEquals: pairs }, {}, 'kms:DescribeKey')).toBe('allowed')
  })

  it('hold nothing that an object has by birth', () => {
    expect(of({ EncryptionContextSubset: { constructor: 'x' } }, {})).toBe('denied')
  })
})

describe('a grant that makes grants', () => {
  const parent = grant({
    Operations: ['Decrypt', 'CreateGrant'],
    Constraints: { EncryptionContextSubset: { a: '1' } },
  })
  const of = (
    operations: string[] | undefined,
    encryptionContext: Record<string, string> | undefined,
    type: string | undefined,
    Constraints = parent.Constraints,
  ) => {
    const values = conditionValues([
      ...(operations === undefined ? [] : [['kms:GrantOperations', operations] as const]),
      ...(type === undefined ? [] : [['kms:GrantConstraintType', [type]] as const]),
    ])
    return decisionOf(alice, [{ ...parent, Constraints }], {
      request: { action: 'kms:CreateGrant', encryptionContext, values },
    })
  }
  const equals = { EncryptionContextEquals: { a: '1' } }

  it('makes none that allow more', () => {
    expect(of(['Decrypt'], { a: '1' }, 'EncryptionContextSubset')).toBe('allowed')
    expect(of(['Decrypt', 'CreateGrant'], { a: '1', b: '2' }, 'EncryptionContextEquals')).toBe('allowed')
    expect(of(['Encrypt'], { a: '1' }, 'EncryptionContextSubset')).toBe('denied')
    expect(of(['Decrypt'], {}, undefined)).toBe('denied')
    expect(of(['Decrypt'], { a: '1' }, 'EncryptionContextSubset', equals)).toBe('denied')
    expect(of(['Decrypt'], { a: '1' }, 'EncryptionContextEquals', equals)).toBe('allowed')
    expect(of(undefined, { a: '1' }, 'EncryptionContextEquals')).toBe('unknown')
    expect(of(['Decrypt'], undefined, 'EncryptionContextEquals')).toBe('unknown')
  })
})

describe('RetireGrant', () => {
  const retire = (
    caller: string,
    rest: Partial<Grant>,
    identity: Statement[] | undefined = [],
    key: Statement[] = [],
  ) =>
    evaluate(caller, { grants: [grant(rest)], identity, key, request: { action: 'kms:RetireGrant' } })
      .decision
  const bob = iam('user/bob', other)

  it('is for the retiring principal, and for a grantee with that operation', () => {
    expect(retire(bob, { RetiringPrincipal: bob })).toBe('allowed')
    expect(retire(bob, { GranteePrincipal: bob })).toBe('denied')
    expect(retire(bob, { GranteePrincipal: bob, Operations: ['RetireGrant'] })).toBe('allowed')
    expect(retire(bob, {})).toBe('denied')
  })

  it('is for the account of the key, by IAM', () => {
    expect(retire(iam('root'), {})).toBe('allowed')
    expect(retire(iam('user/carol'), {})).toBe('denied')
    expect(retire(iam('user/carol'), {}, [may()])).toBe('allowed')
    expect(retire(bob, {}, [may()])).toBe('denied')
  })

  it('is delegated by IAM when the retiring principal is an account', () => {
    expect(retire(bob, { RetiringPrincipal: iam('root', other) })).toBe('denied')
    expect(retire(bob, { RetiringPrincipal: iam('root', other) }, [may()])).toBe('allowed')
    expect(retire(iam('root', other), { RetiringPrincipal: iam('root', other) })).toBe('allowed')
  })

  it('is nothing that a key policy gives or takes, but IAM can deny it', () => {
    expect(retire(bob, {}, [may()], [allow('*')])).toBe('denied')
    expect(retire(bob, { RetiringPrincipal: bob }, [], [deny('*')])).toBe('allowed')
    expect(retire(bob, { RetiringPrincipal: bob }, [mayNot()])).toBe('denied')
    expect(
      evaluate(bob, {
        grants: [grant({ RetiringPrincipal: bob })],
        identity: undefined,
        request: { action: 'kms:RetireGrant' },
      }),
    ).toMatchObject({
      decision: 'unknown',
      reason: 'identity-policies-not-given',
    })
    expect(owner).not.toBe(other)
  })
})
