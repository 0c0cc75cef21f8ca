/** Mutations of sound messages: cut, altered, grown, and put together out of two. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { openEnvelope } from '../../src/core/envelope.ts'
import { KmsealError } from '../../src/errors.ts'
import { RecordingSink } from '../helpers/byte-streams.ts'
import { ownVectors } from '../helpers/vectors.ts'

const names = ['gen-0478-f16', 'gen-0578-f16', 'gen-0478-unframed', 'gen-0478-empty']
const sound = ownVectors.vectors.filter(({ name }) => names.includes(name))

const mutation = fc.record({
  vector: fc.constantFrom(...sound),
  donor: fc.constantFrom(...sound),
  at: fc.nat(1000),
  remove: fc.nat(40),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map(bytes => ({ bytes, flip: 0 })),
    fc.integer({ min: 1, max: 255 }).map(flip => ({ bytes: new Uint8Array(0), flip })),
    fc.record({ from: fc.nat(1000), length: fc.nat(200) }).map(part => ({ ...part, flip: 0 })),
  ),
})

/**
 * Expects that no mutation is accepted, or fails with anything but an integrity error, or lets out a byte that is no
 * part of the plaintext; frames that come before the fault have verified by themselves.
 */
export async function checkMutations(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(mutation, async ({ vector, donor, at, remove, insert }) => {
      const message = ownVectors.ciphertext(vector)
      const place = at % (message.length + 1)
      const mutated = mutate(message, place, remove, insert, ownVectors.ciphertext(donor))
      fc.pre(!mutated.equals(message) && !sound.some(other => mutated.equals(ownVectors.ciphertext(other))))
      const sink = new RecordingSink()
      const outcome = await openEnvelope(bytesSource(mutated), sink, {
        keyring: { keyring: ownVectors.keyring(vector), refused: [] },
        context: {},
        maxEncryptedDataKeys: 10,
        maxFrameLength: 1 << 20,
        allowLegacy: false,
      }).then(
        () => 'accepted',
        error => (error instanceof KmsealError ? error.code : error),
      )
      expect(outcome).toBe('integrity')
      // An unframed body has one tag, at its end: its sink holds everything back.
      if (!vector.name.includes('unframed')) {
        const released = sink.bytes()
        expect(ownVectors.plaintext(vector).subarray(0, released.length)).toEqual(released)
      }
    }),
    { numRuns },
  )
}

type Insert = { bytes?: Uint8Array; from?: number; length?: number; flip: number }

function mutate(message: Buffer, place: number, remove: number, insert: Insert, donor: Buffer): Buffer {
  if (insert.flip > 0) {
    const flipped = Buffer.from(message)
    const at = Math.min(place, message.length - 1)
    flipped.writeUInt8(flipped.readUInt8(at) ^ insert.flip, at)
    return flipped
  }
  const { from = 0, length = 0, bytes = donor.subarray(from, from + length) } = insert
  return Buffer.concat([message.subarray(0, place), bytes, message.subarray(place + remove)])
}
