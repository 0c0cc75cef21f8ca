import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mockMarker, openBlob, parseBlob, sealBlob } from '../../../src/mock/kms/blob.ts'
import { canonicalContext } from '../../../src/mock/kms/encryption-context.ts'

const key = randomBytes(32)
const materialId = randomBytes(32).toString('hex')
const bytes = fc.uint8Array({ maxLength: 4096, size: 'max' }).map(value => Buffer.from(value))
const contexts = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))

function open(blob: Buffer, context = {}): Buffer | undefined {
  const parsed = parseBlob(blob)
  return parsed && openBlob(parsed, key, context)
}

test('any plaintext and context come back', () => {
  fc.assert(
    fc.property(bytes, contexts, (plaintext, context) => {
      const blob = sealBlob(plaintext, materialId, key, context, randomBytes)
      expect(parseBlob(blob)?.materialId).toBe(materialId)
      expect(open(blob, context)).toEqual(plaintext)
    }),
  )
})

test('no changed byte and no cut goes unnoticed', () => {
  const mutations = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
  fc.assert(
    fc.property(bytes, mutations, (plaintext, [at, change]) => {
      const blob = sealBlob(plaintext, materialId, key, {}, randomBytes)
      const altered = Buffer.from(blob)
      const index = at % blob.length
      altered[index] = (altered[index] ?? 0) ^ change
      expect(open(altered)).toBeUndefined()
      expect(open(blob.subarray(0, index))).toBeUndefined()
    }),
  )
})

test('arbitrary bytes are refused without a throw', () => {
  fc.assert(
    fc.property(bytes, fc.boolean(), (junk, lead) => {
      const blob = lead ? Buffer.concat([Buffer.from('0102020078', 'hex'), junk]) : junk
      expect(open(blob)).toBeUndefined()
    }),
  )
})

test.each([
  [1, 153],
  [32, 184],
  [35, 187],
  [36, 189],
  [228, 389],
  [229, 391],
  [4096, 4258],
])('%i bytes become a blob of %i, as those of the service', (size, expected) => {
  const blob = sealBlob(Buffer.alloc(size), materialId, key, {}, randomBytes)
  expect(blob.length).toBe(expected)
  expect(blob.toString('base64')).toMatch(/^AQICAH[g-j]/)
  expect(blob.indexOf('06092a864886f70d010706', 0, 'hex')).toBeLessThan(64)
})

test('a blob carries the marker of the mock and the id of the material where they are documented', () => {
  const blob = sealBlob(Buffer.from('x'), materialId, key, {}, randomBytes)
  const { offset, text } = mockMarker
  expect(blob.toString('latin1', offset, offset + text.length)).toBe('kmseal-mock')
  expect(blob.toString('hex', 5, 37)).toBe(materialId)
})

test('the bytes of a context are the same for every order and different for every other context', () => {
  fc.assert(
    fc.property(contexts, contexts, (one, other) => {
      const reversed = Object.fromEntries(Object.entries(one).reverse())
      expect(canonicalContext(reversed)).toEqual(canonicalContext(one))
      const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
      expect(canonicalContext(one).equals(canonicalContext(other))).toBe(same)
    }),
  )
  expect(canonicalContext({ ab: 'c' })).not.toEqual(canonicalContext({ a: 'bc' }))
  expect(canonicalContext({})).toEqual(canonicalContext(undefined))
})
