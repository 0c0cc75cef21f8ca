/** The life of a key over the wire, with kmseal and the aws CLI in turn, on the served mock. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProcessResult, runProcess, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { type ServedMock, startServe } from '../helpers/serve.ts'

const credentials = {
  AWS_ACCESS_KEY_ID: '111122223333',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'eu-west-1',
}

describe.runIf(hasProgram('aws'))('the life of a key', () => {
  const place = new Workplace(credentials)
  let served: ServedMock
  beforeAll(async () => {
    served = await startServe(['--ephemeral'])
  })
  afterAll(async () => {
    await served?.stop()
    place.remove()
  })

  const kmseal = (...args: readonly string[]): Promise<ProcessResult> =>
    place.run(['--backend', 'aws', '--endpoint-url', served.url, ...args])
  const quietly = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await kmseal('-q', ...args)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.toString()
  }
  const aws = async (...args: readonly string[]) => {
    const env = { ...credentials, HOME: process.env['HOME'] ?? '/' }
    const words = ['--endpoint-url', served.url, '--output', 'json', 'kms', ...args]
    const { status, stdout, stderr } = await runProcess('aws', words, { env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.length === 0 ? {} : JSON.parse(stdout.toString())
  }

  it('is what both make of it', async () => {
    const user = 'arn:aws:iam::444455556666:root'
    const make = ['create-key', '--multi-region', '--alias', 'alias/life', '--user', user]
    const arn = (await quietly(...make)).trim()
    const key = ['--key-id', arn]
    const { KeyMetadata: made } = await aws('describe-key', ...key)
    expect(made).toMatchObject({ Arn: arn, MultiRegion: true, AWSAccountId: '111122223333' })
    const { Policy: text } = await aws('get-key-policy', ...key, '--policy-name', 'default')
    expect(JSON.parse(text).Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      'Enable IAM User Permissions',
      'Allow use of the key',
      'Allow attachment of persistent resources',
    ])

    await quietly('rotate-key', ...key, '--every', '365d')
    expect(await aws('get-key-rotation-status', ...key)).toMatchObject({ KeyRotationEnabled: true })
    await aws('disable-key-rotation', ...key)
    expect(await quietly('rotate-key', ...key)).toContain('KeyRotationEnabled: false')

    await aws('disable-key', ...key)
    const same = await kmseal('disable-key', '--key-id', 'alias/life')
    expect(same).toMatchObject({ status: 0, stderr: expect.stringContaining('is disabled already') })
    await quietly('enable-key', '--key-id', 'alias/life')
    expect((await aws('describe-key', ...key)).KeyMetadata.KeyState).toBe('Enabled')

    const replica = (await quietly('replicate-key', ...key, '--replica-region', 'us-east-1')).trim()
    const there = await aws('describe-key', '--region', 'us-east-1', '--key-id', replica)
    expect(there.KeyMetadata.MultiRegionConfiguration.MultiRegionKeyType).toBe('REPLICA')

    await aws('schedule-key-deletion', '--region', 'us-east-1', '--key-id', replica)
    await quietly('delete-key', '--key-id', replica, '--cancel')
    expect(JSON.parse(await quietly('describe-key', replica, '--json')).KeyState).toBe('Disabled')
    await quietly('delete-key', '--key-id', replica, '--yes', '--pending-window-in-days', '7')
    const going = await aws('describe-key', '--region', 'us-east-1', '--key-id', replica)
    expect(going.KeyMetadata.KeyState).toBe('PendingDeletion')
    const rows = await quietly('list-keys', '--region', 'us-east-1', '--multi-region', '--json')
    expect(JSON.parse(rows)).toMatchObject({ Arn: replica, MonthlyCostUSD: 0, RotationEnabled: false })
  })
})
