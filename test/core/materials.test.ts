import {
  type KeyringNode,
  NodeDefaultCryptographicMaterialsManager,
} from '@aws-crypto/material-management-node'
import { describe, expect, it } from 'vitest'
import { openingMaterials, sealingMaterials } from '../../src/core/materials.ts'
import { parseHeader } from '../../src/core/message/header.ts'
import { aesKeyring, sealed } from '../helpers/envelopes.ts'
import { HandmadeMessage, type HandmadeOptions, handmadeDataKey } from '../helpers/handmade-message.ts'
import { DataKeyKeyring } from '../helpers/vectors.ts'

const managerOf = (keyring: KeyringNode) => new NodeDefaultCryptographicMaterialsManager(keyring)
const manager = managerOf(new DataKeyKeyring(handmadeDataKey))

function headerOf(bytes: Uint8Array) {
  const header = parseHeader(bytes, { maxEncryptedDataKeys: 10 })
  if (header === undefined) throw new Error('the header is incomplete')
  return header
}

const openingOf = (options: HandmadeOptions, allowLegacy: boolean) => {
  const header = headerOf(new HandmadeMessage(options).header)
  return openingMaterials({ manager, header, encryptedDataKeys: header.encryptedDataKeys, allowLegacy })
}

describe('opening', () => {
  it.each([0x0078, 0x0178, 0x0378] as const)(
    'refuses suite %i by the policy of the library, too',
    async suite => {
      await expect(openingOf({ suite }, false)).rejects.toThrow()
      expect((await openingOf({ suite }, true)).reader.framed).toBe(true)
    },
  )

  it.each([0x0478, 0x0578] as const)('takes suite %i under either policy', async suite => {
    for (const allowLegacy of [false, true])
      expect((await openingOf({ suite }, allowLegacy)).reader.verifier === undefined).toBe(suite === 0x0478)
  })

  it('names the key that opened the message', async () => {
    const header = headerOf(await sealed(Buffer.from('x')))
    const request = { header, encryptedDataKeys: header.encryptedDataKeys, allowLegacy: false }
    expect((await openingMaterials({ ...request, manager: managerOf(aesKeyring()) })).keyName).toBe('one')
  })

  it('tries no other data key than those that were let through', async () => {
    const header = headerOf(await sealed(Buffer.from('x')))
    const request = { header, encryptedDataKeys: [], allowLegacy: false }
    await expect(openingMaterials({ ...request, manager: managerOf(aesKeyring()) })).rejects.toThrow()
  })

  it('refuses a header that the library parses otherwise', async () => {
    const header = headerOf(new HandmadeMessage().header)
    const shifted = { ...header, body: Buffer.concat([header.body, Buffer.alloc(1)]) }
    const request = { manager, encryptedDataKeys: header.encryptedDataKeys, allowLegacy: false }
    await expect(openingMaterials({ ...request, header: shifted })).rejects.toMatchObject({
      code: 'integrity',
      message: 'the header of the message is malformed',
    })
  })
})

describe('sealing', () => {
  const request = { manager: managerOf(aesKeyring()), context: {}, frameLength: 16 }

  it.each([0x0178, 0x0378, 0x0014])('refuses suite %i, which does not commit to a key', async suiteId => {
    await expect(sealingMaterials({ ...request, suiteId })).rejects.toThrow()
  })

  it('makes a header of its own for each message', async () => {
    const [one, two] = [
      await sealingMaterials({ ...request, suiteId: 0x0478 }),
      await sealingMaterials({ ...request, suiteId: 0x0478 }),
    ]
    expect(one.writer.messageId.length).toBe(32)
    expect(Buffer.compare(one.writer.messageId, two.writer.messageId)).not.toBe(0)
    expect(headerOf(one.writer.header)).toMatchObject({ framed: true, frameLength: 16 })
    expect(one.keyNames.map(name => name.slice(0, 3))).toEqual(['one'])
  })

  it('forgets its data key when it is disposed of', async () => {
    const { writer, dispose } = await sealingMaterials({ ...request, suiteId: 0x0478 })
    writer.cipher(Buffer.alloc(12))
    dispose()
    expect(() => writer.cipher(Buffer.alloc(12))).toThrow()
  })
})
