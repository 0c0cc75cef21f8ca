import { describe, expect, it } from 'vitest'
import { defaultFor } from '../../src/config/config-defaults.ts'
import type { ConfigInUse, ConfigLayer } from '../../src/config/config-file.ts'
import { parseConfig } from '../../src/config/parse-config.ts'

const { top, environments } = parseConfig(
  Buffer.from(`
key-id: alias/top
encryption-context: {of: top}
rules:
  - files: 'secrets/*'
    key-id: alias/secrets
  - files: ['secrets/**', '*.pem']
    parameters: /app/**
    key-id: alias/second
    encryption-context: {of: second}
environments:
  plain: {}
  keyed: {key-id: alias/keyed}
  ruled:
    rules: [{parameters: '/app/db/*', key-id: alias/ruled}]
`),
  'yaml',
)

function inUse(...layers: (ConfigLayer | undefined)[]): ConfigInUse {
  return {
    path: '/project/kmseal.config.yaml',
    folder: '/project',
    namedBy: undefined,
    environment: undefined,
    layers: layers.filter(layer => layer !== undefined),
  }
}

const bare = inUse(top)

describe('keys and context by path', () => {
  it.each([
    [{}, 'alias/top', 'top'],
    [{ file: '/project/readme' }, 'alias/top', 'top'],
    [{ file: '/project/secrets/a' }, 'alias/secrets', 'top'],
    [{ file: '/project/secrets/below/a' }, 'alias/second', 'second'],
    [{ file: '/project/x/key.pem' }, 'alias/second', 'second'],
    [{ file: '/project/../project/x/../secrets/a' }, 'alias/secrets', 'top'],
    [{ file: '/elsewhere/secrets/a' }, 'alias/top', 'top'],
    [{ file: '/elsewhere/key.pem' }, 'alias/top', 'top'],
    [{ parameter: '/app/x' }, 'alias/second', 'second'],
    [{ parameter: '/secrets/a' }, 'alias/top', 'top'],
  ])('of %j are those of the first rule that matches', (target, key, of) => {
    expect(defaultFor(bare, 'keyIds', target)?.value).toEqual([key])
    expect({ ...defaultFor(bare, 'encryptionContext', target)?.value }).toEqual({ of })
  })

  it.each([
    ['plain', {}, 'alias/top', undefined, undefined],
    ['plain', { file: '/project/secrets/a' }, 'alias/secrets', undefined, 1],
    // What an environment says is never beaten by a rule of the top level.
    ['keyed', { file: '/project/secrets/a' }, 'alias/keyed', 'keyed', undefined],
    ['ruled', { parameter: '/app/db/url' }, 'alias/ruled', 'ruled', 1],
    ['ruled', { parameter: '/app/x' }, 'alias/second', undefined, 2],
  ])('in the environment %s, %j', (name, target, key, environment, rule) => {
    const config = inUse(environments.get(name), top)
    expect(defaultFor(config, 'keyIds', target)).toEqual({ value: [key], environment, rule })
  })

  it('are absent where nobody says anything', () => {
    expect(defaultFor(inUse(environments.get('plain')), 'keyIds', {})).toBeUndefined()
  })
})
