import { describe, expect, it } from 'vitest'
import { requireMockDirectory, resolveSettings, wrappingKeys } from '../src/config.ts'

describe('settings', () => {
  it('have defaults', () => {
    expect(resolveSettings({}, {})).toEqual({
      backend: 'aws',
      backendFrom: 'default',
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
    [{ backend: 'aws' }, { KMSEAL_BACKEND: 'mock' }, 'aws', 'flag'],
    [{ backend: 'mock' }, {}, 'mock', 'flag'],
    [{}, { KMSEAL_BACKEND: 'mock' }, 'mock', 'environment'],
    [{}, { KMSEAL_BACKEND: '' }, 'aws', 'default'],
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
