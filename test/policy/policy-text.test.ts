/** What counts as a key policy before KMS sees it. */

import { describe, expect, it } from 'vitest'
import { checkPolicyText, maximumPolicyBytes } from '../../src/policy/policy-text.ts'
import { isAwsManagedAlias, refuseAwsManagedKey } from '../../src/policy/shared-key.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('checkPolicyText', () => {
  it('gives the text back as it was written', () => {
    const text = '{ "Version": "2012-10-17",\r\n\t"Statement": [], "Id": "\u00fc" }\n'
    expect(checkPolicyText(bytes(text))).toBe(text)
  })

  it('takes a policy of the largest size, and not a byte more', () => {
    const largest = `{"Id":"${'x'.repeat(maximumPolicyBytes - 9)}"}`
    expect(checkPolicyText(bytes(largest))).toHaveLength(maximumPolicyBytes)
    expect(() => checkPolicyText(bytes(`${largest}\n`))).toThrowError(/larger than 32768 bytes/)
  })

  it.each([
    ['nothing', bytes(''), /not JSON/],
    ['text that is no JSON', bytes('hunter2'), /not JSON/],
    ['a list', bytes('[]'), /no object/],
    ['null', bytes('null'), /no object/],
    ['a string', bytes('"x"'), /no object/],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), /not UTF-8/],
    ['a member twice', bytes('{"Id":"hunter2","Id":"x"}'), /names a member twice/],
    [
      'what is too large with escapes',
      bytes(`{"Id":"${'\u20ac'.repeat(10_000)}"}`),
      /larger than 32768 bytes with/,
    ],
  ])('refuses %s without quoting it', (_what, input, message) => {
    const attempt = (): unknown => checkPolicyText(input)
    expect(attempt).toThrowError(message)
    expect(attempt).toThrowError(expect.objectContaining({ code: 'usage' }))
    expect(attempt).not.toThrowError(/hunter2/)
  })
})

describe('AWS managed keys', () => {
  it.each(['alias/aws/ebs', 'arn:aws:kms:eu-central-1:111122223333:alias/aws/rds'])(
    'are known by %s',
    keyId => {
      expect(isAwsManagedAlias(keyId)).toBe(true)
      expect(() => refuseAwsManagedKey(keyId)).toThrowError(expect.objectContaining({ code: 'failed' }))
      expect(() => refuseAwsManagedKey(keyId)).toThrowError(/AWS managed key.*nobody can change it/)
    },
  )

  it.each(['alias/awsome', 'alias/app/aws/ebs', '1234abcd-12ab-34cd-56ef-1234567890ab'])(
    'are not %s',
    keyId => {
      expect(isAwsManagedAlias(keyId)).toBe(false)
      expect(() => refuseAwsManagedKey(keyId)).not.toThrow()
    },
  )
})
