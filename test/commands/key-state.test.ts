/** `kmseal enable-key` and `kmseal disable-key` on the mock. */

import { describe, expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

type Env = Record<string, string>

const keyId = ['--key-id', 'alias/kmseal']

async function stateOf(env: Env, alias = 'alias/kmseal'): Promise<{ KeyState: string; Arn: string }> {
  return JSON.parse((await runOnMock(['describe-key', alias, '--json'], { env })).stdout.toString())
}

describe('kmseal disable-key and enable-key', () => {
  it('change the state silently, and the key works or does not', async () => {
    const env = mockEnv()
    const { Arn } = await stateOf(env)
    const disabled = await runOnMock(['disable-key', ...keyId, '--json'], { env })
    expect(disabled).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(disabled.stdout.toString())).toEqual({
      KeyId: Arn,
      KeyState: 'Disabled',
      Changed: true,
    })
    const refused = await runOnMock(['encrypt', ...keyId], { env, stdin: 'x' })
    expect(refused.stderr).toContain('is disabled. (DisabledException)')
    const enabled = await runOnMock(['enable-key', ...keyId], { env })
    expect(enabled).toMatchObject({ status: 0, stderr: '', stdout: Buffer.alloc(0) })
    expect((await runOnMock(['encrypt', ...keyId], { env, stdin: 'x' })).status).toBe(0)
  })

  it.each([
    ['enable-key', 'Enabled', 'enabled'],
    ['disable-key', 'Disabled', 'disabled'],
  ])('%s says when nothing changed', async (command, state, word) => {
    const env = mockEnv()
    const { Arn } = await stateOf(env)
    await runOnMock([command, ...keyId], { env })
    const again = await runOnMock([command, ...keyId, '--json'], { env })
    expect(again.status).toBe(0)
    expect(again.stderr).toBe(`kmseal: key ${Arn} is ${word} already: nothing changed\n`)
    expect(JSON.parse(again.stdout.toString())).toEqual({ KeyId: Arn, KeyState: state, Changed: false })
    expect((await stateOf(env)).KeyState).toBe(state)
  })

  it('go to the Region of a key ARN', async () => {
    const env = mockEnv({ AWS_REGION: 'eu-west-1' })
    const made = await runOnMock(['create-key', '--region', 'us-west-2'], { env })
    const arn = made.stdout.toString().trim()
    expect(arn).toContain(':us-west-2:')
    expect((await runOnMock(['disable-key', '--key-id', arn], { env })).status).toBe(0)
    expect((await stateOf(env, arn)).KeyState).toBe('Disabled')
    const contradiction = await runOnMock(['enable-key', '--key-id', arn, '--region', 'eu-west-1'], { env })
    expect(contradiction.status).toBe(2)
  })

  it('work without kms:DescribeKey on a key that is named by its ARN, but not by its alias', async () => {
    const env = mockEnv()
    const { Arn } = await stateOf(env)
    const ann = 'arn:aws:iam::000000000000:user/ann'
    const policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:DisableKey","Resource":"*"}]}'
    await runOnMock(['mock', 'set-iam-policy', ann, '-'], { env, stdin: policy })
    const asAnn = { ...env, KMSEAL_MOCK_PRINCIPAL: ann }
    expect((await runOnMock(['disable-key', ...keyId], { env: asAnn })).status).toBe(4)
    expect((await stateOf(env)).KeyState).toBe('Enabled')
    const named = await runOnMock(['disable-key', '--key-id', Arn], { env: asAnn })
    expect(named).toMatchObject({ status: 0, stderr: '' })
    expect((await stateOf(env)).KeyState).toBe('Disabled')
  })

  it.each<[string, string[], string, string, number, RegExp]>([
    [
      'a key that is to be deleted',
      ['delete-key', ...keyId, '--yes'],
      'enable-key',
      'alias/kmseal',
      1,
      /is pending deletion\. \(KMSInvalidStateException\)\n.*hint: cancel its deletion first: kmseal delete-key .* --cancel/,
    ],
    [
      'a key without key material',
      ['create-key', '--origin', 'EXTERNAL', '--alias', 'alias/ext'],
      'disable-key',
      'alias/ext',
      1,
      /is pending import\. \(KMSInvalidStateException\)\n.*hint: import its key material first/,
    ],
    [
      'an AWS managed key',
      ['describe-key', 'alias/aws/ssm'],
      'disable-key',
      'alias/aws/ssm',
      4,
      /AccessDeniedException\)\n.*hint: this key is managed by AWS/,
    ],
    ['a key that is not there', ['list-keys'], 'disable-key', 'alias/none', 3, /alias\/none is not found/],
  ])(
    'refuse %s in the words of KMS, and nothing changes',
    async (...[, setUp, command, key, status, text]) => {
      const env = mockEnv()
      await runOnMock(setUp, { env })
      const before = (await runOnMock(['list-keys'], { env })).stdout
      const result = await runOnMock([command, '--key-id', key], { env })
      expect(result.status).toBe(status)
      expect(result.stderr).toMatch(text)
      expect((await runOnMock(['list-keys'], { env })).stdout).toEqual(before)
    },
  )
})
