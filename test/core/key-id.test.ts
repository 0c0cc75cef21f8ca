import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkKeyId, isRegionName, parseKeyArn, regionOfKey } from '../../src/core/key-id.ts'

const id = '0a1b2c3d-0000-4000-8000-000000000001'
const partitions = [
  ['aws', 'eu-central-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-iso', 'us-iso-east-1'],
  ['aws-iso-b', 'us-isob-east-1'],
  ['aws-iso-e', 'eu-isoe-west-1'],
  ['aws-eusc', 'eusc-de-east-1'],
] as const

describe('a key ARN', () => {
  it.each(partitions)('of partition %s is taken apart', (partition, region) => {
    for (const resource of [`key/${id}`, 'key/mrk-1234abcd', 'alias/app', 'alias/a/b_c:d-e']) {
      expect(parseKeyArn(`arn:${partition}:kms:${region}:111122223333:${resource}`)).toEqual({
        partition,
        region,
        account: '111122223333',
        resource,
      })
    }
    expect(isRegionName(region)).toBe(true)
  })

  it('is taken apart into what it was made of', () => {
    const part = (pattern: RegExp) => fc.stringMatching(pattern)
    fc.assert(
      fc.property(
        part(/^aws[a-z-]{0,8}$/),
        part(/^[a-z0-9-]{1,20}$/),
        part(/^\d{12}$/),
        part(/^(key|alias)\/[A-Za-z0-9:/_-]{1,40}$/),
        (partition, region, account, resource) => {
          const parsed = parseKeyArn(`arn:${partition}:kms:${region}:${account}:${resource}`)
          expect(parsed).toEqual({ partition, region, account, resource })
        },
      ),
    )
  })

  it.each([
    '',
    id,
    'alias/app',
    `arn:aws:kms:eu-central-1:11112222333:key/${id}`,
    `arn:aws:kms:eu-central-1:1111222233334:key/${id}`,
    `arn:aws:kms::111122223333:key/${id}`,
    `arn:aws:s3:eu-central-1:111122223333:key/${id}`,
    `arn:azure:kms:eu-central-1:111122223333:key/${id}`,
    'arn:aws:kms:eu-central-1:111122223333:key/',
    'arn:aws:kms:eu-central-1:111122223333:grant/x',
    `arn:aws:kms:eu-central-1:111122223333:key/${id}\n`,
    `arn:aws:kms:evil.example.com/:111122223333:key/${id}`,
    ` arn:aws:kms:eu-central-1:111122223333:key/${id}`,
  ])('is not seen in %j', text => {
    expect(parseKeyArn(text)).toBeUndefined()
  })
})

describe('a key id', () => {
  it.each([
    id,
    'mrk-1234abcd',
    'alias/app',
    'alias/aws/ssm',
    `arn:aws:kms:eu-central-1:111122223333:key/${id}`,
    'arn:aws-cn:kms:cn-north-1:111122223333:alias/a',
  ])('may be %s', text => {
    expect(checkKeyId(text)).toBe(text)
  })

  it.each([
    ['', 'a key id is empty'],
    ['arn:aws:kms:eu-central-1:1:key/x', 'a key id begins like an ARN but is no ARN of a KMS key or alias'],
    ['--region', 'a key id has characters that no key id has'],
    ['two words', 'a key id has characters that no key id has'],
    ['alias/é', 'a key id has characters that no key id has'],
    ['alias/a\n', 'a key id has characters that no key id has'],
    ['a'.repeat(2049), 'a key id has characters that no key id has'],
  ])('is refused as %j, without repeating it', (text, message) => {
    expect(() => checkKeyId(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message,
        hint: 'give a key id, alias/NAME, a key ARN or an alias ARN',
      }),
    )
  })

  it('is passed on unchanged or refused as usage, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), text => {
        try {
          expect(checkKeyId(text)).toBe(text)
          expect(text).toMatch(/^[A-Za-z0-9:/_][A-Za-z0-9:/_-]*$/)
        } catch (error) {
          if ((error as Error).name !== 'KmsealError') throw error
          expect(error).toMatchObject({ code: 'usage' })
        }
      }),
    )
  })
})

describe('the Region of a request', () => {
  const arn = `arn:aws:kms:eu-central-1:111122223333:key/${id}`

  it.each(partitions)(
    'is that of the key ARN in partition %s, whatever the environment says',
    (partition, region) => {
      for (const resource of [`key/${id}`, 'alias/app']) {
        const key = `arn:${partition}:kms:${region}:111122223333:${resource}`
        expect(regionOfKey(key, { region: 'us-east-1', regionTyped: false })).toBe(region)
        expect(regionOfKey(key, { region: undefined, regionTyped: false })).toBe(region)
      }
    },
  )

  it('is left open for ids and aliases', () => {
    for (const key of [id, 'alias/app'])
      expect(regionOfKey(key, { region: 'us-east-1', regionTyped: true })).toBeUndefined()
  })

  it('may be typed when it is the same, and is refused when it contradicts the ARN', () => {
    expect(regionOfKey(arn, { region: 'eu-central-1', regionTyped: true })).toBe('eu-central-1')
    expect(() => regionOfKey(arn, { region: 'us-east-1', regionTyped: true })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: '--region us-east-1 contradicts the key ARN, which is in eu-central-1',
        hint: 'leave --region away: a key ARN says where its key is',
      }),
    )
  })
})

it.each([
  '',
  'eu',
  'eu-central',
  'EU-central-1',
  'eu-central-1.evil.example',
  '127.0.0.1',
  'a-b-c-d-e-1',
  'eu-central-123',
  'evil',
  '-eu-1',
  '169-254-1',
])('takes %j for no Region name', text => {
  expect(isRegionName(text)).toBe(false)
})
