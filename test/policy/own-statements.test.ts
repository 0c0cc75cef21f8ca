import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutStatements, withStatements } from '../../src/policy/own-statements.ts'
import { fullSnapshotSharingStatements, snapshotSharingStatement } from '../../src/policy/snapshot-sharing.ts'
import type { PolicyStatement } from '../../src/policy/statement.ts'
import { samePolicy } from '../../src/policy/statement-meaning.ts'

const sharing = (targetAccount: string, service: 'ec2' | 'rds' = 'ec2') =>
  ({ targetAccount, service, region: 'eu-west-1' }) as const

const own = fc
  .tuple(fc.constantFrom('222233334444', '333344445555'), fc.constantFrom('ec2', 'rds'), fc.boolean())
  .map(([account, service, full]): PolicyStatement[] =>
    full
      ? fullSnapshotSharingStatements(sharing(account, service as 'ec2' | 'rds'))
      : [snapshotSharingStatement(sharing(account, service as 'ec2' | 'rds'))],
  )

/** Statements of others, among them such as look like ours by their Sid, and nearly by their content. */
const others = fc.array(
  fc.oneof(
    fc.record(
      {
        Sid: fc.constantFrom(
          '',
          'a',
          'Allow use of the key',
          'Allow use of the key with destination account',
        ),
        Effect: fc.constantFrom('Allow', 'Deny'),
        Principal: fc.oneof(
          fc.constantFrom('*', { AWS: '222233334444' }, { Service: 'ec2.amazonaws.com' }),
          fc.record({ AWS: fc.array(fc.constantFrom('111122223333', 'arn:aws:iam::222233334444:root')) }),
        ),
        Action: fc.oneof(
          fc.constantFrom('kms:*', 'kms:Decrypt'),
          fc.array(fc.constantFrom('kms:CreateGrant', 'kms:Decrypt')),
        ),
        Resource: fc.constantFrom('*', ['*']),
        Condition: fc.constantFrom(
          { Bool: { 'kms:GrantIsForAWSResource': true } },
          { NumericLessThan: { x: 0.5 } },
        ),
        'strange "element"': fc.string(),
      },
      { requiredKeys: ['Effect', 'Action'] },
    ),
    own.chain(statements =>
      fc
        .record({ statement: fc.constantFrom(...statements), extra: fc.constantFrom('kms:Encrypt', 'kms:*') })
        .map(({ statement, extra }) => ({ ...statement, Action: [statement.Action, extra].flat() })),
    ),
  ),
  { maxLength: 5 },
)

const policies = fc
  .tuple(others, fc.constantFrom(undefined, 0, 2, 4, '\t'), fc.boolean())
  .map(([statements, indent, single]) => {
    const [first] = statements
    const Statement = single && statements.length === 1 ? first : statements
    return {
      text: JSON.stringify({ Version: '2012-10-17', Id: 'x', Statement }, undefined, indent),
      statements,
    }
  })

const statementsOf = (text: string) => [JSON.parse(text).Statement].flat()

describe('own statements', () => {
  it('are added at the end once, and nothing of others is lost, moved or changed', () => {
    fc.assert(
      fc.property(policies, own, ({ text, statements }, wanted) => {
        const { text: added, statements: news } = withStatements(text, wanted)
        const after = statementsOf(added)
        expect(after.slice(0, statements.length)).toEqual(statementsOf(text))
        expect(after.slice(statements.length)).toEqual(news)
        expect(news.map(({ Sid: _, ...rest }) => rest)).toEqual(wanted.map(({ Sid: _, ...rest }) => rest))
        const sids = after.map(({ Sid }) => Sid)
        for (const { Sid } of news) expect(sids.filter(sid => sid === Sid)).toHaveLength(1)
        expect(withStatements(added, wanted)).toEqual({ text: added, statements: [] })
      }),
    )
  })

  it('are taken back alone, however often', () => {
    fc.assert(
      fc.property(policies, own, own, ({ text }, mine, theirs) => {
        const both = withStatements(withStatements(text, theirs).text, mine).text
        const { text: without } = withoutStatements(both, mine)
        const kept = withStatements(
          text,
          theirs.filter(statement => !mine.some(same(statement))),
        ).text
        expect(samePolicy(without, kept)).toBe(true)
        expect(withoutStatements(without, mine)).toEqual({ text: without, statements: [] })
      }),
    )
  })

  it('leave the text of others as it is, byte for byte', () => {
    const odd =
      '{"Version" : "2012-10-17",\n   "Statement":{ "Effect":"Allow","Action":"kms:*","n":1.50e3 , "u":"\\u0041"} }'
    const { text } = withStatements(odd, [snapshotSharingStatement(sharing('222233334444'))])
    expect(text).toContain('{ "Effect":"Allow","Action":"kms:*","n":1.50e3 , "u":"\\u0041"}')
    expect(statementsOf(text)).toHaveLength(2)
    const pretty = JSON.stringify({ Statement: [{ Sid: 'a' }] }, undefined, 2)
    const ours = snapshotSharingStatement(sharing('222233334444'))
    expect(withStatements(pretty, [ours]).text).toBe(
      JSON.stringify({ Statement: [{ Sid: 'a' }, ours] }, undefined, 2),
    )
  })

  it('are known by what they say, in whatever way', () => {
    const statement = snapshotSharingStatement(sharing('222233334444'))
    const rewritten = {
      Resource: ['*'],
      Action: ['KMS:createGrant', 'kms:Decrypt'],
      Sid: 'mine',
      Condition: {
        stringequals: {
          'KMS:CallerAccount': ['222233334444'],
          'kms:ViaService': 'ec2.eu-west-1.amazonaws.com',
        },
      },
      Principal: { AWS: ['222233334444'] },
      Effect: 'Allow',
    }
    const text = JSON.stringify({ Statement: [rewritten] })
    expect(withStatements(text, [statement]).statements).toEqual([])
    expect(statementsOf(withoutStatements(text, [statement]).text)).toEqual([])
  })

  it.each([
    ['another effect', { Effect: 'Deny' }],
    ['one more action', { Action: ['kms:Decrypt', 'kms:CreateGrant', 'kms:Encrypt'] }],
    ['one action less', { Action: 'kms:Decrypt' }],
    ['one more principal', { Principal: { AWS: ['222233334444', '333344445555'] } }],
    ['another kind of principal', { Principal: { Service: '222233334444' } }],
    ['no condition', { Condition: undefined }],
    ['an element of its own', { NotResource: 'x' }],
  ])('are not those with %s', (_, difference) => {
    const statement = snapshotSharingStatement(sharing('222233334444'))
    const text = JSON.stringify({ Statement: [{ ...statement, ...difference }] })
    expect(withoutStatements(text, [statement])).toEqual({ text, statements: [] })
    expect(withStatements(text, [statement]).statements.map(({ Sid }) => Sid)).toEqual([`${statement.Sid} 2`])
  })
})

function same(one: PolicyStatement) {
  const text = JSON.stringify({ Statement: [one] })
  return (other: PolicyStatement) => withStatements(text, [other]).statements.length === 0
}
