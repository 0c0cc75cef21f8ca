/** `kmseal create-key` on the mock. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const arnLine = /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}\n$/

describe('kmseal create-key', () => {
  it('prints the ARN of a symmetric key and nothing else', async () => {
    const env = mockEnv()
    const result = await runOnMock(['create-key'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout.toString()).toMatch(arnLine)
    const described = await runOnMock(['describe-key', result.stdout.toString().trim(), '--json'], { env })
    expect(JSON.parse(described.stdout.toString())).toMatchObject({
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyManager: 'CUSTOMER',
    })
  })

  it('gives description, spec, usage and alias, and prints KeyMetadata with --json', async () => {
    const env = mockEnv()
    const words = ['--key-spec', 'RSA_2048', '--key-usage', 'SIGN_VERIFY', '--description', 'signs releases']
    const result = await runOnMock(
      ['create-key', ...words, '--alias', 'alias/release', '--tag', 'a=b', '--json'],
      { env },
    )
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const created = JSON.parse(result.stdout.toString())
    expect(created).toMatchObject({
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
      Description: 'signs releases',
      AliasName: 'alias/release',
    })
    const described = await runOnMock(['describe-key', 'alias/release', '--json'], { env })
    expect(JSON.parse(described.stdout.toString()).Arn).toBe(created.Arn)
  })

  it.each([
    ['ECC_NIST_P384', [], { KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: ['ECDSA_SHA_384'] }],
    ['ECC_NIST_P256', ['--key-usage', 'KEY_AGREEMENT'], { KeyAgreementAlgorithms: ['ECDH'] }],
    ['ECC_SECG_P256K1', [], { KeyUsage: 'SIGN_VERIFY' }],
    ['ECC_NIST_EDWARDS25519', [], { KeyUsage: 'SIGN_VERIFY' }],
    ['RSA_2048', [], { KeyUsage: 'ENCRYPT_DECRYPT' }],
    ['HMAC_512', [], { KeyUsage: 'GENERATE_VERIFY_MAC', MacAlgorithms: ['HMAC_SHA_512'] }],
    ['SYMMETRIC_DEFAULT', ['--multi-region'], { KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true }],
  ])('makes a %s key with %j', async (spec, words, expected) => {
    const result = await runOnMock(['create-key', '--key-spec', spec, ...words, '--json'], { env: mockEnv() })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(result.stdout.toString())).toMatchObject({ KeySpec: spec, ...expected })
  })

  it('makes a key that waits for its key material, and says so', async () => {
    const result = await runOnMock(['create-key', '--origin', 'EXTERNAL', '--json'], { env: mockEnv() })
    expect(result).toMatchObject({ status: 0, stderr: expect.stringContaining('waits for its key material') })
    expect(JSON.parse(result.stdout.toString())).toMatchObject({
      Origin: 'EXTERNAL',
      KeyState: 'PendingImport',
    })
  })

  it('lets users use the key and administrators manage it, and neither do the other', async () => {
    const env = mockEnv({ KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::111122223333:root' })
    const [ann, ben] = ['arn:aws:iam::111122223333:user/ann', 'arn:aws:iam::111122223333:user/ben']
    const nothing = '{"Version":"2012-10-17","Statement":[]}'
    for (const arn of [ann, ben]) {
      await runOnMock(['mock', 'set-iam-policy', arn, '-'], { env, stdin: nothing })
    }
    const created = await runOnMock(['create-key', '--admin', ann, '--user', ben], { env })
    expect(created).toMatchObject({ status: 0, stderr: '' })
    const arn = created.stdout.toString().trim()
    const as = (principal: string, words: string[], stdin = '') =>
      runOnMock(words, { env: { ...env, KMSEAL_MOCK_PRINCIPAL: principal }, stdin })
    const encrypt = ['encrypt', '--key-id', arn]
    expect((await as(ben, encrypt, 'x')).status).toBe(0)
    expect((await as(ann, encrypt, 'x')).status).toBe(4)
    expect((await as(ben, ['disable-key', '--key-id', arn])).status).toBe(4)
    expect((await as(ann, ['disable-key', '--key-id', arn])).status).toBe(0)
  })

  it('writes the policy for the partition of the Region', async () => {
    const user = 'arn:aws-cn:iam::000000000000:user/a'
    const words = ['create-key', '--region', 'cn-north-1', '--user', user]
    const env = mockEnv()
    expect((await runOnMock(words, { env })).status).toBe(0)
    const wrong = await runOnMock(['create-key', '--user', user], { env })
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toContain('is in partition aws-cn, but the key is in aws')
  })

  it('makes no key when the alias is taken', async () => {
    const env = mockEnv()
    await runOnMock(['create-key', '--alias', 'alias/app'], { env })
    const before = await runOnMock(['list-keys'], { env })
    const result = await runOnMock(['create-key', '--alias', 'alias/app'], { env })
    expect(result.status).toBe(8)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(/alias\/app exists already and names arn:.*no key was created/)
    expect((await runOnMock(['list-keys'], { env })).stdout).toEqual(before.stdout)
  })

  it('sends a key policy from a file or standard input', async () => {
    const env = mockEnv()
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::000000000000:root' },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    })
    const file = join(env['KMSEAL_MOCK_DIR'] ?? '', '..', 'policy.json')
    writeFileSync(file, policy)
    expect(await runOnMock(['create-key', '--policy', file], { env })).toMatchObject({
      status: 0,
      stderr: '',
    })
    const piped = await runOnMock(['create-key', '--policy', '-'], { env, stdin: policy })
    expect(piped).toMatchObject({ status: 0, stderr: '' })
  })

  it.each<[string, string[], number, RegExp]>([
    ['a policy that is no JSON object', ['--policy', '-'], 2, /not JSON/],
    ['a policy file that is not there', ['--policy', '/nowhere/policy.json'], 3, /does not exist/],
    ['another key spec', ['--key-spec', 'DES'], 2, /--key-spec takes one of SYMMETRIC_DEFAULT, RSA_2048/],
    [
      'a symmetric key that signs',
      ['--key-usage', 'SIGN_VERIFY'],
      2,
      /cannot have the key usage SIGN_VERIFY/,
    ],
    ['a principal that is none', ['--user', 'hunter2'], 2, /--user is no ARN of a principal/],
    [
      'a principal whose account has too few digits',
      ['--admin', 'arn:aws:iam::12345:user/hunter2'],
      2,
      /the account in --admin has not twelve digits/,
    ],
    [
      'users beside a policy',
      ['--user', 'arn:aws:iam::000000000000:user/a', '--policy', '-'],
      2,
      /'--policy <file>' cannot be used with option '--user <arn>'/,
    ],
    ['a malformed tag', ['--tag', 'hunter2'], 2, /not KEY=VALUE/],
    ['the alias of AWS', ['--alias', 'alias/aws/x'], 2, /belong to AWS managed keys/],
    ['an argument', ['hunter2'], 2, /too many arguments/],
  ])('refuses %s', async (_what, words, status, message) => {
    const result = await runOnMock(['create-key', ...words], { env: mockEnv(), stdin: 'hunter2' })
    expect(result.status).toBe(status)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toContain('hunter2')
  })
})
