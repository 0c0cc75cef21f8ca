import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms'
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  ListTagsForResourceCommand,
  type ParameterMetadata,
} from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PutParameterRequest, putParameter } from '../../src/parameters/put-parameter.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
  const kms = await mock.kms.client()
  for (const alias of ['alias/app', 'alias/other', 'alias/off']) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }))
    if (alias === 'alias/off') await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  }
  const rsa = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/rsa', TargetKeyId: rsa.KeyMetadata?.KeyId }))
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.requests.length = 0
  mock.refusals.clear()
  mock.before.clear()
})

let names = 0
/** A name that no other test uses. */
const freshName = (): string => {
  names += 1
  return `/test/p${names}`
}

function put(name: string, value: string, options: Partial<PutParameterRequest> = {}) {
  return putParameter({
    ssm: mock.ssm,
    kms: mock.kms,
    name,
    value,
    what: 'value',
    type: undefined,
    keyId: undefined,
    defaultKeyId: undefined,
    description: undefined,
    tier: undefined,
    allowedPattern: undefined,
    dataType: undefined,
    tags: [],
    overwrite: false,
    forceWrite: false,
    ...options,
  })
}

async function describeOne(name: string): Promise<ParameterMetadata | undefined> {
  const filters = [{ Key: 'Name', Values: [name] }]
  return (await mock.ssm.send(new DescribeParametersCommand({ ParameterFilters: filters }))).Parameters?.[0]
}

async function storedValue(name: string): Promise<string | undefined> {
  return (await mock.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value
}

const operations = (): string[] => mock.requests.map(({ operation }) => operation)
const sent = (operation: string) => mock.requests.filter(request => request.operation === operation)

describe('a new parameter', () => {
  it('is a SecureString under the default key of the account', async () => {
    const name = freshName()
    expect(await put(name, 'v')).toEqual({ Name: name, Version: 1, Tier: 'Standard', Changed: true })
    expect(await describeOne(name)).toMatchObject({ Type: 'SecureString', KeyId: 'alias/aws/ssm' })
    expect(await storedValue(name)).toBe('v')
  })

  it('takes the named key rather than the default one', async () => {
    const [first, second] = [freshName(), freshName()]
    await put(first, 'v', { defaultKeyId: 'alias/other' })
    await put(second, 'v', { defaultKeyId: 'alias/other', keyId: 'alias/app' })
    expect(await describeOne(first)).toMatchObject({ KeyId: 'alias/other' })
    expect(await describeOne(second)).toMatchObject({ KeyId: 'alias/app' })
  })

  it('without encryption takes no key: the default one is left out, a named one refused', async () => {
    const name = freshName()
    await put(name, 'v', { type: 'StringList', defaultKeyId: 'alias/other' })
    expect(await describeOne(name)).toMatchObject({ Type: 'StringList' })
    mock.requests.length = 0
    await expect(put(freshName(), 'v', { type: 'String', keyId: 'alias/app' })).rejects.toMatchObject({
      code: 'usage',
    })
    expect(mock.requests).toEqual([])
  })

  it('is refused when it exists, with what to do', async () => {
    const name = freshName()
    await put(name, 'v')
    await expect(put(name, 'w')).rejects.toMatchObject({
      code: 'exists',
      message: expect.stringContaining(name),
      hint: expect.stringContaining('--overwrite'),
    })
    expect(await storedValue(name)).toBe('v')
  })

  it('gets its tags in the same request, with or without overwrite', async () => {
    for (const overwrite of [false, true]) {
      const name = freshName()
      mock.requests.length = 0
      await put(name, 'v', { tags: [{ Key: 'Env', Value: 'prod' }], overwrite })
      expect(operations().filter(operation => operation !== 'DescribeParameters')).toEqual(['PutParameter'])
      expect(sent('PutParameter')[0]?.input).toMatchObject({ Tags: [{ Key: 'Env', Value: 'prod' }] })
      expect(sent('PutParameter')[0]?.input).not.toHaveProperty('Overwrite')
    }
  })

  it('that someone else creates meanwhile keeps the type and key that they chose', async () => {
    const name = freshName()
    mock.before.set('PutParameter', () => put(name, 'theirs', { keyId: 'alias/app' }))
    const result = await put(name, 'ours', { overwrite: true })
    expect(result.Version).toBe(2)
    expect(await describeOne(name)).toMatchObject({ KeyId: 'alias/app' })
  })

  it('refuses a key ARN of another Region before any request', async () => {
    const keyId = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'
    await expect(put(freshName(), 'v', { keyId })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/eu-west-1.*us-east-1/),
    })
    expect(mock.requests).toEqual([])
  })
})

describe('an overwrite', () => {
  it('keeps the key through several overwrites, and sends it again each time', async () => {
    const name = freshName()
    await put(name, 'v1', { keyId: 'alias/app' })
    await put(name, 'v2', { overwrite: true })
    await put(name, 'v3', { overwrite: true, defaultKeyId: 'alias/other' })
    expect(sent('PutParameter').map(({ input }) => input.KeyId)).toEqual([
      'alias/app',
      'alias/app',
      'alias/app',
    ])
    const { Parameters } = await mock.ssm.send(new GetParameterHistoryCommand({ Name: name }))
    expect(Parameters?.map(({ KeyId }) => KeyId)).toEqual(['alias/app', 'alias/app', 'alias/app'])
  })

  it('goes back to the default key only when that is named', async () => {
    const name = freshName()
    await put(name, 'v1', { keyId: 'alias/app' })
    const result = await put(name, 'v1', { overwrite: true, keyId: 'alias/aws/ssm' })
    expect(result).toMatchObject({ Version: 2, Changed: true })
    expect(await describeOne(name)).toMatchObject({ KeyId: 'alias/aws/ssm' })
  })

  it('keeps type, description, pattern and tier', async () => {
    const name = freshName()
    const kept = { description: 'of old', allowedPattern: '^v.*$' }
    await put(name, 'v1', { type: 'String', tier: 'Advanced', ...kept })
    await put(name, 'v2', { overwrite: true })
    expect(await describeOne(name)).toMatchObject({
      Type: 'String',
      Tier: 'Advanced',
      Description: 'of old',
      AllowedPattern: '^v.*$',
      Version: 2,
    })
    // Whether the service keeps these by itself is not documented, so they are sent again.
    expect(sent('PutParameter').at(-1)?.input).toMatchObject({
      Description: 'of old',
      AllowedPattern: '^v.*$',
    })
  })

  it('keeps a data type other than text', async () => {
    const name = freshName()
    await put(name, 'ami-12345678', { type: 'String', dataType: 'aws:ec2:image' })
    await put(name, 'ami-87654321', { overwrite: true })
    expect(sent('PutParameter').at(-1)?.input).toMatchObject({ DataType: 'aws:ec2:image' })
    expect(await describeOne(name)).toMatchObject({ DataType: 'aws:ec2:image', Version: 2 })
  })

  it('changes the type when told so, with the default key for what becomes a SecureString', async () => {
    const name = freshName()
    await put(name, 'v1', { type: 'String' })
    await put(name, 'v1', { overwrite: true, type: 'SecureString', defaultKeyId: 'alias/app' })
    expect(await describeOne(name)).toMatchObject({ Type: 'SecureString', KeyId: 'alias/app', Version: 2 })
  })

  it('refuses a key for a parameter that is a String', async () => {
    const name = freshName()
    await put(name, 'v1', { type: 'String' })
    await expect(put(name, 'v2', { overwrite: true, keyId: 'alias/app' })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--type SecureString'),
    })
    expect(await storedValue(name)).toBe('v1')
  })

  it.each([
    ['AccessDeniedException', 'denied'],
    ['ValidationException', 'failed'],
  ])('writes nothing when the present key cannot be looked up (%s)', async (refusal, code) => {
    const name = freshName()
    await put(name, 'v1', { keyId: 'alias/app' })
    mock.requests.length = 0
    mock.refusals.set('DescribeParameters', { name: refusal, message: 'no' })
    await expect(put(name, 'v2', { overwrite: true })).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/--type.*--key-id/),
    })
    // A type alone is not enough for a SecureString.
    await expect(put(name, 'v2', { overwrite: true, type: 'SecureString' })).rejects.toMatchObject({ code })
    expect(new Set(operations())).toEqual(new Set(['DescribeParameters']))
  })

  it('writes what was named in full when looking up is denied', async () => {
    const name = freshName()
    await put(name, 'v1', { keyId: 'alias/app' })
    mock.refusals.set('DescribeParameters', { name: 'AccessDeniedException' })
    const tags = [{ Key: 'a', Value: 'b' }]
    const result = await put(name, 'v2', {
      overwrite: true,
      type: 'SecureString',
      keyId: 'alias/other',
      tags,
    })
    expect(result.Version).toBe(2)
    expect(operations().slice(-2)).toEqual(['PutParameter', 'AddTagsToResource'])
  })

  it('does not take a failing network for a missing permission', async () => {
    mock.refusals.set('DescribeParameters', { name: 'InternalServerError', status: 500 })
    await expect(put(freshName(), 'v', { overwrite: true, type: 'String' })).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(sent('PutParameter')).toEqual([])
  })

  it('finds the parameter behind empty and short pages', async () => {
    const name = freshName()
    await put(name, 'v1', { keyId: 'alias/app' })
    const pages = [
      { Parameters: [], NextToken: 'one' },
      { NextToken: 'two' },
      {
        Parameters: [
          {
            Name: name,
            Type: 'SecureString' as const,
            KeyId: 'alias/app',
            Version: 1,
            Tier: 'Standard' as const,
          },
        ],
      },
    ]
    const tokens: unknown[] = []
    mock.ssm.middlewareStack.add(
      (next, context) => async args => {
        if (context.commandName !== 'DescribeParametersCommand') return next(args)
        tokens.push((args.input as { NextToken?: string }).NextToken)
        return { output: { $metadata: {}, ...pages[tokens.length - 1] }, response: {} }
      },
      { step: 'initialize', name: 'pages' },
    )
    try {
      await put(name, 'v2', { overwrite: true })
    } finally {
      mock.ssm.middlewareStack.remove('pages')
    }
    expect(tokens).toEqual([undefined, 'one', 'two'])
    expect(sent('PutParameter').at(-1)?.input).toMatchObject({ KeyId: 'alias/app', Overwrite: true })
  })
})

describe('an overwrite that changes nothing', () => {
  const unchanged = { overwrite: true, description: 'd' }

  it('is not written', async () => {
    const name = freshName()
    await put(name, 'v', { ...unchanged, keyId: 'alias/app' })
    mock.requests.length = 0
    expect(await put(name, 'v', unchanged)).toEqual({
      Name: name,
      Version: 1,
      Tier: 'Standard',
      Changed: false,
    })
    expect(
      await put(name, 'v', { ...unchanged, keyId: 'alias/app', tier: 'Intelligent-Tiering' }),
    ).toMatchObject({
      Changed: false,
    })
    expect(sent('PutParameter')).toEqual([])
  })

  it.each([
    ['value', 'w', {}],
    ['key', 'v', { keyId: 'alias/other' }],
    ['type', 'v', { type: 'String' as const }],
    ['tier', 'v', { tier: 'Advanced' as const }],
    ['description', 'v', { description: 'e' }],
    ['pattern', 'v', { allowedPattern: '^v$' }],
    ['force', 'v', { forceWrite: true }],
  ])('is written when the %s differs', async (_, value, options) => {
    const name = freshName()
    await put(name, 'v', unchanged)
    expect(await put(name, value, { ...unchanged, ...options })).toMatchObject({ Version: 2, Changed: true })
  })

  it.each(['AccessDeniedException', 'InvalidKeyId', 'ParameterNotFound'])(
    'is written when the present value cannot be read (%s)',
    async name => {
      const parameter = freshName()
      await put(parameter, 'v', unchanged)
      mock.refusals.set('GetParameter', { name })
      expect(await put(parameter, 'v', unchanged)).toMatchObject({ Version: 2, Changed: true })
    },
  )

  it('fails when the service cannot be reached for the comparison', async () => {
    const name = freshName()
    await put(name, 'v', unchanged)
    mock.refusals.set('GetParameter', { name: 'ThrottlingException' })
    await expect(put(name, 'v', unchanged)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('still sets the tags', async () => {
    const name = freshName()
    await put(name, 'v', unchanged)
    const tags = [{ Key: 'Env', Value: 'prod' }]
    expect(await put(name, 'v', { ...unchanged, tags })).toMatchObject({ Version: 1, Changed: false })
    expect(operations().at(-1)).toBe('AddTagsToResource')
  })
})

describe('tags with overwrite', () => {
  it('follow the value in a request of their own, and other tags stay', async () => {
    const name = freshName()
    await put(name, 'v1', { tags: [{ Key: 'Owner', Value: 'ops' }] })
    mock.requests.length = 0
    const tags = [
      { Key: 'Env', Value: 'prod' },
      { Key: 'Note', Value: 'a=b c' },
    ]
    expect(await put(name, 'v2', { overwrite: true, tags })).toMatchObject({ Version: 2 })
    expect(operations().slice(-2)).toEqual(['PutParameter', 'AddTagsToResource'])
    expect(sent('PutParameter')[0]?.input).not.toHaveProperty('Tags')
    const { TagList } = await mock.ssm.send(
      new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: name }),
    )
    expect(TagList).toHaveLength(3)
    expect(TagList).toEqual(expect.arrayContaining([{ Key: 'Owner', Value: 'ops' }, ...tags]))
  })

  it('that fail leave the value stored, and the error says so', async () => {
    const name = freshName()
    await put(name, 'v1')
    mock.refusals.set('AddTagsToResource', { name: 'AccessDeniedException', message: 'no' })
    const tags = [{ Key: 'a', Value: 'b' }]
    await expect(put(name, 'v2', { overwrite: true, tags })).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('was stored as version 2'),
    })
    expect(await storedValue(name)).toBe('v2')
  })
})

describe('size and tier', () => {
  it.each([
    [4096, undefined, 'Standard'],
    [4096, 'Standard', 'Standard'],
    [4097, 'Advanced', 'Advanced'],
    [8192, 'Advanced', 'Advanced'],
    [4096, 'Intelligent-Tiering', 'Standard'],
    [8192, 'Intelligent-Tiering', 'Advanced'],
  ] as const)('%s bytes with tier %s become %s', async (size, tier, stored) => {
    const name = freshName()
    expect(await put(name, 'a'.repeat(size), { tier })).toMatchObject({ Version: 1, Tier: stored })
    expect(await describeOne(name)).toMatchObject({ Tier: stored })
  })

  it.each([undefined, 'Standard'] as const)(
    '4097 bytes with tier %s are refused before any request',
    async tier => {
      await expect(put(freshName(), 'a'.repeat(4097), { tier })).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('4096'),
        hint: expect.stringContaining('--tier Advanced'),
      })
      expect(mock.requests).toEqual([])
    },
  )

  it('counts bytes, not characters', async () => {
    await expect(put(freshName(), 'ä'.repeat(2049))).rejects.toMatchObject({
      message: expect.stringContaining('4098'),
    })
  })

  it('more than 4096 bytes do not move a Standard parameter to the tier that costs money', async () => {
    const name = freshName()
    await put(name, 'v')
    await expect(put(name, 'a'.repeat(4097), { overwrite: true })).rejects.toMatchObject({ code: 'usage' })
    expect(await describeOne(name)).toMatchObject({ Version: 1, Tier: 'Standard' })
  })

  it('more than 4096 bytes go into a parameter that is Advanced already', async () => {
    const name = freshName()
    await put(name, 'v', { tier: 'Advanced' })
    expect(await put(name, 'a'.repeat(8192), { overwrite: true })).toMatchObject({
      Version: 2,
      Tier: 'Advanced',
    })
  })

  it('says that no parameter leaves the Advanced tier', async () => {
    const name = freshName()
    await put(name, 'v', { tier: 'Advanced' })
    await expect(put(name, 'w', { overwrite: true, tier: 'Standard' })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('Advanced'),
    })
  })
})

describe('a key that cannot be used', () => {
  it('and does not exist is not found, whatever the service says', async () => {
    await expect(put(freshName(), 'v', { keyId: 'alias/none' })).rejects.toMatchObject({
      code: 'not-found',
      awsName: 'InvalidKeyId',
      message: expect.stringContaining('key alias/none does not exist'),
    })
    mock.refusals.set('PutParameter', { name: 'InvalidKeyId', message: 'Key alias/app does not exist' })
    await expect(put(freshName(), 'v', { keyId: 'alias/app' })).rejects.toMatchObject({ code: 'failed' })
  })

  it.each([
    ['alias/off', /Disabled/],
    ['alias/rsa', /RSA_2048/],
  ])('and exists is named with the reason: %s', async (keyId, reason) => {
    await expect(put(freshName(), 'v', { keyId })).rejects.toMatchObject({
      code: 'failed',
      awsName: 'InvalidKeyId',
      message: expect.stringMatching(reason),
    })
  })

  it("and may not be described keeps the service's own words", async () => {
    mock.refusals.set('DescribeKey', { name: 'AccessDeniedException' })
    await expect(put(freshName(), 'v', { keyId: 'alias/off' })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/PutParameter.*InvalidKeyId/),
    })
  })
})

it('never shows the value, even when the service quotes it', async () => {
  mock.refusals.set('PutParameter', { name: 'ValidationException', message: "Value 'hunter2-XYZ' is bad" })
  const name = freshName()
  await expect(put(name, 'hunter2-XYZ')).rejects.toMatchObject({
    code: 'failed',
    awsName: 'ValidationException',
    message: expect.stringMatching(new RegExp(`${name}(?!.*hunter2)`)),
  })
})
