import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openValue, sealValue } from '../../src/parameters/sealed-value.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let mock: MockClients
let keys: string[]

beforeAll(async () => {
  mock = await openMockClients()
  const { CreateKeyCommand } = await import('@aws-sdk/client-kms')
  const kms = await mock.kms.client()
  const made = [await kms.send(new CreateKeyCommand({})), await kms.send(new CreateKeyCommand({}))]
  keys = made.map(({ KeyMetadata }) => KeyMetadata?.Arn ?? '')
})
afterAll(() => mock.close())

const seal = (value: Uint8Array, name = '/app/s', context = {}, keyIds = keys.slice(0, 1)) =>
  sealValue(value, { kms: mock.kms, name, keyIds, context })
const openAs = (value: string, name = '/app/s', context = {}, pins: string[] = []) =>
  openValue(value, { kms: mock.kms, name, pins, context })

describe('a sealed value', () => {
  it.each([
    ['direct', 1, 1],
    ['direct, the most', 4096, 1],
    ['an envelope by size', 4097, 1],
    ['an envelope by two keys', 10, 2],
  ])('comes back: %s', async (_, size, count) => {
    const value = Buffer.alloc(size, 0xff)
    const text = await seal(value, '/app/s', {}, keys.slice(0, count))
    expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(await openAs(text)).toEqual(value)
  })

  it.each([10, 5000])('of %s bytes opens under its own name only', async size => {
    const text = await seal(Buffer.alloc(size, 'v'))
    await expect(openAs(text, '/app/other')).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining('/app/other'),
    })
    expect((await openAs(text, '/app/s')).length).toBe(size)
  })

  it('under a flat name opens under both of its spellings', async () => {
    const text = await seal(Buffer.from('v'), 'flat')
    expect((await openAs(text, '/flat')).toString()).toBe('v')
  })

  it('is bound to the pairs that were given', async () => {
    const text = await seal(Buffer.from('v'), '/app/s', { purpose: 'x' })
    expect((await openAs(text, '/app/s', { purpose: 'x' })).toString()).toBe('v')
    await expect(openAs(text)).rejects.toMatchObject({ code: 'integrity' })
    await expect(openAs(text, '/app/s', { purpose: 'y' })).rejects.toMatchObject({ code: 'integrity' })
  })

  it('opens with the pinned key only', async () => {
    const text = await seal(Buffer.from('v'))
    expect((await openAs(text, '/app/s', {}, keys.slice(0, 1))).toString()).toBe('v')
    await expect(openAs(text, '/app/s', {}, keys.slice(1))).rejects.toMatchObject({ code: 'integrity' })
  })

  it('that was altered does not open', async () => {
    const bytes = Buffer.from(await seal(Buffer.alloc(5000, 'v')), 'base64')
    const last = bytes.length - 1
    bytes[last] = (bytes[last] ?? 0) ^ 1
    await expect(openAs(bytes.toString('base64'))).rejects.toMatchObject({ code: 'integrity' })
  })
})

describe('what cannot be sealed or opened', () => {
  it.each([
    ['an empty value', 0, 'empty'],
    ['a value above 8192 bytes', 8193, 'the value is larger than 8192'],
    ['a value whose sealed form is above 8192 bytes', 6200, 'the sealed value is larger than 8192'],
  ])('%s', async (_, size, reason) => {
    await expect(seal(Buffer.alloc(size, 'v'))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(reason),
    })
  })

  it.each(['plain text', '', 'AQIC!', 'abc', 'AQI=C'])('"%s" is not sealed', async value => {
    await expect(openAs(value)).rejects.toMatchObject({
      code: 'integrity',
      hint: expect.stringContaining('--open'),
    })
  })

  it.each(['kmseal:parameter', 'aws-crypto-public-key'])(
    'the context key %s is not the user’s to give',
    async key => {
      await expect(seal(Buffer.from('v'), '/app/s', { [key]: 'x' })).rejects.toMatchObject({ code: 'usage' })
    },
  )
})
