import {
  type AliasListEntry,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  paginateListAliases,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { account, openMock, refusal, region } from '../mock-clients.ts'

const aliasArn = (name: string) => `arn:aws:kms:${region}:${account}:${name}`

async function newKey(kms: KMSClient, rsa = false): Promise<string> {
  const made = await kms.send(
    new CreateKeyCommand(rsa ? { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } : {}),
  )
  return made.KeyMetadata?.KeyId ?? ''
}

async function listAll(kms: KMSClient, pageSize = 50): Promise<AliasListEntry[]> {
  const listed: AliasListEntry[] = []
  for await (const page of paginateListAliases({ client: kms, pageSize }, {}))
    listed.push(...(page.Aliases ?? []))
  return listed
}

test('an alias stands for its key, and moves to another one at once', async () => {
  const mock = await openMock()
  const { kms } = mock
  const [one, two] = [await newKey(kms), await newKey(kms)]
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/app/db', TargetKeyId: one }))
  const seal = (KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  const before = await seal('alias/app/db')
  expect(before.KeyId).toContain(one)
  mock.passDays(1)
  await kms.send(new UpdateAliasCommand({ AliasName: 'alias/app/db', TargetKeyId: two }))
  expect((await seal(aliasArn('alias/app/db'))).KeyId).toContain(two)
  expect((await kms.send(new DecryptCommand({ CiphertextBlob: before.CiphertextBlob }))).KeyId).toContain(one)
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: two }))
  expect(Aliases).toEqual([
    {
      AliasName: 'alias/app/db',
      AliasArn: aliasArn('alias/app/db'),
      TargetKeyId: two,
      CreationDate: new Date('2030-01-02T03:04:05.678Z'),
      LastUpdatedDate: new Date('2030-01-03T03:04:05.678Z'),
    },
  ])
  expect((await kms.send(new ListAliasesCommand({ KeyId: one }))).Aliases).toEqual([])
  await kms.send(new DeleteAliasCommand({ AliasName: 'alias/app/db' }))
  expect(await refusal(seal('alias/app/db'))).toBe(
    `NotFoundException: Alias ${aliasArn('alias/app/db')} is not found.`,
  )
})

test('all of 150 aliases on 130 keys are listed, by pages of any size', async () => {
  const { kms } = await openMock()
  const wanted = new Map<string, string>()
  for (let i = 0; i < 130; i++) {
    const key = await newKey(kms)
    for (const name of i < 20 ? [`alias/k${i}`, `alias/zz-k${i}`] : [`alias/k${i}`]) {
      wanted.set(name, key)
      await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key }))
    }
  }
  for (const pageSize of [7, 100]) {
    const listed = await listAll(kms, pageSize)
    const own = listed.filter(entry => wanted.has(entry.AliasName ?? ''))
    expect(own).toHaveLength(150)
    expect(new Map(own.map(entry => [entry.AliasName, entry.TargetKeyId]))).toEqual(wanted)
    expect(listed.map(entry => entry.AliasName)).toEqual(listed.map(entry => entry.AliasName).sort())
    expect(new Set(listed.map(entry => entry.AliasName))).toContain('alias/aws/ssm')
  }
})

describe('refusals', () => {
  const id = '1234abcd-12ab-34cd-56ef-1234567890ab'

  test.each([
    [
      'app',
      'ValidationException: Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ],
    ['alias/a:b', 'ValidationException: alias/a:b contains invalid characters for an alias'],
    [
      'alias/aws/mine',
      'InvalidAliasNameException: The alias name for a customer managed CMK cannot begin with alias/aws/.',
    ],
    [
      'alias/kmseal',
      `AlreadyExistsException: An alias with the name ${aliasArn('alias/kmseal')} already exists`,
    ],
    [
      'alias/a b',
      "ValidationException: 1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
    ],
  ])('CreateAlias %s', async (AliasName, text) => {
    const { kms } = await openMock()
    const TargetKeyId = await newKey(kms)
    expect(await refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId })))).toBe(text)
  })

  test('an alias needs a key, not an alias', async () => {
    const { kms } = await openMock()
    const create = (TargetKeyId: string) =>
      kms.send(new CreateAliasCommand({ AliasName: 'alias/x', TargetKeyId }))
    expect(await refusal(create('alias/kmseal'))).toBe(
      'ValidationException: Aliases must refer to keys. Not aliases',
    )
    expect(await refusal(create(id))).toContain('does not exist')
  })

  test('an alias moves only between keys of one kind', async () => {
    const { kms } = await openMock()
    const move = kms.send(
      new UpdateAliasCommand({ AliasName: 'alias/kmseal', TargetKeyId: await newKey(kms, true) }),
    )
    expect(await refusal(move)).toContain('ValidationException: Alias alias/kmseal cannot be changed')
    const absent = kms.send(
      new UpdateAliasCommand({ AliasName: 'alias/none', TargetKeyId: await newKey(kms) }),
    )
    expect(await refusal(absent)).toBe(`NotFoundException: Alias ${aliasArn('alias/none')} is not found.`)
  })

  test('the 51st alias of a key', async () => {
    const { kms } = await openMock()
    const TargetKeyId = await newKey(kms)
    const create = (i: number) => kms.send(new CreateAliasCommand({ AliasName: `alias/n${i}`, TargetKeyId }))
    for (let i = 0; i < 50; i++) await create(i)
    expect(await refusal(create(50))).toBe('LimitExceededException')
  })
})
