import { createCipheriv, randomBytes } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { freeAtOnce, prepareFor } from '../../../src/core/message/large-message.ts'
import { transform } from '../../../src/core/message/pipeline.ts'

const mebibyte = 1024 * 1024

test('a buffer that nothing refers to is given back at once, for large messages alone', () => {
  prepareFor(16 * mebibyte)
  const early = Buffer.allocUnsafeSlow(mebibyte)
  freeAtOnce(early)
  expect(early.length).toBe(mebibyte)

  prepareFor(16 * mebibyte + 1)
  const before = process.memoryUsage().arrayBuffers
  const buffer = Buffer.allocUnsafeSlow(mebibyte)
  expect(process.memoryUsage().arrayBuffers - before).toBe(mebibyte)
  freeAtOnce(buffer)
  expect(process.memoryUsage().arrayBuffers - before).toBe(0)
  expect(buffer.length).toBe(0)
})

test('what a cipher gives back has memory of its own', () => {
  prepareFor(Number.POSITIVE_INFINITY)
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12))
  for (const size of [1, 16, 4096, 65_536]) {
    const piece = cipher.update(Buffer.alloc(size))
    expect(piece.length).toBe(size)
    freeAtOnce(piece)
    expect(piece.length).toBe(0)
  }
})

test('a buffer that is part of larger memory is left alone', () => {
  prepareFor(Number.POSITIVE_INFINITY)
  const whole = Buffer.allocUnsafeSlow(64).fill(7)
  freeAtOnce(whole.subarray(1))
  freeAtOnce(Buffer.from('one of the pool'))
  expect(whole).toEqual(Buffer.alloc(64, 7))
})

test('what a cipher gives back is cleared before it is freed', () => {
  prepareFor(Number.POSITIVE_INFINITY)
  const cleared: unknown[] = []
  const given: Buffer[] = []
  const update = (data: Buffer): Buffer => {
    const piece = Buffer.concat([data])
    const fill = piece.fill.bind(piece)
    given.push(piece)
    return Object.assign(piece, {
      fill(value: number) {
        fill(value)
        cleared.push(
          piece.length,
          piece.every(byte => byte === 0),
        )
        return piece
      },
    })
  }
  const room = Buffer.alloc(65_536)
  transform({ update }, Buffer.alloc(65_536, 'x'), room)
  expect(room.equals(Buffer.alloc(65_536, 'x'))).toBe(true)
  expect(cleared).toEqual([65_536, true])
  expect(given.map(piece => piece.length)).toEqual([0])
})

test('the flags of V8 stay as they were', () => {
  prepareFor(Number.POSITIVE_INFINITY)
  const own = typeof (ArrayBuffer.prototype as { transfer?: unknown }).transfer
  expect(runInNewContext('typeof ArrayBuffer.prototype.transfer')).toBe(own)
})
