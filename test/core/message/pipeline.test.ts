import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ByteSink, ByteSource } from '../../../src/byte-stream.ts'
import {
  chunkLengthFor,
  chunksInFlight,
  ReadAhead,
  transform,
  WriteBehind,
} from '../../../src/core/message/pipeline.ts'
import { RecordingSink, systemError } from '../../helpers/byte-streams.ts'

/** A source whose reads finish when, and in the order that, the test says. */
function manualSource() {
  const reads: { target: Uint8Array; finish: (count: number) => void; fail: (error: Error) => void }[] = []
  const source: ByteSource = {
    read: target => new Promise((finish, fail) => void reads.push({ target, finish, fail })),
  }
  return { source, reads }
}

describe('chunks in flight', () => {
  it.each([
    [1, 3],
    [1024 * 1024, 3],
    [2 * 1024 * 1024, 2],
    [16 * 1024 * 1024, 2],
    [64 * 1024 * 1024, 1],
  ])('of %i bytes are %i, so that memory stays bounded', (size, count) => {
    expect(chunksInFlight(size)).toBe(count)
  })
})

describe('a chunk', () => {
  it.each([
    [1, 512],
    [33, 512 * 33],
    [2048, 512 * 2048],
    [4096, 1024 * 1024],
    [4128, 254 * 4128],
    [1024 * 1024, 1024 * 1024],
    [64 * 1024 * 1024, 64 * 1024 * 1024],
  ])(
    'of frames of %i bytes has %i bytes: whole frames, about a megabyte, and not too many frames',
    (unit, length) => {
      expect(chunkLengthFor(unit, undefined)).toBe(length)
    },
  )
})

describe('reading ahead', () => {
  it('keeps the order of the chunks when reads finish out of order', async () => {
    const { source, reads } = manualSource()
    const ahead = new ReadAhead(source, 4, 3)
    expect(reads.length).toBe(3)
    for (const index of [2, 0, 1]) {
      reads[index]?.target.fill(index + 1)
      reads[index]?.finish(4)
    }
    const seen = [await ahead.next(), await ahead.next(), await ahead.next()].map(chunk => chunk[0])
    expect(seen).toEqual([1, 2, 3])
  })

  it('never reads into a chunk that was not given back', async () => {
    const { source, reads } = manualSource()
    const ahead = new ReadAhead(source, 4, 2)
    for (const { finish } of reads) finish(4)
    const first = await ahead.next()
    expect(reads.length).toBe(2)
    ahead.release(first)
    expect(reads.length).toBe(3)
    expect(reads[2]?.target.buffer).toBe(first.buffer)
  })

  it('throws the error of a read at the turn of its chunk, not before', async () => {
    const { source, reads } = manualSource()
    const ahead = new ReadAhead(source, 4, 2)
    reads[1]?.fail(systemError('EIO'))
    await new Promise(resolve => setTimeout(resolve, 5))
    reads[0]?.finish(4)
    expect((await ahead.next()).length).toBe(4)
    await expect(ahead.next()).rejects.toMatchObject({ code: 'EIO' })
  })

  it('waits for no read at the end, and still clears what one brings later', async () => {
    const { source, reads } = manualSource()
    const ahead = new ReadAhead(source, 4, 3)
    reads[0]?.finish(4)
    const chunk = await ahead.next()
    chunk.fill(0x55)
    ahead.close()
    expect([...chunk]).toEqual([0, 0, 0, 0])
    reads[1]?.target.fill(0x66)
    reads[2]?.target.fill(0x77)
    reads[1]?.finish(4)
    reads[2]?.fail(systemError('EIO'))
    await new Promise(resolve => setTimeout(resolve, 5))
    expect([...(reads[1]?.target ?? []), ...(reads[2]?.target ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('gives empty chunks when everything was taken and nothing given back', async () => {
    const { source, reads } = manualSource()
    const ahead = new ReadAhead(source, 4, 1)
    reads[0]?.finish(0)
    expect((await ahead.next()).length).toBe(0)
    expect((await ahead.next()).length).toBe(0)
  })
})

describe('writing behind', () => {
  it('lets as many writes be under way as it may, and no more', async () => {
    let running = 0
    let most = 0
    const sink: ByteSink = {
      async write() {
        running += 1
        most = Math.max(most, running)
        await new Promise(resolve => setTimeout(resolve, 1))
        running -= 1
      },
      commit: async () => undefined,
      abort: async () => undefined,
    }
    const behind = new WriteBehind(sink, 3, 1)
    for (let index = 0; index < 10; index += 1) await behind.write(Buffer.from('x'))
    await behind.drain()
    expect([most, running]).toEqual([3, 0])
  })

  it.each([
    ['at once', undefined],
    ['late', 3],
  ])('throws the error of a write that fails %s at a later write or at the end', async (_when, delay) => {
    const error = systemError('ENOSPC')
    for (let bad = 0; bad < 5; bad += 1) {
      const sink = new RecordingSink({ delay: () => delay, fail: n => (n === bad ? error : undefined) })
      const behind = new WriteBehind(sink, 2, 1)
      const writing = (async () => {
        for (let index = 0; index < 5; index += 1) await behind.write(Buffer.from('x'))
        await behind.drain()
      })()
      await expect(writing).rejects.toBe(error)
    }
  })

  it('lends a buffer again only after what it held has been written, and clears all in the end', async () => {
    const finish: (() => void)[] = []
    const sink: ByteSink = {
      write: () => new Promise(resolve => void finish.push(resolve)),
      commit: async () => undefined,
      abort: async () => undefined,
    }
    const behind = new WriteBehind(sink, 2, 4)
    const rooms: Buffer[] = []
    const lend = async (): Promise<void> => {
      const room = behind.room()
      rooms.push(room)
      await behind.write(room.fill('secret'))
    }
    await lend()
    await lend()
    const third = lend()
    await new Promise(setImmediate)
    expect([new Set(rooms).size, finish.length]).toEqual([3, 2])
    finish[0]?.()
    await third
    expect(behind.room()).toBe(rooms[0])
    behind.close()
    await new Promise(setImmediate)
    expect(
      rooms.map(room => room[0]),
      'still being written',
    ).not.toContain(0)
    for (const done of finish) done()
    await new Promise(setImmediate)
    for (const room of rooms) expect([...room]).toEqual([0, 0, 0, 0])
  })
})

describe('a cipher', () => {
  it('leaves nothing of what it gave in its own buffers', () => {
    const given: Buffer[] = []
    const cipher = {
      update(data: Buffer): Buffer {
        const piece = Buffer.from(data)
        given.push(piece)
        return piece
      },
    }
    const room = Buffer.alloc(100_000)
    transform(cipher, Buffer.alloc(100_000, 'x'), room)
    expect(room.equals(Buffer.alloc(100_000, 'x'))).toBe(true)
    // Not freed, where there would be nothing to see: this process was not prepared for large messages.
    expect(given.map(piece => piece.length)).toEqual([65_536, 34_464])
    expect(given.map(piece => piece.every(byte => byte === 0))).toEqual([true, true])
  })

  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
    'gives the same from pieces as at once, of %i bytes',
    length => {
      const plaintext = randomBytes(length)
      const [key, iv] = [randomBytes(32), randomBytes(12)]
      const whole = createCipheriv('aes-256-gcm', key, iv)
      const expected = Buffer.concat([whole.update(plaintext), whole.final()])
      const pieces = createCipheriv('aes-256-gcm', key, iv)
      const room = Buffer.alloc(length + 1)
      transform(pieces, plaintext, room)
      pieces.final()
      expect(room.subarray(0, length).equals(expected)).toBe(true)
      expect(room[length]).toBe(0)
      expect(pieces.getAuthTag()).toEqual(whole.getAuthTag())
    },
  )
})
