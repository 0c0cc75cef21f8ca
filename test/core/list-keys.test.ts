/** Listing keys over many pages, and when not all may be described. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listKeys } from '../../src/core/list-keys.ts'
import { type Emulator, openEmulator, type WireResponse } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

let folder: string
let emulator: Emulator
const calls: string[] = []
const asked = new Set<string>()
let denied: string[] = []
let refusal = 'AccessDeniedException'
let client: KMSClient

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kmseal-list-'))
  emulator = await openEmulator({ directory: join(folder, 'state') })
  client = clientOf()
  for (let index = 0; index < 129; index++) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: `key ${index}` }))
    const names = index < 20 ? [`a${index}`, `b${index}`] : [`c${index}`]
    for (const name of names) {
      await client.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata?.Arn }))
    }
  }
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** A client of the emulator that counts its calls, and is refused DescribeKey for some keys. */
function clientOf(): KMSClient {
  const answer: Emulator['answer'] = async request => {
    const operation = request.target.replace('TrentService.', '')
    calls.push(operation)
    const { KeyId } = JSON.parse(Buffer.from(request.body).toString() || '{}')
    if (['DescribeKey', 'GetKeyRotationStatus'].includes(operation)) asked.add(KeyId)
    if (operation === 'DescribeKey' && denied.includes(KeyId)) return refused()
    return emulator.answer(request)
  }
  return new KMSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: mockRequestHandler(async () => ({ ...emulator, answer }), {
      principal: 'arn:aws:iam::111122223333:root',
      region: 'eu-west-1',
    }),
  })
}

function refused(): WireResponse {
  return { status: 400, headers: {}, body: JSON.stringify({ __type: refusal, message: 'no' }) }
}

describe('listKeys', () => {
  it('lists 130 keys and 150 aliases over all pages, each alias on its key', async () => {
    calls.length = 0
    const { keys, undescribed } = await listKeys(client)
    // One key and its alias are made by the mock on first use.
    expect(keys).toHaveLength(130)
    expect(keys.flatMap(({ Aliases }) => Aliases)).toHaveLength(150)
    expect(undescribed).toBe(0)
    for (const key of keys) {
      for (const { TargetKeyId } of key.Aliases) expect(TargetKeyId).toBe(key.KeyId)
    }
    const seven = keys.find(({ Description }) => Description === 'key 7')
    expect(seven?.Aliases.map(({ AliasName }) => AliasName)).toEqual(['alias/a7', 'alias/b7'])
    expect(calls.filter(call => call === 'ListKeys')).toHaveLength(1)
    expect(calls.filter(call => call === 'ListAliases').length).toBeGreaterThanOrEqual(2)
    expect(calls.filter(call => call === 'DescribeKey')).toHaveLength(130)
  })

  it('gives a stable order: by first alias, then keys without one by id', async () => {
    const { keys } = await listKeys(client)
    const names = keys.map(({ Aliases }) => Aliases[0]?.AliasName ?? '')
    expect(names).toEqual([...names].sort())
  })

  it('still lists keys that may not be described, or are gone by now, with what is known', async () => {
    const all = (await listKeys(client)).keys
    denied = [all[3]?.Arn ?? '', all[9]?.Arn ?? '']
    refusal = 'AccessDeniedException'
    const { keys, undescribed } = await listKeys(client)
    expect(keys).toHaveLength(130)
    expect(undescribed).toBe(2)
    expect(keys[3]).toEqual({ KeyId: all[3]?.KeyId, Arn: all[3]?.Arn, Aliases: all[3]?.Aliases })
    refusal = 'NotFoundException'
    expect((await listKeys(client)).undescribed).toBe(2)
  })

  it('reads no more than a filter needs', async () => {
    denied = []
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ MultiRegion: true }))
    await client.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }))
    calls.length = 0
    asked.clear()
    const { keys } = await listKeys(client, { multiRegion: true })
    expect(keys.map(({ Arn }) => Arn)).toEqual([KeyMetadata?.Arn])
    expect([...asked]).toEqual([KeyMetadata?.Arn])
    expect(calls.filter(call => call === 'ListKeyRotations')).toHaveLength(1)
    asked.clear()
    calls.length = 0
    const disabled = await listKeys(client, { keyManager: 'CUSTOMER', keyState: 'Disabled' })
    expect(disabled).toEqual({ keys: [], undescribed: 0 })
    expect(asked.size).toBe(131)
    expect(new Set(calls)).toEqual(new Set(['ListKeys', 'ListAliases', 'DescribeKey']))
  })

  it('leaves keys out of a filtered list that may not be described, and counts them', async () => {
    const all = (await listKeys(client)).keys
    denied = [all[3]?.Arn ?? '']
    refusal = 'AccessDeniedException'
    const { keys, undescribed } = await listKeys(client, { keySpec: 'SYMMETRIC_DEFAULT' })
    expect(undescribed).toBe(1)
    expect(keys).toHaveLength(all.length - 1)
  })

  it('fails when the credentials expire meanwhile, or KMS has no time', async () => {
    const [first] = (await listKeys(client)).keys
    denied = [first?.Arn ?? '']
    refusal = 'ExpiredTokenException'
    await expect(listKeys(client)).rejects.toMatchObject({ code: 'denied' })
    refusal = 'ThrottlingException'
    await expect(listKeys(client)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
