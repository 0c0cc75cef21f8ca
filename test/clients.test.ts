import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { CreateKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetParametersCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, it, onTestFinished } from 'vitest'
import { createClients } from '../src/clients.ts'
import { resolveSettings } from '../src/config.ts'
import { testFolder } from './helpers/folder.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

function mockClients(env: Record<string, string> = {}) {
  const directory = join(testFolder(), 'state')
  const all = { KMSEAL_MOCK_DIR: directory, ...env }
  const clients = createClients(resolveSettings({ backend: 'mock' }, all), all)
  onTestFinished(() => clients.close())
  return { clients, directory }
}

it('the mock answers both services from one state, and nothing is opened before the first request', async () => {
  const { clients, directory } = mockClients()
  const [kms, ssm] = await Promise.all([clients.kms(), clients.ssm()])
  expect(existsSync(directory)).toBe(false)
  await kms.send(new CreateKeyCommand({}))
  await ssm.send(new GetParametersCommand({ Names: ['/a'] }))
  expect((await clients.emulator()).status()).toMatchObject({ directory, keys: 2 })
})

it('the mock says who calls, and what was called', async () => {
  const { clients } = mockClients({ KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::111122223333:user/ann' })
  const kms = await clients.kms('eu-west-1')
  await kms.send(new CreateKeyCommand({}))
  const identity = await (await clients.sts('eu-west-1')).send(new GetCallerIdentityCommand({}))
  expect(identity).toMatchObject({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/ann' })
  const namesIn = async (region: string) => {
    const { Events } = await (await clients.cloudTrail(region)).send(new LookupEventsCommand({}))
    return Events?.map(({ EventName }) => EventName)
  }
  expect(await namesIn('eu-west-1')).toEqual(['CreateKey'])
  expect(await namesIn('us-east-1')).toEqual([])
  // What costs nothing is not counted.
  expect(clients.calls).toEqual({ kms: 1, ssm: 0 })
})

it('a client is made once for each Region', async () => {
  const { clients } = mockClients()
  expect(await clients.kms('eu-west-1')).toBe(await clients.kms('eu-west-1'))
  expect(await clients.kms('eu-west-1')).not.toBe(await clients.kms('us-east-1'))
  expect(await clients.kms()).toBe(await clients.kms())
})

it.each([
  [{}, undefined, 'us-east-1'],
  [{ AWS_REGION: 'eu-west-1' }, undefined, 'eu-west-1'],
  [{ AWS_REGION: 'eu-west-1' }, 'ap-south-1', 'ap-south-1'],
])(
  'the mock is in the Region of the request, then of the settings, then us-east-1: %j %s',
  async (env, asked, region) => {
    const { clients } = mockClients(env)
    const { KeyMetadata } = await (await clients.kms(asked)).send(new CreateKeyCommand({}))
    expect(KeyMetadata?.Arn).toMatch(new RegExp(`^arn:aws:kms:${region}:000000000000:key/`))
  },
)

it('the mock’s caller is the principal of the settings, whatever credentials there are', async () => {
  const env = {
    KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::111122223333:user/ann',
    AWS_ACCESS_KEY_ID: '999999999999',
    AWS_SECRET_ACCESS_KEY: 'x',
  }
  const { clients } = mockClients(env)
  const { KeyMetadata } = await (await clients.kms()).send(new CreateKeyCommand({}))
  expect(KeyMetadata?.AWSAccountId).toBe('111122223333')
})

it('aws has no emulator to fall back to, and the mock has no place without HOME', async () => {
  const clients = createClients(resolveSettings({ backend: 'mock' }, {}), {})
  const kms = await clients.kms()
  await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
    code: 'failed',
    message: 'the mock has no place for its state: HOME is not set',
  })
  await clients.close()
})

it('closing what was never opened, or could not be, is no failure', async () => {
  const none = createClients(resolveSettings({}, {}), {})
  await none.close()
  const failing = createClients(resolveSettings({ endpointUrl: 'no URL' }, {}), {})
  await expect(failing.kms()).rejects.toMatchObject({ code: 'usage' })
  await failing.close()
})
