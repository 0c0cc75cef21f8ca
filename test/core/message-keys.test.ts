import { describe, expect, it } from 'vitest'
import { keyNameOf, namesKmsKey } from '../../src/core/message-keys.ts'

const key = (providerId: string, info: string | Buffer) => ({
  providerId,
  providerInfo: Buffer.from(info as string),
  ciphertext: Buffer.alloc(1),
})
const arn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b'
const rawAes = Buffer.concat([
  Buffer.from('my key'),
  Buffer.from('00000080' + '0000000c', 'hex'),
  Buffer.alloc(12, 9),
])

describe('the name of a wrapping key', () => {
  it.each([
    ['of KMS is its ARN', key('aws-kms', arn), arn],
    ['of a raw AES keyring has no IV in it', key('hsm', rawAes), 'hsm my key'],
    ['of another provider is what it says', key('hsm', 'my key'), 'hsm my key'],
    ['that is shorter than a suffix stays whole', key('hsm', 'x'), 'hsm x'],
    ['of KMS is not cut, whatever it ends in', key('aws-kms', rawAes), rawAes.toString('utf8')],
  ])('%s', (_what, made, name) => {
    expect(keyNameOf(made)).toBe(name)
  })
})

describe('a key that KMS may be asked for', () => {
  it.each([
    arn,
    'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1',
    'arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1',
    'arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/1',
  ])('is %s', name => {
    expect(namesKmsKey(key('aws-kms', name))).toBe(true)
  })

  it.each([
    ['aws-kms', 'alias/a'],
    ['aws-kms', 'arn:aws:kms:eu-west-1:111122223333:alias/a'],
    ['aws-kms', 'arn:aws:kms:example:111122223333:key/1'],
    ['aws-kms', 'arn:aws:kms:eu-west-1.evil.example:111122223333:key/1'],
    ['aws-kms', `${arn}\n`],
    ['aws-kms-rsa', 'alias/a'],
    ['other', arn],
  ])('is not %s %s', (provider, name) => {
    expect(namesKmsKey(key(provider, name))).toBe(false)
  })

  it('is of one of the accounts, if any are given', () => {
    expect(namesKmsKey(key('aws-kms', arn), [])).toBe(true)
    expect(namesKmsKey(key('aws-kms', arn), ['444455556666', '111122223333'])).toBe(true)
    expect(namesKmsKey(key('aws-kms', arn), ['444455556666'])).toBe(false)
  })
})
