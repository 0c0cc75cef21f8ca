/** Callers, the context of a request, and policy variables. */

import { describe, expect, it } from 'vitest'
import { parseCaller } from '../../src/policy/caller.ts'
import { expandVariables } from '../../src/policy/policy-variables.ts'
import { conditionValues, contextValue } from '../../src/policy/request.ts'
import { matchesWildcard } from '../../src/policy/wildcard.ts'
import { iam, keyArn, owner, request, session } from './requests.ts'

describe('parseCaller', () => {
  it.each([
    [iam('root'), 'root', ''],
    [iam('user/alice'), 'user', 'alice'],
    [iam('user/team/alice'), 'user', 'alice'],
    [iam('role/team/app'), 'role', 'app'],
    [session('app', 'i-123'), 'assumed-role', 'app'],
    [`arn:aws-cn:sts::${owner}:federated-user/bob`, 'federated-user', ''],
    ['ec2.amazonaws.com', 'service', ''],
  ])('%s is a %s', (arn, kind, name) => {
    expect(parseCaller(arn)).toMatchObject({ arn, kind, name })
  })

  it.each([
    '',
    '*',
    iam('group/x'),
    iam('user/'),
    iam('user/a b'),
    iam('role/*'),
    keyArn,
    'arn:aws:iam::1:root',
  ])('%j is none', arn => {
    expect(parseCaller(arn)).toBeUndefined()
  })
})

describe('contextValue', () => {
  it('reads given values without regard to letter case', () => {
    const given = request(iam('user/alice'), { values: conditionValues([['KMS:viaService', ['x']]]) })
    expect(contextValue(given, 'kms:ViaService')).toEqual(['x'])
  })

  it('takes the rest of a complete description as absent, but nothing that every request has', () => {
    const given = request(iam('user/alice'))
    expect(contextValue(given, 'kms:ViaService')).toBe('absent')
    expect(contextValue(given, 'aws:CurrentTime')).toBe('unknown')
    expect(contextValue(given, 'aws:PrincipalTag/team')).toBe('absent')
    expect(contextValue(given, 'aws:PrincipalTag/')).toBe('unknown')
    expect(contextValue(given, 'constructor')).toBe('unknown')
  })

  it('takes the rest of an incomplete description as unknown, except what is named as absent', () => {
    const given = request(iam('user/alice'), { others: 'unknown', absent: ['KMS:VIASERVICE'] })
    expect(contextValue(given, 'kms:ViaService')).toBe('absent')
    expect(contextValue(given, 'kms:RequestAlias')).toBe('unknown')
  })

  it.each([
    [iam('root'), iam('root'), 'Account', 'absent'],
    [iam('user/team/alice'), iam('user/team/alice'), 'User', ['alice']],
    [iam('role/app'), iam('role/app'), 'AssumedRole', 'absent'],
  ] as const)('derives what follows from the caller %s', (caller, arn, type, username) => {
    const given = request(caller)
    expect(contextValue(given, 'aws:PrincipalArn')).toEqual([arn])
    expect(contextValue(given, 'aws:PrincipalType')).toEqual([type])
    expect(contextValue(given, 'aws:username')).toEqual(username)
    expect(contextValue(given, 'kms:CallerAccount')).toEqual([owner])
    expect(contextValue(given, 'aws:PrincipalAccount')).toEqual([owner])
    expect(contextValue(given, 'aws:ResourceAccount')).toEqual([owner])
  })

  it('knows the ARN of a session’s role only when it is given', () => {
    expect(contextValue(request(session('app')), 'aws:PrincipalArn')).toBe('unknown')
    const caller = parseCaller(session('app'), iam('role/team/app'))
    const given = { ...request(session('app')), ...(caller && { caller }) }
    expect(contextValue(given, 'aws:PrincipalArn')).toEqual([iam('role/team/app')])
  })

  it('derives the keys of the encryption context, their names without regard to letter case', () => {
    const given = request(iam('root'), { encryptionContext: { App: '1', b: '2' } })
    expect(contextValue(given, 'kms:EncryptionContext:app')).toEqual(['1'])
    expect(contextValue(given, 'kms:EncryptionContext:c')).toBe('absent')
    expect(contextValue(given, 'kms:EncryptionContextKeys')).toEqual(['App', 'b'])
    expect(contextValue(request(iam('root')), 'kms:EncryptionContextKeys')).toBe('absent')
    const unknown = request(iam('root'), { encryptionContext: undefined })
    expect(contextValue(unknown, 'kms:EncryptionContext:app')).toBe('unknown')
    expect(contextValue(unknown, 'kms:EncryptionContextKeys')).toBe('unknown')
  })
})

describe('expandVariables', () => {
  const given = request(iam('user/al*ce'.replace('*', '+')), {
    values: conditionValues([
      ['aws:PrincipalTag/job role', ['a*c']],
      ['aws:TagKeys', ['x', 'y']],
    ]),
  })
  const text = (source: string): string => {
    const expanded = expandVariables(source, '2012-10-17', given)
    return expanded === 'unknown' ? expanded : expanded.text
  }

  it.each([
    ['alias/x', 'alias/x'],
    ['alias/${aws:username}/x', 'alias/al+ce/x'],
    ['${AWS:USERNAME}', 'al+ce'],
    ['${aws:PrincipalTag/job role}', 'a*c'],
    ['${*}${?}${$}{x}', '*?${x}'],
    ["${aws:SourceIdentity, 'nobody'}", 'nobody'],
    ["${aws:username, 'nobody'}", 'al+ce'],
    ['$x$', '$x$'],
    ['${aws:SourceIdentity}', 'unknown'],
    ['${aws:TagKeys}', 'unknown'],
    ['${ec2:Vpc}', 'unknown'],
    ['${aws:username', 'unknown'],
    ['${aws:SourceIdentity, nobody}', 'unknown'],
    ['${}', 'unknown'],
  ])('%j gives %j', (source, result) => {
    expect(text(source)).toBe(result)
  })

  it('has no variables in the older version', () => {
    expect(expandVariables('${aws:username}', '2008-10-17', given)).toMatchObject({ text: '${aws:username}' })
  })

  it('matches what a variable brought in literally', () => {
    const expanded = expandVariables('*-${aws:PrincipalTag/job role}', '2012-10-17', given)
    if (expanded === 'unknown') throw new Error(expanded)
    expect(matchesWildcard(expanded.pattern, 'x-a*c')).toBe(true)
    expect(matchesWildcard(expanded.pattern, 'x-abc')).toBe(false)
  })
})
