import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig } from '../../src/config/parse-config.ts'

const parse = (text: string, format: 'json' | 'yaml' = 'yaml') => parseConfig(Buffer.from(text), format)

const whole = {
  $schema: './kmseal.config.schema.json',
  backend: 'mock',
  region: 'eu-central-1',
  profile: 'team a',
  'endpoint-url': 'http://127.0.0.1:4566',
  'key-id': 'alias/app',
  'encryption-context': { app: 'shop', '0': 'zero' },
  'max-encrypted-data-keys': 3,
  'max-frame-length': 4096,
  'cache-max-age': 10,
  'cache-max-bytes': 1000,
  'cache-max-messages': 2,
  rules: [
    { files: '*.env', 'key-id': ['alias/a', 'alias/b'] },
    { parameters: ['/app/**', '/other/*'], 'encryption-context': { from: 'rule' } },
  ],
  environments: { prod: { region: 'eu-west-1', rules: [{ files: ['x'], 'key-id': 'alias/x' }] }, empty: {} },
}

describe('a configuration file', () => {
  it.each([
    ['json', JSON.stringify(whole)],
    ['yaml', stringify(whole)],
    ['yaml', JSON.stringify(whole)],
  ] as const)('is read as %s', (format, text) => {
    const { top, environments } = parse(text, format)
    expect(top).toMatchObject({
      environment: undefined,
      backend: 'mock',
      region: 'eu-central-1',
      profile: 'team a',
      endpointUrl: 'http://127.0.0.1:4566',
      keyIds: ['alias/app'],
      limits: {
        maxEncryptedDataKeys: 3,
        maxFrameLength: 4096,
        cacheMaxAge: 10,
        cacheMaxBytes: 1000,
        cacheMaxMessages: 2,
      },
      rules: [
        { files: ['*.env'], parameters: [], keyIds: ['alias/a', 'alias/b'] },
        { files: [], parameters: ['/app/**', '/other/*'] },
      ],
    })
    expect({ ...top.encryptionContext }).toEqual({ app: 'shop', '0': 'zero' })
    expect([...environments.keys()]).toEqual(['prod', 'empty'])
    expect(environments.get('prod')).toMatchObject({ environment: 'prod', region: 'eu-west-1' })
    expect(environments.get('empty')).toEqual({ environment: 'empty', limits: {}, rules: [] })
  })

  it.each([
    ['backend: hunter2', 'line 1 of the file sets backend to what is not aws or mock'],
    [
      'backend: aws\nregion: "hunter2 hunter2"',
      'line 2 of the file sets region to what is not a Region name',
    ],
    ['hunter2: 1', 'line 1 of the file has a name that is no setting'],
    ['profile:\n  - hunter2', 'line 1 of the file sets profile to what is not the name of a profile'],
    ['endpoint-url: https://user:hunter2@host', 'line 1 of the file sets endpoint-url to what is not a URL'],
    ['endpoint-url: file:///hunter2', 'to what is not a URL'],
    ['key-id: "-hunter2"', 'line 1 of the file sets key-id to what is not a key id'],
    ['key-id: []', 'line 1 of the file sets key-id to what is not'],
    [
      'key-id:\n  - alias/a\n  - "hunter2 "',
      'line 3 of the file sets key-id in a list to what is not a key id',
    ],
    [
      'encryption-context:\n  a: 007',
      'line 2 of the file sets a value in encryption-context to what is not text',
    ],
    ['encryption-context:\n  aws-crypto-x: hunter2', 'line 2 of the file has a name in encryption-context'],
    ['encryption-context: {"": hunter2}', 'has a name in encryption-context that is not a key'],
    ['max-frame-length: 0', 'line 1 of the file sets max-frame-length to what is not a whole number'],
    ['max-frame-length: 1.5', 'max-frame-length to what is not'],
    ['cache-max-age: "60"', 'cache-max-age to what is not a whole number of seconds'],
    [
      'rules:\n  - key-id: alias/a',
      'line 2 of the file sets a rule to what is not a rule with files or parameters',
    ],
    ['rules:\n  - files: hunter2', 'line 2 of the file sets a rule to what is not'],
    ['environments:\n  "hunter2 x": {}', 'line 2 of the file has a name in environments that is not a name'],
    ['environments:\n  prod:\n    environments: {}', 'line 3 of the file has a name that is no setting'],
    [
      'environments:\n  prod: hunter2',
      'line 2 of the file sets an environment to what is not a map of settings',
    ],
    ['- hunter2', 'line 1 of the file begins no map of settings'],
    ['', 'line 1 of the file begins no map of settings'],
    ['hunter2', 'line 1 of the file begins no map of settings'],
    ['__proto__: {backend: mock}', 'line 1 of the file has a name that is no setting'],
    ['toString: 1', 'line 1 of the file has a name that is no setting'],
  ])('with %j is refused by line, and not quoted', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    )
    expect(() => parse(text)).not.toThrow(/hunter2/)
  })

  it('must be UTF-8', () => {
    expect(() => parseConfig(Uint8Array.of(0x61, 0xff), 'yaml')).toThrow('the file is not text in UTF-8')
  })

  it('keeps pairs with odd names as they are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.constantFrom('__proto__', 'constructor'),
            fc.string({ unit: 'grapheme', minLength: 1 }),
          ),
          fc.string({ unit: 'grapheme' }),
        ),
        pairs => {
          fc.pre(Object.keys(pairs).every(key => /^(?!aws-crypto-).+$/u.test(key)))
          const { top } = parse(JSON.stringify({ 'encryption-context': pairs }), 'json')
          expect(Object.entries(top.encryptionContext ?? {})).toEqual(Object.entries(pairs))
        },
      ),
      { numRuns: 200 },
    )
  })
})
