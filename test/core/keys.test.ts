/** What the key operations check before KMS is asked. */

import { describe, expect, it } from 'vitest'
import { checkAliasName } from '../../src/core/aliases.ts'
import { parseTags } from '../../src/core/create-key.ts'

describe('checkAliasName', () => {
  it.each(['alias/a', 'alias/App_1/prod-x', `alias/${'x'.repeat(250)}`])('takes %s', name => {
    expect(checkAliasName(name)).toBe(name)
  })

  it.each([
    ['', /begins with alias/],
    ['app', /begins with alias/],
    ['alias/', /letters, digits/],
    ['alias/a b', /letters, digits/],
    ['alias/a:b', /letters, digits/],
    ['alias/é', /letters, digits/],
    ['alias/aws/ebs', /belong to AWS managed keys/],
    [`alias/${'x'.repeat(251)}`, /at most 256/],
    ['arn:aws:kms:eu-west-1:111122223333:alias/a', /by its name, not its ARN/],
  ])('refuses %j', (name, message) => {
    expect(() => checkAliasName(name)).toThrowError(message)
    expect(() => checkAliasName(name)).toThrowError(expect.objectContaining({ code: 'usage' }))
  })
})

describe('parseTags', () => {
  it('splits at the first equals sign, and takes empty values', () => {
    expect(parseTags(['a=b', 'c=', 'url=x=y'])).toEqual([
      { TagKey: 'a', TagValue: 'b' },
      { TagKey: 'c', TagValue: '' },
      { TagKey: 'url', TagValue: 'x=y' },
    ])
  })

  it.each<[string, string[], RegExp]>([
    ['a tag without =', ['hunter2'], /not KEY=VALUE/],
    ['an empty key', ['=hunter2'], /not KEY=VALUE/],
    ['a reserved key', ['AWS:x=hunter2'], /reserved for AWS/],
    ['a key of 129 characters', [`${'k'.repeat(129)}=hunter2`], /more than 128/],
    ['a value of 257 characters', [`k=hunter2${'v'.repeat(250)}`], /more than 256/],
    ['a key twice', ['a=hunter2', 'a=c'], /given twice/],
    ['51 tags', Array.from({ length: 51 }, (_, index) => `k${index}=hunter2`), /at most 50/],
  ])('refuses %s without quoting it', (_what, tags, message) => {
    expect(() => parseTags(tags)).toThrowError(message)
    expect(() => parseTags(tags)).toThrowError(expect.objectContaining({ code: 'usage' }))
    expect(() => parseTags(tags)).not.toThrowError(/hunter2/)
  })
})
