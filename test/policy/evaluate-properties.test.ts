/** What holds for all policies and requests: denials only take, and knowing less never allows more. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Caller, parseCaller } from '../../src/policy/caller.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluateKeyAccess, type KeyAccess } from '../../src/policy/evaluate.ts'
import type { Grant } from '../../src/policy/grant-access.ts'
import { keepsPolicyControl } from '../../src/policy/lockout.ts'
import { type AccessRequest, conditionValues } from '../../src/policy/request.ts'
import {
  allow,
  iam,
  identityPolicy,
  keyArn,
  keyPolicy,
  may,
  other,
  owner,
  request,
  type Statement,
  session,
} from './requests.ts'

const names = [
  iam('root'),
  iam('user/a'),
  iam('role/r'),
  session('r'),
  iam('root', other),
  iam('user/a', other),
]
const callers = [...names, 'ec2.amazonaws.com']
const actions = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:CreateGrant',
  'kms:PutKeyPolicy',
  'kms:RetireGrant',
  'kms:CreateKey',
]
const keys = [
  'kms:ViaService',
  'kms:EncryptionContext:k',
  'kms:EncryptionContextKeys',
  'aws:username',
  'aws:PrincipalArn',
  'x:y',
]

const condition = fc.dictionary(
  fc.constantFrom(
    'StringEquals',
    'StringNotEquals',
    'StringLikeIfExists',
    'ForAllValues:StringEquals',
    'ForAnyValue:StringLike',
    'ForAnyValue:StringNotEqualsIfExists',
    'Null',
    'Bool',
    'ArnNotLike',
    'NumericLessThan',
    'Nonsense',
  ),
  fc.dictionary(
    fc.constantFrom(...keys),
    fc.subarray(['a', 'b*', 'true', '1', '${aws:username}', iam('user/*')]),
    {
      minKeys: 1,
      maxKeys: 2,
    },
  ),
  { maxKeys: 2 },
)
const common = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Action: fc.subarray(['*', 'kms:D*', 'KMS:decrypt', 'kms:CreateGrant', 'kms:PutKeyPolicy'], {
    minLength: 1,
  }),
  Resource: fc.constantFrom('*', '*', keyArn, 'arn:aws:kms:*', 'arn:aws:kms*x', `${keyArn}/\${aws:username}`),
  Condition: condition,
})
const lists = fc.subarray(['*', owner, other, ...names], { minLength: 1 })
const keyStatement = fc
  .tuple(common, lists, fc.constantFrom('Principal', 'Principal', 'Principal', 'NotPrincipal'))
  .map(([rest, AWS, element]): Statement => ({ ...rest, [element]: { AWS } }))
  // Some have what KMS refuses: ForAllValues on an encryption context key.
  .filter(statement => 'document' in parsePolicy(JSON.stringify({ Statement: statement }), 'key policy'))
const grant = fc.record({
  GranteePrincipal: fc.constantFrom(...callers),
  RetiringPrincipal: fc.constantFrom(undefined, ...names),
  Operations: fc.subarray(['Decrypt', 'DescribeKey', 'CreateGrant', 'RetireGrant']),
  Constraints: fc.constantFrom(
    undefined,
    { EncryptionContextSubset: { k: 'a' } },
    { EncryptionContextEquals: {} },
  ),
})

interface World {
  readonly key: Statement[]
  readonly identity: Statement[]
  readonly grants: Grant[]
  readonly request: AccessRequest
}
const world: fc.Arbitrary<World> = fc.record({
  key: fc.array(keyStatement, { maxLength: 4 }),
  identity: fc.array(common, { maxLength: 3 }),
  grants: fc.array(grant, { maxLength: 2 }),
  request: fc
    .record({
      caller: fc.constantFrom(...callers),
      action: fc.constantFrom(...actions),
      encryptionContext: fc.constantFrom({}, { k: 'a' }, { K: 'b', j: 'a' }),
      via: fc.constantFrom(undefined, 'a', 'b'),
    })
    .map(({ caller, via, ...rest }) =>
      request(caller, {
        ...rest,
        values: conditionValues([
          ...(via === undefined ? [] : [['kms:ViaService', [via]] as const]),
          ['kms:GrantOperations', ['Decrypt']],
        ]),
      }),
    ),
})

const accessOf = ({ key, identity, grants, request: asked }: World): KeyAccess => ({
  request: asked,
  keyPolicy: keyPolicy(...key),
  keyAccount: owner,
  identityPolicies: [identityPolicy(...identity)],
  grants,
})

describe('evaluateKeyAccess', () => {
  it('never allows more for one more denial', () => {
    fc.assert(
      fc.property(world, keyStatement, common, (given, forKey, forIdentity) => {
        const before = evaluateKeyAccess(accessOf(given)).decision
        const key = [...given.key, { ...forKey, Effect: 'Deny' }]
        const identity = [...given.identity, { ...forIdentity, Effect: 'Deny' }]
        for (const more of [
          { ...given, key },
          { ...given, identity },
        ]) {
          const after = evaluateKeyAccess(accessOf(more)).decision
          if (before !== 'allowed') expect(after).not.toBe('allowed')
          if (before === 'denied') expect(after).toBe('denied')
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('never allows less for one more allowance', () => {
    const everything = { key: allow('*'), identity: may({ Resource: '*' }) }
    fc.assert(
      fc.property(world, given => {
        const before = evaluateKeyAccess(accessOf(given)).decision
        const key = [...given.key, everything.key]
        const identity = [...given.identity, everything.identity]
        const after = evaluateKeyAccess(accessOf({ ...given, key, identity })).decision
        if (before === 'allowed') expect(after).toBe('allowed')
        if (before === 'unknown') expect(after).not.toBe('denied')
      }),
      { numRuns: 1000 },
    )
  })

  it('with less knowledge gives the same answer, or none', () => {
    const less: ((access: KeyAccess) => KeyAccess)[] = [
      access => ({ ...access, keyPolicy: undefined }),
      access => ({ ...access, identityPolicies: undefined }),
      access => ({ ...access, grants: undefined }),
      access => ({ ...access, organizationPolicies: 'not-known' }),
      access => ({ ...access, request: { ...access.request, encryptionContext: undefined } }),
      access => ({ ...access, request: { ...access.request, others: 'unknown' } }),
      access => ({
        ...access,
        request: { ...access.request, values: conditionValues([]), others: 'unknown' },
      }),
    ]
    fc.assert(
      fc.property(world, fc.subarray(less, { minLength: 1 }), (given, forget) => {
        const access = accessOf(given)
        const { decision } = evaluateKeyAccess(access)
        // Root users and services have no identity policies: leaving out what cannot be is no loss of knowledge.
        const none = ['root', 'service'].includes(access.request.caller.kind)
        const poorer = forget.reduce((so, step) => step(so), access)
        const after = evaluateKeyAccess(
          none ? { ...poorer, identityPolicies: access.identityPolicies } : poorer,
        )
        expect(['unknown', decision]).toContain(after.decision)
      }),
      { numRuns: 3000 },
    )
  })

  it('about some session of a role says what holds for this one, or nothing', () => {
    fc.assert(
      fc.property(world, given => {
        const [one, some] = [parseCaller(session('r'), iam('role/r')), parseCaller(iam('role/r'))]
        if (one === undefined || some === undefined) throw new Error('no callers')
        const of = (caller: Caller) =>
          evaluateKeyAccess(accessOf({ ...given, request: { ...given.request, caller } })).decision
        expect(['unknown', of(one)]).toContain(of(some))
      }),
      { numRuns: 1000 },
    )
  })

  it('says which statement decided, and it is of that effect', () => {
    fc.assert(
      fc.property(world, given => {
        const answer = evaluateKeyAccess(accessOf(given))
        const { statement } = answer
        if (statement === undefined || statement.policy === 'grant' || answer.decision === 'unknown') return
        const list = statement.policy === 'key policy' ? given.key : given.identity
        expect(list[statement.index]?.['Effect']).toBe(answer.decision === 'allowed' ? 'Allow' : 'Deny')
      }),
      { numRuns: 1000 },
    )
  })

  it('lets whom the lockout check passes set the next policy, by full rights in IAM', () => {
    fc.assert(
      fc.property(world, given => {
        const access = accessOf(given)
        const asked = { ...access.request, action: 'kms:PutKeyPolicy' }
        if (access.keyPolicy === undefined) return
        if (keepsPolicyControl(access.keyPolicy, owner, asked) !== true) return
        const identityPolicies = [identityPolicy(may({ Resource: '*' }))]
        expect(evaluateKeyAccess({ ...access, request: asked, identityPolicies }).decision).toBe('allowed')
      }),
      { numRuns: 1000 },
    )
  })
})
