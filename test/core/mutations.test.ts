import { expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { openEnvelope } from '../../src/core/envelope.ts'
import { ownVectors } from '../helpers/vectors.ts'
import { checkMutations } from './mutations.ts'

it('no mutation of a sound message is accepted, fails otherwise, or lets a byte out', () =>
  checkMutations(2000))

it.each(['gen-0478-f16', 'gen-0578-f16', 'gen-0478-empty'])(
  '%s is refused when it is cut, wherever',
  async name => {
    const vector = ownVectors.vectors.find(each => each.name === name)
    if (vector === undefined) throw new Error('there is no such vector')
    const message = ownVectors.ciphertext(vector)
    for (let length = 0; length < message.length; length += 1) {
      const opening = openEnvelope(bytesSource(message.subarray(0, length)), new MemorySink(1000), {
        keyring: { keyring: ownVectors.keyring(vector), refused: [] },
        context: {},
        maxEncryptedDataKeys: 10,
        maxFrameLength: 1 << 20,
        allowLegacy: false,
      })
      await expect(opening, `${length} bytes`).rejects.toMatchObject({ code: 'integrity' })
    }
  },
)
