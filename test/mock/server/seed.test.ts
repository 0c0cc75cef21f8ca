import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { openMock } from '../mock-clients.ts'

const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const seed = `
region: eu-west-1
keys:
  - id: ${id}
    alias: alias/app
    material: ${Buffer.alloc(32, 7).toString('base64')}
    description: fixture
parameters:
  - name: /app/password
    value: hunter2
    key: alias/app
  - {name: /app/url, type: String, value: 'http://localhost'}
`

describe('a seed', () => {
  test('makes keys that open each other’s ciphertexts, and parameters', async () => {
    const [one, other] = [await openMock(), await openMock()]
    for (const { emulator } of [one, other]) {
      expect(await emulator.seed(seed, 'us-east-1')).toEqual({ keys: 1, aliases: 1, parameters: 2 })
    }
    const { CiphertextBlob, KeyId } = await one.kms.send(
      new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('x') }),
    )
    expect(KeyId).toBe(`arn:aws:kms:eu-west-1:000000000000:key/${id}`)
    const opened = await other.kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
    const { Parameter } = await other.ssm.send(
      new GetParameterCommand({ Name: '/app/password', WithDecryption: true }),
    )
    expect(Parameter).toMatchObject({ Value: 'hunter2', Type: 'SecureString', Version: 1 })
  })

  test('applied again changes nothing; altered, what differs', async () => {
    const { emulator, ssm } = await openMock()
    for (const text of [seed, seed, seed.replace('hunter2', 'hunter3')]) await emulator.seed(text, 'x')
    const get = (Name: string) => ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))
    expect((await get('/app/password')).Parameter).toMatchObject({ Value: 'hunter3', Version: 2 })
    expect((await get('/app/url')).Parameter).toMatchObject({ Version: 1 })
  })

  test('may be JSON, name RSA material, or leave material out', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'der' },
    })
    const rsa = '00000000-0000-0000-0000-000000000001'
    const text = JSON.stringify({ keys: [{ id: rsa, material: privateKey }, { id }] })
    const { emulator, kms } = await openMock()
    await emulator.seed(text, 'eu-west-1')
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa }))
    expect(Buffer.from(PublicKey ?? []).equals(publicKey)).toBe(true)
    await kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }))
  })

  test('makes keys of every kind, told from their material', async () => {
    const pem = (curve: string) =>
      generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type: 'sec1', format: 'pem' })
    const keys = [
      { id, spec: 'HMAC_384' },
      { id: id.replace('a', '0'), material: pem('secp256k1') },
      { id: id.replace('a', '1'), material: pem('P-384'), usage: 'KEY_AGREEMENT' },
      {
        id: id.replace('a', '2'),
        material: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
    ]
    const { emulator, kms } = await openMock()
    await emulator.seed(JSON.stringify({ keys }), 'eu-west-1')
    const found = await Promise.all(
      keys.map(async ({ id: KeyId }) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata),
    )
    expect(found.map(key => [key?.KeySpec, key?.KeyUsage])).toEqual([
      ['HMAC_384', 'GENERATE_VERIFY_MAC'],
      ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
      ['ECC_NIST_P384', 'KEY_AGREEMENT'],
      ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
    ])
    const noUsage = JSON.stringify({ keys: [{ id, material: pem('P-256') }] })
    await expect(emulator.seed(noUsage, 'eu-west-1')).rejects.toThrow(
      'key 1 of the seed file: the usage of ECC_NIST_P256 is SIGN_VERIFY or KEY_AGREEMENT',
    )
  })

  test('of the same key in two accounts gives two keys', async () => {
    const { emulator, as } = await openMock()
    const other = `account: '111122223333'\n${seed}`
    await emulator.seed(seed, 'eu-west-1')
    await emulator.seed(other, 'eu-west-1')
    const { kms } = as({})
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }))
    await kms.send(new DecryptCommand({ CiphertextBlob }))
  })

  test('applied again keeps what became of a key, and makes another one when its kind changed', async () => {
    const { emulator, kms } = await openMock()
    await emulator.seed(seed, 'eu-west-1')
    await kms.send(new TagResourceCommand({ KeyId: id, Tags: [{ TagKey: 'a', TagValue: 'b' }] }))
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    await emulator.seed(seed, 'eu-west-1')
    expect((await kms.send(new ListResourceTagsCommand({ KeyId: id }))).Tags).toHaveLength(1)
    await emulator.seed(
      seed.replace('alias: alias/app', 'spec: HMAC_256').replace('key: alias/app', ''),
      'eu-west-1',
    )
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
    expect(KeyMetadata).toMatchObject({ KeySpec: 'HMAC_256' })
    expect((await kms.send(new ListResourceTagsCommand({ KeyId: id }))).Tags).toEqual([])
  })

  test('makes principals with their access key ids and IAM policies', async () => {
    const { emulator, as } = await openMock()
    const arn = 'arn:aws:iam::000000000000:user/ci'
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*' },
    })
    await emulator.seed(JSON.stringify({ principals: [{ arn, accessKeyId: 'AKIACI', policy }] }), 'eu-west-1')
    expect(emulator.principalOf('AKIACI')).toBe(arn)
    const { kms } = as({ principal: arn })
    await kms.send(new ListKeysCommand({}))
    await expect(kms.send(new ListAliasesCommand({}))).rejects.toThrow('no identity-based policy allows')
    await expect(emulator.seed('principals: [{arn: x}]', 'eu-west-1')).rejects.toThrow(
      'principal 1 of the seed file: its arn is no ARN of a principal',
    )
  })

  test('as BEHAVIOUR.md shows one is taken', async () => {
    const document = readFileSync(new URL('../../../src/mock/BEHAVIOUR.md', import.meta.url), 'utf8')
    const example = /```yaml\n([\s\S]*?)```/.exec(document)?.[1] ?? ''
    const { emulator } = await openMock()
    expect(await emulator.seed(example, 'us-east-1')).toEqual({ keys: 2, aliases: 1, parameters: 2 })
  })

  test.each([
    ['keys: [{id: hunter2}]', 'key 1 has a malformed id'],
    ['keys: [{alias: alias/hunter2}]', 'key 1 has no id'],
    [
      `keys: [{id: ${id}, material: hunter2}]`,
      'key 1 of the seed file: material of SYMMETRIC_DEFAULT is base64 of 32 bytes',
    ],
    [`keys: [{id: ${id}, alias: alias/aws/hunter2}]`, 'key 1 has an alias'],
    [`keys: [{id: ${id}, spec: hunter2}]`, 'key 1 has a spec that is none of SYMMETRIC_DEFAULT, RSA_2048'],
    [
      `keys: [{id: ${id}, spec: HMAC_256, usage: SIGN_VERIFY}]`,
      'the usage of HMAC_256 is GENERATE_VERIFY_MAC',
    ],
    [`keys: [{id: ${id}, spec: RSA_2048, material: hunter2}]`, 'RSA_2048 needs a private key in PEM'],
    [`keys: [{id: ${id}, material: '-----BEGIN hunter2'}]`, 'its material is no private key in PEM'],
    [`keys: [{id: ${id}, policy: '{"hunter2":1}'}]`, 'key 1 of the seed file: its policy is malformed'],
    ['hunter2: 1', 'it has a member that is none of account'],
    ['parameters: [{name: /hunter2, value: 7}]', 'parameter 1 has as its value no text'],
    [`keys: [{id: ${id}}, {id: ${id}}]`, 'key 2 has the id of another one'],
    ['parameters: [{name: aws, value: hunter2}]', 'parameter 1 of the seed file was refused'],
    ['a: [hunter2', 'it is neither YAML nor JSON'],
    ['a: &x hunter2\nb: *x', 'it is neither YAML nor JSON'],
    ['['.repeat(100_000), 'it is nested too deeply'],
    ['- '.repeat(10_000), 'it is nested too deeply'],
    ['hunter2', 'it is no map'],
  ])('%j is refused without quoting it', async (text, message) => {
    const { emulator } = await openMock()
    const refused = await emulator.seed(text, 'eu-west-1').catch((error: Error) => error)
    expect((refused as Error).message).toContain(message)
    expect((refused as Error).message).not.toContain('hunter2')
  })
})
