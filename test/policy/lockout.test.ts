/** The lockout safety check. */

import { describe, expect, it } from 'vitest'
import { keepsPolicyControl } from '../../src/policy/lockout.ts'
import { allow, deny, iam, keyPolicy, other, owner, request, type Statement, session } from './requests.ts'

const alice = iam('user/alice')
const bypass = { Condition: { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'false' } } }
const put = { Action: 'kms:PutKeyPolicy' }

describe('keepsPolicyControl', () => {
  it.each<[string, string, Statement[], unknown]>([
    ['no statement', alice, [], false],
    ['the account', alice, [allow(owner)], true],
    ['the account, for the root user', iam('root'), [allow(owner)], true],
    ['the caller', alice, [allow(alice, put)], true],
    ['the caller, for the root user', iam('root'), [allow(alice)], false],
    ['the caller’s role', session('admin'), [allow(iam('role/admin'), put)], true],
    ['another principal', alice, [allow(iam('user/bob'))], false],
    ['everyone', alice, [allow('*', put)], true],
    ['another account', alice, [allow(other)], false],
    ['other actions', alice, [allow(owner, { Action: ['kms:Get*', 'kms:PutKeyPolic'] })], false],
    ['actions with a wildcard', alice, [allow(owner, { Action: 'kms:Put*' })], true],
    ['another key', alice, [allow(owner, { Resource: 'arn:aws:kms:eu-central-1:1:key/x' })], false],
    [
      'a condition that holds',
      alice,
      [allow(owner, { Condition: { StringEquals: { 'kms:CallerAccount': owner } } })],
      true,
    ],
    [
      'a condition that fails',
      alice,
      [allow(owner, { Condition: { StringEquals: { 'kms:ViaService': 'x' } } })],
      false,
    ],
    ['a condition on what the request leaves out', alice, [allow(owner, bypass)], false],
    [
      'a condition that is not known',
      alice,
      [allow(owner, { Condition: { StringEquals: { 'x:y': 'z' } } })],
      'unknown',
    ],
    ['a denial', alice, [allow(owner), deny(alice, put)], false],
    ['a denial of the account', alice, [allow(alice), deny(owner)], false],
    ['a denial of another', alice, [allow(owner), deny(iam('user/bob'))], true],
    ['a denial of other actions', alice, [allow(owner), deny('*', { Action: 'kms:Decrypt' })], true],
  ])('%s', (_what, caller, statements, result) => {
    const now = request(caller, { action: 'kms:CreateKey' })
    expect(keepsPolicyControl(keyPolicy(...statements), owner, now)).toBe(result)
  })

  it('is for callers of the key’s account', () => {
    expect(keepsPolicyControl(keyPolicy(allow('*')), owner, request(iam('root', other)))).toBe(false)
  })
})
