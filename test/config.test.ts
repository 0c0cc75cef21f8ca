import { describe, expect, it } from 'vitest'
import type { ConfigInUse } from '../src/config/config-file.ts'
import { parseConfig } from '../src/config/parse-config.ts'
import {
  defaultContext,
  defaultKeys,
  requireMockDirectory,
  resolveSettings,
  wrappingKeys,
} from '../src/config.ts'

describe('settings', () => {
  it('have defaults', () => {
    expect(resolveSettings({}, {})).toEqual({
      backend: 'aws',
      backendFrom: { kind: 'default' },
      config: undefined,
      fileEndpointUrl: undefined,
      limits: {},
      region: undefined,
      regionTyped: false,
      profile: undefined,
      endpointUrl: undefined,
      allowHttp: false,
      keyIds: [],
      mockDirectory: undefined,
      mockPrincipal: 'arn:aws:iam::000000000000:root',
    })
  })

  it.each([
    [{ backend: 'aws' }, { KMSEAL_BACKEND: 'mock' }, 'aws', { kind: 'flag', name: '--backend' }],
    [{ backend: 'mock' }, {}, 'mock', { kind: 'flag', name: '--backend' }],
    [{}, { KMSEAL_BACKEND: 'mock' }, 'mock', { kind: 'variable', name: 'KMSEAL_BACKEND' }],
    [{}, { KMSEAL_BACKEND: '' }, 'aws', { kind: 'default' }],
  ] as const)(
    'take the backend from the flag, then the environment: %j %j',
    (flags, env, backend, backendFrom) => {
      expect(resolveSettings(flags, env)).toMatchObject({ backend, backendFrom })
    },
  )

  it('refuse another backend, saying where it was named', () => {
    expect(() => resolveSettings({ backend: 'hunter2' }, {})).toThrow(
      expect.objectContaining({ code: 'usage', message: '--backend is neither aws nor mock' }),
    )
    expect(() => resolveSettings({}, { KMSEAL_BACKEND: 'Mock' })).toThrow(
      expect.objectContaining({ code: 'usage', message: 'KMSEAL_BACKEND is neither aws nor mock' }),
    )
  })

  it.each([
    [
      { region: 'eu-west-1' },
      { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-west-2' },
      'eu-west-1',
      true,
    ],
    [{}, { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-east-1', false],
    [{}, { AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-2', false],
    [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-2', false],
    [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: '' }, undefined, false],
  ] as const)(
    'take the Region from the flag, AWS_REGION, AWS_DEFAULT_REGION: %j %j',
    (flags, env, region, regionTyped) => {
      expect(resolveSettings(flags, env)).toMatchObject({ region, regionTyped })
    },
  )

  it.each(['', 'EU-WEST-1', 'eu west', 'evil.example/', 'a'.repeat(64)])(
    'refuse the Region %j without repeating it',
    region => {
      expect(() => resolveSettings({ region }, {})).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: 'the Region is no Region name',
          hint: 'write it as eu-central-1',
        }),
      )
    },
  )

  it('take keys from KMSEAL_KEY_ID, separated by commas', () => {
    expect(resolveSettings({}, { KMSEAL_KEY_ID: ' alias/a, ,alias/b ' }).keyIds).toEqual([
      'alias/a',
      'alias/b',
    ])
  })

  it('take the principal of the mock, which must be an ARN', () => {
    const user = 'arn:aws:iam::111122223333:user/ann'
    expect(resolveSettings({}, { KMSEAL_MOCK_PRINCIPAL: user }).mockPrincipal).toBe(user)
    for (const wrong of ['ann', 'arn:aws:s3:::bucket', 'arn:aws:iam::1:root', `${user} x`]) {
      expect(() => resolveSettings({}, { KMSEAL_MOCK_PRINCIPAL: wrong })).toThrow(
        expect.objectContaining({ code: 'usage', message: 'KMSEAL_MOCK_PRINCIPAL is no principal ARN' }),
      )
    }
  })
})

describe('the folder of the mock', () => {
  it.each([
    [{ KMSEAL_MOCK_DIR: '/m', XDG_STATE_HOME: '/x', HOME: '/h' }, '/m'],
    [{ XDG_STATE_HOME: '/x', HOME: '/h' }, '/x/kmseal/mock'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/h' }, '/h/.local/state/kmseal/mock'],
    [{ KMSEAL_MOCK_DIR: '', XDG_STATE_HOME: '', HOME: '/h' }, '/h/.local/state/kmseal/mock'],
  ])('of %j is %s', (env, directory) => {
    expect(requireMockDirectory(resolveSettings({}, env))).toBe(directory)
  })

  it('must be known from somewhere', () => {
    for (const env of [{}, { HOME: '' }])
      expect(() => requireMockDirectory(resolveSettings({}, env))).toThrow(
        expect.objectContaining({
          code: 'failed',
          message: 'the mock has no place for its state: HOME is not set',
          hint: 'set KMSEAL_MOCK_DIR to a folder of your own',
        }),
      )
  })
})

describe('the keys to encrypt under', () => {
  const aws = resolveSettings({}, { KMSEAL_KEY_ID: 'alias/env' })
  const bare = resolveSettings({}, {})
  const mock = resolveSettings({ backend: 'mock' }, {})

  it('are those typed, then those of the environment, then the one of the mock', () => {
    expect(wrappingKeys(aws, ['alias/typed'])).toEqual(['alias/typed'])
    expect(wrappingKeys(aws, undefined)).toEqual(['alias/env'])
    expect(wrappingKeys(aws, [])).toEqual(['alias/env'])
    expect(wrappingKeys(mock, undefined)).toEqual(['alias/kmseal'])
  })

  it('must be named on aws', () => {
    expect(() => wrappingKeys(bare, undefined)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'no key was named',
        hint: 'name one with --key-id or KMSEAL_KEY_ID',
      }),
    )
  })
})

describe('a configuration file', () => {
  const { top, environments } = parseConfig(
    Buffer.from(`
backend: mock
region: eu-west-1
profile: team
endpoint-url: http://127.0.0.1:1
key-id: alias/file
encryption-context: {app: shop}
max-frame-length: 1000
cache-max-age: 5
rules: [{parameters: /p/*, key-id: alias/rule}]
environments: {prod: {region: eu-west-3, max-frame-length: 2000}}
`),
    'yaml',
  )
  const file = { path: '/p/kmseal.config.yaml', folder: '/p', namedBy: undefined, environment: undefined }
  const config: ConfigInUse = { ...file, layers: [top] }
  const prod = environments.get('prod')
  const inProd: ConfigInUse = { ...file, layers: [...(prod === undefined ? [] : [prod]), top] }

  it('counts before the defaults', () => {
    expect(resolveSettings({}, {}, config)).toMatchObject({
      backend: 'mock',
      backendFrom: { kind: 'file', path: '/p/kmseal.config.yaml', environment: undefined },
      region: 'eu-west-1',
      regionTyped: false,
      profile: 'team',
      endpointUrl: undefined,
      fileEndpointUrl: 'http://127.0.0.1:1',
      limits: { maxFrameLength: 1000, cacheMaxAge: 5 },
    })
  })

  it('counts after the environment, and that after the flags', () => {
    const env = { KMSEAL_BACKEND: 'aws', AWS_DEFAULT_REGION: 'us-west-2', AWS_PROFILE: 'mine' }
    expect(resolveSettings({}, env, config)).toMatchObject({
      backend: 'aws',
      region: 'us-west-2',
      // The SDK reads AWS_PROFILE by itself.
      profile: undefined,
    })
    const flags = { backend: 'mock', region: 'us-east-2', profile: 'typed', endpointUrl: 'https://typed' }
    expect(resolveSettings(flags, env, config)).toMatchObject({
      ...flags,
      regionTyped: true,
      fileEndpointUrl: undefined,
    })
  })

  it.each([
    'AWS_ACCESS_KEY_ID',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ])('names no profile where %s gives an identity', name => {
    expect(resolveSettings({}, { [name]: 'x' }, config).profile).toBeUndefined()
    expect(resolveSettings({ profile: 'typed' }, { [name]: 'x' }, config).profile).toBe('typed')
  })

  it('is overlaid by its environment', () => {
    expect(resolveSettings({}, {}, inProd)).toMatchObject({
      backend: 'mock',
      region: 'eu-west-3',
      limits: { maxFrameLength: 2000, cacheMaxAge: 5 },
    })
  })

  it('gives keys after KMSEAL_KEY_ID, by path', () => {
    const settings = resolveSettings({}, {}, config)
    expect(wrappingKeys(settings, ['alias/typed'], { parameter: '/p/a' })).toEqual(['alias/typed'])
    expect(wrappingKeys(settings, undefined, { parameter: '/p/a' })).toEqual(['alias/rule'])
    expect(wrappingKeys(settings, undefined, { parameter: '/q/a' })).toEqual(['alias/file'])
    expect(defaultKeys(settings)).toEqual(['alias/file'])
    const withVariable = resolveSettings({}, { KMSEAL_KEY_ID: 'alias/env' }, config)
    expect(wrappingKeys(withVariable, undefined, { parameter: '/p/a' })).toEqual(['alias/env'])
  })

  it('gives a context', () => {
    expect({ ...defaultContext(resolveSettings({}, {}, config)) }).toEqual({ app: 'shop' })
    expect(defaultContext(resolveSettings({}, {}))).toBeUndefined()
  })
})
