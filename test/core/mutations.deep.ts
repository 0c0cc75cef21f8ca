import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { openEnvelope } from '../../src/core/envelope.ts'
import { KmsealError } from '../../src/errors.ts'
import { ownVectors } from '../helpers/vectors.ts'

const names = ['gen-0478-f16', 'gen-0578-f16', 'gen-0478-unframed', 'gen-0478-empty']
const sound = ownVectors.vectors.filter(({ name }) => names.includes(name))

describe('no mutation of a sound message', () => {
  it('is accepted, or fails with anything but an integrity error', async () => {
    const mutation = fc.record({
      vector: fc.constantFrom(...sound),
      at: fc.nat(1000),
      remove: fc.nat(40),
      insert: fc.uint8Array({ maxLength: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(mutation, async ({ vector, at, remove, insert }) => {
        const message = ownVectors.ciphertext(vector)
        const place = at % (message.length + 1)
        const mutated = Buffer.concat([message.subarray(0, place), insert, message.subarray(place + remove)])
        fc.pre(!mutated.equals(message))
        const opening = openEnvelope(bytesSource(mutated), new MemorySink(1 << 20), {
          keyring: { keyring: ownVectors.keyring(vector), refused: [] },
          context: {},
          maxEncryptedDataKeys: 10,
          maxFrameLength: 1 << 20,
          allowLegacy: false,
        })
        const outcome = await opening.then(
          () => 'accepted',
          error => (error instanceof KmsealError ? error.code : error),
        )
        expect(outcome).toBe('integrity')
      }),
      { numRuns: 5000 },
    )
  })
})
