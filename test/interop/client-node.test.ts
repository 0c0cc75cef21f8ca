import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  KmsKeyringNode,
  MultiKeyringNode,
} from '@aws-crypto/client-node'
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { discoveryKeyring, pinnedKeyring, sealingKeyring } from '../../src/core/keyrings.ts'
import { open } from '../../src/core/open.ts'
import { digest, testBytes } from '../helpers/byte-streams.ts'
import { aesKeyring, opened, openedInto, sealed } from '../helpers/envelopes.ts'
import { type MockKms, openMockKms } from '../helpers/mock-kms.ts'

const { encrypt, decrypt } = buildClient({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 10,
})
const suiteIds = {
  unsigned: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  signed: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
}

// Names whose order by UTF-8 bytes is neither that of localeCompare nor that of UTF-16.
const contexts: Record<string, Record<string, string>> = {
  none: {},
  plain: { app: 'demo', env: 'prod' },
  'of upper and lower case': { a: '1', B: '2', 'app-name': '3', AppName: '4', Zone: '5', _: '6' },
  'beyond ASCII': { é: 'ü', z: 'ß', 日本: '語', '\u{1f600}': 'x', '\uff5e': 'y', ' ': '' },
}

const withoutKey = (context: Readonly<Record<string, string>>) => {
  const { 'aws-crypto-public-key': _key, ...rest } = context
  return rest
}

describe.each(['unsigned', 'signed'] as const)('%s messages', kind => {
  const suiteId = suiteIds[kind]
  const sign = kind === 'signed'
  const frames = [1, 7, 4096, 65_536, 1024 * 1024, 4 * 1024 * 1024]
  const sizes = (frame: number) => [0, 1, frame - 1, frame, frame + 1, 3 * frame + 5]
  const manyChunks: [number, number][] = [
    [4096, 3_500_000],
    [1024 * 1024, 3 * 1024 * 1024],
  ]
  const cases = [
    ...frames.flatMap(frame => sizes(frame).map(size => [frame, size] as [number, number])),
    ...manyChunks,
  ]

  it.each(cases)(
    'in frames of %i bytes with %i bytes are read by the SDK, and the SDK’s by kmseal',
    async (frameLength, size) => {
      const plaintext = testBytes(size)
      const ours = await sealed(plaintext, { frameLength, sign })
      expect(digest((await decrypt(aesKeyring(), ours)).plaintext)).toBe(digest(plaintext))
      const { result: theirs } = await encrypt(aesKeyring(), plaintext, { suiteId, frameLength })
      expect(digest(await opened(theirs))).toBe(digest(plaintext))
      // Signatures differ in length by a few bytes.
      if (!sign) expect(theirs.length).toBe(ours.length)
    },
  )

  it.each(Object.keys(contexts))('with an encryption context %s are read both ways', async name => {
    const context = contexts[name] ?? {}
    const plaintext = Buffer.from('secret')
    const ours = await sealed(plaintext, { context, sign })
    const read = await decrypt(aesKeyring(), ours)
    expect(withoutKey(read.messageHeader.encryptionContext)).toEqual(context)
    expect(read.plaintext).toEqual(plaintext)
    const { result: theirs } = await encrypt(aesKeyring(), plaintext, { suiteId, encryptionContext: context })
    const sink = new MemorySink(1000)
    const { header } = await openedInto(sink, theirs, { context })
    expect(withoutKey(header.context)).toEqual(context)
    expect(sink.bytes()).toEqual(plaintext)
  })

  it('for one to five recipients are read by each of them', async () => {
    const names = ['one', 'two', 'three', 'four', 'five']
    for (let count = 1; count <= names.length; count += 1) {
      const [generator, ...children] = names.slice(0, count).map(aesKeyring)
      const keyring = new MultiKeyringNode({ ...(generator === undefined ? {} : { generator }), children })
      const ours = await sealed(Buffer.from('x'), { keyring, sign, context: { b: '1', A: '2' } })
      const { result: theirs } = await encrypt(keyring, Buffer.from('x'), {
        suiteId,
        encryptionContext: { b: '1', A: '2' },
      })
      for (const name of names.slice(0, count)) {
        expect((await decrypt(aesKeyring(name), ours)).plaintext).toEqual(Buffer.from('x'))
        expect(await opened(theirs, { keyring: aesKeyring(name) })).toEqual(Buffer.from('x'))
      }
    }
  })
})

it('reads and is read for any context, size and frame length', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 10 }).filter(value => !/\p{Cs}/u.test(value))
  const anyCase = fc.record({
    context: fc
      .dictionary(text, text, { maxKeys: 5, noNullPrototype: true })
      .filter(context => !Object.hasOwn(context, '__proto__')),
    size: fc.nat(5000),
    frameLength: fc.integer({ min: 3, max: 5001 }),
    sign: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ context, size, frameLength, sign }) => {
      const plaintext = testBytes(size)
      const ours = await sealed(plaintext, { context, frameLength, sign })
      const read = await decrypt(aesKeyring(), ours)
      expect(read.plaintext.equals(plaintext)).toBe(true)
      expect(withoutKey(read.messageHeader.encryptionContext)).toEqual(context)
      const suiteId = sign ? suiteIds.signed : suiteIds.unsigned
      const { result } = await encrypt(aesKeyring(), plaintext, {
        suiteId,
        frameLength,
        encryptionContext: context,
      })
      expect((await opened(result, { context })).equals(plaintext)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

describe('KMS keyrings', () => {
  let kms: MockKms
  let keyArns: string[]

  beforeAll(async () => {
    kms = await openMockKms()
    keyArns = [await kms.createKey(), await kms.createKey({ region: 'us-east-1' }), await kms.createKey()]
  })
  afterAll(() => kms.close())

  /** KMS as the library's own keyring calls it. */
  const clientProvider = (region: string) => {
    const client = kms.client(region)
    return {
      generateDataKey: (input: never) => client.send(new GenerateDataKeyCommand(input)),
      encrypt: (input: never) => client.send(new EncryptCommand(input)),
      decrypt: (input: never) => client.send(new DecryptCommand(input)),
    } as never
  }
  const theirKeyring = (ids: string[]) =>
    new KmsKeyringNode({ clientProvider, generatorKeyId: ids[0] ?? '', keyIds: ids.slice(1) })

  it.each([1, 2, 3])('over %i keys in two Regions are read by every one of them, both ways', async count => {
    const ids = keyArns.slice(0, count)
    const context = { b: '1', A: '2', é: '3' }
    for (const sign of [false, true]) {
      const suiteId = sign ? suiteIds.signed : suiteIds.unsigned
      const keyring = sealingKeyring(kms.access(), { keyIds: ids, publicKeys: [] })
      const ours = await sealed(Buffer.from('x'), { keyring, sign, context })
      const { result: theirs } = await encrypt(theirKeyring(ids), Buffer.from('x'), {
        suiteId,
        encryptionContext: context,
      })
      for (const id of ids) {
        expect((await decrypt(theirKeyring([id]), ours)).plaintext).toEqual(Buffer.from('x'))
        const { keyring } = pinnedKeyring(kms.access(), [id])
        expect(await opened(theirs, { keyring })).toEqual(Buffer.from('x'))
      }
      const discovery = new KmsKeyringNode({ clientProvider, discovery: true })
      expect((await decrypt(discovery, ours)).plaintext).toEqual(Buffer.from('x'))
      expect(await opened(theirs, { keyring: discoveryKeyring(kms.access()).keyring })).toEqual(
        Buffer.from('x'),
      )
    }
  })

  it('of the SDK seal what kmseal opens as any ciphertext', async () => {
    const { result } = await encrypt(theirKeyring(keyArns), Buffer.from('secret'), {
      encryptionContext: { a: 'b' },
    })
    for (const input of [result, Buffer.from(result.toString('base64'))]) {
      const sink = new MemorySink(1000)
      const done = await open(bytesSource(input), sink, { kms: kms.access(), pins: [], context: { a: 'b' } })
      expect(done).toMatchObject({ mode: 'envelope', keyArn: keyArns[0], signed: true, plaintextBytes: 6 })
      expect(sink.bytes()).toEqual(Buffer.from('secret'))
    }
  })
})
