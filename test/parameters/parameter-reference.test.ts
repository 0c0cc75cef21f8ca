import { describe, expect, it } from 'vitest'
import {
  describeReference,
  parseParameterReference,
  referenceKey,
  regionOfReference,
} from '../../src/parameters/parameter-reference.ts'

const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/a/b'

describe('parseParameterReference', () => {
  it.each([
    ['/a/b', { name: '/a/b', selector: undefined, arn: undefined, region: undefined }],
    ['x', { name: '/x', selector: undefined, arn: undefined, region: undefined }],
    ['/a/b:3', { name: '/a/b', selector: '3', arn: undefined, region: undefined }],
    ['x:prod', { name: '/x', selector: 'prod', arn: undefined, region: undefined }],
    [arn, { name: '/a/b', selector: undefined, arn, region: 'eu-west-1' }],
    [`${arn}:3`, { name: '/a/b', selector: '3', arn, region: 'eu-west-1' }],
    [
      'arn:aws-cn:ssm:cn-north-1:123456789012:parameter/x:prod',
      {
        name: '/x',
        selector: 'prod',
        arn: 'arn:aws-cn:ssm:cn-north-1:123456789012:parameter/x',
        region: 'cn-north-1',
      },
    ],
    [
      'arn:aws:ssm:us-east-1::parameter/aws/service/x',
      {
        name: '/aws/service/x',
        selector: undefined,
        arn: 'arn:aws:ssm:us-east-1::parameter/aws/service/x',
        region: 'us-east-1',
      },
    ],
    [
      '/aws/reference/secretsmanager/a+b=c@d',
      {
        name: '/aws/reference/secretsmanager/a+b=c@d',
        selector: undefined,
        arn: undefined,
        region: undefined,
      },
    ],
  ])('parses %s', (text, parts) => {
    expect(parseParameterReference(text)).toEqual({ text, ...parts })
  })

  it.each([
    '',
    ':3',
    '/a:',
    '/a:1:2',
    '/a:pr od',
    'a/b',
    'a/b:1',
    '/a//b',
    'C:/Program Files/Git/a',
    'arn:aws:ssm:us-east-1:123456789012:parameter/',
    'arn:aws:ssm:us-east-1:123456789012:document/x',
    'arn:aws:ssm:us-east-1:12345:parameter/x',
    'arn:aws:ssm:evil.example:123456789012:parameter/x',
    'arn:aws:ssm:evil-example:123456789012:parameter/x',
    'arn:aws:kms:us-east-1:123456789012:key/x',
    `${arn}:`,
  ])('refuses "%s"', text => {
    expect(() => parseParameterReference(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('referenceKey', () => {
  it('is the same for two spellings of one parameter, and differs by version and by ARN', () => {
    const key = (text: string): string => referenceKey(parseParameterReference(text))
    expect(key('x')).toBe(key('/x'))
    expect(new Set([key('/a/b'), key('/a/b:1'), key('/a/b:2'), key(arn), key(`${arn}:1`)]).size).toBe(5)
  })
})

describe('describeReference', () => {
  it.each([
    ['/a/b', 'parameter /a/b'],
    ['/a/b:3', 'version 3 of parameter /a/b'],
    ['/a/b:prod', 'label prod of parameter /a/b'],
    [`${arn}:3`, `version 3 of parameter ${arn}`],
  ])('calls %s %s', (text, words) => {
    expect(describeReference(parseParameterReference(text))).toBe(words)
  })
})

describe('regionOfReference', () => {
  it('follows the ARN whatever the environment says, and refuses a typed Region that contradicts it', () => {
    const reference = parseParameterReference(arn)
    expect(regionOfReference(reference, { region: 'us-east-1', regionTyped: false })).toBe('eu-west-1')
    expect(regionOfReference(reference, { region: 'eu-west-1', regionTyped: true })).toBe('eu-west-1')
    expect(() => regionOfReference(reference, { region: 'us-east-1', regionTyped: true })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
    expect(
      regionOfReference(parseParameterReference('/a'), { region: 'x', regionTyped: true }),
    ).toBeUndefined()
  })
})
