/** Why somebody may do something with a key, or not, and what would have to be known. */

import { describe, expect, it } from 'vitest'
import { parseCaller } from '../../src/policy/caller.ts'
import { type AccessQuestion, explainAccess } from '../../src/policy/explain-access.ts'
import {
  allow,
  deny,
  iam,
  identityPolicy,
  keyArn,
  keyPolicy,
  may,
  mayNot,
  other,
  type Statement,
} from './requests.ts'

const role = iam('role/api')
const account = allow(iam('root'), { Sid: 'account' })
const via = 'ec2.eu-central-1.amazonaws.com'

function explain(
  principal: string,
  key: readonly Statement[] | undefined,
  more: Partial<AccessQuestion> & { iam?: readonly Statement[] } = {},
) {
  const caller = parseCaller(principal)
  if (caller === undefined) throw new Error(principal)
  const { iam: statements, ...rest } = more
  const { answer, reasons, missing } = explainAccess({
    keyArn,
    caller,
    action: 'kms:Decrypt',
    keyPolicy: key && keyPolicy(...key),
    identityPolicies: statements && [identityPolicy(...statements)],
    grants: [],
    now: Date.UTC(2030, 0, 1),
    ...rest,
  })
  return { decision: answer.decision, reasons, missing }
}

describe('explainAccess', () => {
  it('needs one half in the account of the key', () => {
    expect(explain(role, [account, allow(role, { Sid: 'api' })], { iam: [] })).toEqual({
      decision: 'allowed',
      reasons: ['statement 2 ("api") of the key policy names the principal'],
      missing: [],
    })
    expect(explain(role, [account], { iam: [may()] })).toMatchObject({ decision: 'allowed' })
    expect(explain(role, [account], { iam: [] })).toEqual({
      decision: 'denied',
      reasons: ['no identity policy allows it'],
      missing: ['IamPolicy'],
    })
    expect(explain(role, [], { iam: [may()] })).toMatchObject({ decision: 'denied', missing: ['KeyPolicy'] })
  })

  it('needs both halves from another account', () => {
    const foreign = iam('role/api', other)
    for (const named of [foreign, iam('root', other), other]) {
      const key = [account, allow(named)]
      expect(explain(foreign, key, { iam: [may()] })).toMatchObject({ decision: 'allowed' })
      expect(explain(foreign, key, { iam: [] })).toMatchObject({ decision: 'denied', missing: ['IamPolicy'] })
    }
    expect(explain(foreign, [account], { iam: [may()] })).toMatchObject({
      decision: 'denied',
      missing: ['KeyPolicy'],
    })
    expect(explain(foreign, [account], { iam: [] })).toMatchObject({ missing: ['KeyPolicy', 'IamPolicy'] })
    expect(explain(foreign, [allow('*')], { iam: [may()], action: 'kms:PutKeyPolicy' })).toMatchObject({
      decision: 'denied',
      reasons: ['principals of other accounts cannot be given this action'],
    })
  })

  it('never guesses: what was not given makes it unknown, unless the rest decides', () => {
    expect(explain(role, [account])).toMatchObject({ decision: 'unknown', missing: ['IamPolicy'] })
    expect(explain(role, [allow(role)])).toMatchObject({ decision: 'unknown', missing: ['IamPolicy'] })
    expect(explain(role, undefined, { iam: [may()] })).toMatchObject({
      decision: 'unknown',
      missing: ['KeyPolicy'],
    })
    expect(explain(role, [], { iam: [], grants: undefined })).toMatchObject({
      decision: 'unknown',
      missing: ['KeyPolicy', 'Grants'],
    })
    expect(explain(role, [allow(role)], { iam: [], grants: undefined })).toMatchObject({
      decision: 'allowed',
    })
    expect(explain(role, [account, deny(role)])).toMatchObject({ decision: 'denied', missing: [] })
    expect(explain(role, undefined, { iam: [mayNot()] })).toMatchObject({ decision: 'denied' })
  })

  it('knows no encryption context until it is told', () => {
    const bound = allow(role, {
      Sid: 'b',
      Condition: { StringEquals: { 'kms:EncryptionContext:for': 'backup' } },
    })
    expect(explain(role, [bound], { iam: [] })).toEqual({
      decision: 'unknown',
      reasons: [
        'statement 1 ("b") of the key policy depends on what is not known: StringEquals kms:EncryptionContext:for',
      ],
      missing: ['KeyPolicy', 'StringEquals kms:EncryptionContext:for'],
    })
    const context = (encryptionContext: Record<string, string>) =>
      explain(role, [bound], { iam: [], encryptionContext }).decision
    expect(context({ for: 'backup', more: 'x' })).toBe('allowed')
    expect(context({ for: 'other' })).toBe('denied')
    expect(context({})).toBe('denied')
    // Sign has none, whatever was given.
    expect(explain(role, [bound], { iam: [], action: 'kms:Sign' }).decision).toBe('denied')
  })

  it('takes a call for a direct one, and tells which statement a service would have helped', () => {
    const through = allow(role, { Condition: { StringEquals: { 'kms:ViaService': via } } })
    expect(explain(role, [account, through], { iam: [] })).toEqual({
      decision: 'denied',
      reasons: [
        'no identity policy allows it',
        'statement 2 of the key policy would allow it, but its condition StringEquals kms:ViaService does not hold',
      ],
      missing: ['IamPolicy'],
    })
    expect(explain(role, [account, through], { iam: [], viaService: via }).decision).toBe('allowed')
    const grants = allow(role, { Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } })
    const creating = { iam: [], action: 'kms:CreateGrant' }
    expect(explain(role, [grants], creating).decision).toBe('denied')
    expect(explain(role, [grants], { ...creating, viaService: via }).decision).toBe('allowed')
    expect(explain(role, [grants], { iam: [], viaService: via }).decision).toBe('denied')
  })

  it.each<[string, object, string]>([
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, 'allowed'],
    ['the Region', { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } }, 'allowed'],
    ['the time', { DateGreaterThan: { 'aws:CurrentTime': '2031-01-01T00:00:00Z' } }, 'denied'],
    ['the caller', { StringEquals: { 'kms:CallerAccount': other } }, 'denied'],
    ['the kind of the key', { StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } }, 'allowed'],
    ['its algorithm', { StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } }, 'allowed'],
    ['a key of one Region', { Null: { 'kms:MultiRegionKeyType': 'false' } }, 'denied'],
    ['the address', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, 'unknown'],
    ['the organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, 'unknown'],
    ['tags of the key', { StringEquals: { 'aws:ResourceTag/a': 'b' } }, 'unknown'],
    ['what nobody knows', { StringEquals: { 'x:y': 'z' } }, 'unknown'],
  ])('decides a condition on %s, or does not', (_what, Condition, decision) => {
    const key = {
      keySpec: 'SYMMETRIC_DEFAULT',
      keyUsage: 'ENCRYPT_DECRYPT',
      origin: 'AWS_KMS',
      multiRegion: false,
    }
    expect(explain(role, [allow(role, { Condition })], { iam: [], key }).decision).toBe(decision)
  })

  it('leaves what is not known of the key undecided', () => {
    const statement = allow(role, { Condition: { StringEquals: { 'kms:KeySpec': 'RSA_2048' } } })
    expect(explain(role, [statement], { iam: [] })).toMatchObject({
      decision: 'unknown',
      missing: ['KeyPolicy', 'StringEquals kms:KeySpec'],
    })
  })

  it('counts grants', () => {
    const grants = [
      {
        GranteePrincipal: role,
        Operations: ['Decrypt'],
        Constraints: { EncryptionContextSubset: { a: 'b' } },
      },
    ]
    const under = (more: Partial<AccessQuestion>) => explain(role, [], { iam: [], grants, ...more }).decision
    expect(under({ encryptionContext: { a: 'b' } })).toBe('allowed')
    expect(under({ encryptionContext: {} })).toBe('denied')
    expect(under({})).toBe('unknown')
    expect(under({ action: 'kms:Encrypt' })).toBe('denied')
  })
})
