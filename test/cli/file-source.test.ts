import {
  appendFileSync,
  createReadStream,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readUpTo } from '../../src/byte-stream.ts'
import { fileError, openFileSource, streamSource } from '../../src/cli/file-source.ts'
import { digest, pieces, systemError, testBytes } from '../helpers/byte-streams.ts'
import { testFolder } from '../helpers/folder.ts'

/** Delays of the reads of a file, by their place in the file. */
const slow = vi.hoisted(() => ({ delay: (_position: number): number => 0 }))
vi.mock('node:fs/promises', async original => {
  const real = await original<typeof import('node:fs/promises')>()
  const open: typeof real.open = async (...options) => {
    const handle = await real.open(...options)
    const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>
    Object.assign(handle, {
      read: async (...given: unknown[]) => {
        const delay = slow.delay(Number(given[3]))
        if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay))
        return read(...given)
      },
    })
    return handle
  }
  return { ...real, open }
})

afterEach(() => {
  slow.delay = () => 0
})

function fileWith(bytes: Uint8Array): string {
  const path = join(testFolder(), 'input')
  writeFileSync(path, bytes)
  return path
}

describe('a regular file', () => {
  it('knows its size and is read to its end', async () => {
    const source = await openFileSource(fileWith(testBytes(100_000)))
    expect(source.size).toBe(100_000)
    expect(digest(await readUpTo(source, 200_000))).toBe(digest(testBytes(100_000)))
    expect((await readUpTo(source, 10)).length).toBe(0)
    await source.close()
  })

  it('serves overlapping reads in their order, whatever order they finish in', async () => {
    const source = await openFileSource(fileWith(testBytes(10_000)))
    slow.delay = position => (position === 0 ? 20 : position === 4000 ? 10 : 0)
    const targets = Array.from({ length: 5 }, () => new Uint8Array(4000))
    const counts = await Promise.all(targets.map(target => source.read(target)))
    expect(counts).toEqual([4000, 4000, 2000, 0, 0])
    expect(digest(Buffer.concat(targets.map((target, index) => target.subarray(0, counts[index]))))).toBe(
      digest(testBytes(10_000)),
    )
    await source.close()
  })

  it('that ends at an exact multiple of the reads is no change, in whatever order they finish', async () => {
    const source = await openFileSource(fileWith(testBytes(8000)))
    slow.delay = position => (position === 4000 ? 20 : 0)
    const targets = [1, 2, 3, 4].map(() => new Uint8Array(4000))
    expect(await Promise.all(targets.map(target => source.read(target)))).toEqual([4000, 4000, 0, 0])
    await source.close()
  })

  it('that grows after its end was read is refused', async () => {
    const path = fileWith(testBytes(5000))
    const source = await openFileSource(path)
    expect(await source.read(new Uint8Array(4000))).toBe(4000)
    expect(await source.read(new Uint8Array(4000))).toBe(1000)
    appendFileSync(path, testBytes(9000))
    await expect(source.read(new Uint8Array(4000))).rejects.toMatchObject({
      code: 'failed',
      message: `${path} changed while it was read`,
    })
    await source.close()
  })

  it('that grows by less than a read after its end was read is refused', async () => {
    const path = fileWith(testBytes(5000))
    const source = await openFileSource(path)
    await source.read(new Uint8Array(4000))
    expect(await source.read(new Uint8Array(4000))).toBe(1000)
    appendFileSync(path, testBytes(3500))
    await expect(source.read(new Uint8Array(4000))).rejects.toMatchObject({ code: 'failed' })
    await source.close()
  })

  it('that grows between overlapping reads is refused, whichever finishes last', async () => {
    for (const slowOne of [4000, 8000]) {
      const path = fileWith(testBytes(5000))
      const source = await openFileSource(path)
      // The read of the end must see the old file, and the one behind it the grown one.
      slow.delay = position => (position >= 8000 ? 30 : position === slowOne ? 5 : 0)
      const reads = [1, 2, 3].map(() => source.read(new Uint8Array(4000)))
      setTimeout(() => appendFileSync(path, testBytes(9000)), 15)
      const outcomes = await Promise.allSettled(reads)
      expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
      await source.close()
    }
  })

  it('that shrinks gives less, which its size tells', async () => {
    const path = fileWith(testBytes(5000))
    const source = await openFileSource(path)
    truncateSync(path, 100)
    expect(source.size).toBe(5000)
    expect(await source.read(new Uint8Array(5000))).toBe(100)
    await source.close()
  })

  it('is read the same with any sizes of reads', async () => {
    const path = fileWith(testBytes(3000))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 12, maxLength: 20 }),
        async sizes => {
          const source = await openFileSource(path)
          const targets = sizes.map(size => new Uint8Array(size))
          const counts = await Promise.all(targets.map(target => source.read(target)))
          const got = Buffer.concat(targets.map((target, index) => target.subarray(0, counts[index])))
          expect(got.equals(testBytes(3000).subarray(0, got.length))).toBe(true)
          expect(got.length).toBe(
            Math.min(
              3000,
              sizes.reduce((sum, size) => sum + size, 0),
            ),
          )
          await source.close()
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('other things than regular files', () => {
  it('of /proc, which say that they are empty, are read whole', async () => {
    const source = await openFileSource('/proc/self/status')
    expect(source.size).toBeUndefined()
    const bytes = Buffer.from(await readUpTo(source, 100_000))
    expect(bytes.toString()).toContain('Pid:')
    expect(bytes.toString().endsWith('\n')).toBe(true)
    await source.close()
  })

  it('that are devices are read in order', async () => {
    const source = await openFileSource('/dev/zero')
    expect(source.size).toBeUndefined()
    const targets = [new Uint8Array(10).fill(1), new Uint8Array(10).fill(1)]
    expect(await Promise.all(targets.map(target => source.read(target)))).toEqual([10, 10])
    expect(Buffer.concat(targets)).toEqual(Buffer.alloc(20))
    await source.close()
    const none = await openFileSource('/dev/null')
    expect((await readUpTo(none, 10)).length).toBe(0)
    await none.close()
  })

  it('that are empty have no size to hold them to', async () => {
    const source = await openFileSource(fileWith(Buffer.alloc(0)))
    expect(source.size).toBeUndefined()
    expect((await readUpTo(source, 10)).length).toBe(0)
    await source.close()
  })

  it('that are folders are refused as usage', async () => {
    const folder = testFolder()
    await expect(openFileSource(folder)).rejects.toMatchObject({
      code: 'usage',
      message: `${folder} is a directory`,
      hint: 'name the files in it, or add --recursive where a command has it',
    })
  })

  it('that are missing are not found', async () => {
    const path = join(testFolder(), 'missing')
    await expect(openFileSource(path)).rejects.toMatchObject({
      code: 'not-found',
      message: `${path} does not exist`,
    })
  })

  it('that lie in a file are refused with the reason', async () => {
    const path = join(fileWith(Buffer.from('x')), 'below')
    await expect(openFileSource(path)).rejects.toMatchObject({
      code: 'failed',
      message: `cannot read ${path}: a part of the path is no directory`,
    })
  })

  it('have their names escaped', async () => {
    const folder = join(testFolder(), 'a\u001b[31m\nb')
    mkdirSync(folder)
    await expect(openFileSource(folder)).rejects.toMatchObject({
      message: expect.stringMatching(/a\\u\{1b\}\[31m\\nb is a directory$/),
    })
  })
})

describe('a stream', () => {
  it('is read in order in pieces of any size', async () => {
    const bytes = testBytes(2000)
    const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }),
        async (given, asked) => {
          const source = streamSource(Readable.from(pieces(bytes, given)))
          expect(source.size).toBeUndefined()
          const targets = [...asked, 3000].map(size => new Uint8Array(size))
          const counts = await Promise.all(targets.map(target => source.read(target)))
          const got = Buffer.concat(targets.map((target, index) => target.subarray(0, counts[index])))
          expect(got.equals(bytes)).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('may give empty pieces and text', async () => {
    const source = streamSource(Readable.from(['é', '', Buffer.alloc(0), Buffer.from('x')]))
    expect(Buffer.from(await readUpTo(source, 10))).toEqual(Buffer.from('éx'))
  })

  it('that fails makes the read fail', async () => {
    const stream = new PassThrough()
    const source = streamSource(stream)
    const reading = source.read(new Uint8Array(10))
    stream.write('abc')
    stream.destroy(systemError('EIO'))
    await expect(reading).rejects.toMatchObject({ code: 'EIO' })
  })

  it('is destroyed when its source is closed', async () => {
    const stream = createReadStream('/dev/zero')
    const source = streamSource(stream)
    await source.read(new Uint8Array(10))
    await source.close()
    expect(stream.destroyed).toBe(true)
  })
})

describe('an error of the file system', () => {
  it.each([
    ['EACCES', 'read', 'failed', 'cannot read /a: permission denied'],
    ['ENOSPC', 'write', 'failed', 'cannot write /a: no space is left on the device'],
    ['EROFS', 'write', 'failed', 'cannot write /a: the file system is read-only'],
    ['EIO', 'read', 'failed', 'cannot read /a: input/output error'],
    ['EDQUOT', 'write', 'failed', 'cannot write /a: the disk quota is used up'],
    ['ENOENT', 'read', 'not-found', '/a does not exist'],
    ['ENOENT', 'write', 'failed', 'cannot write /a: its folder does not exist'],
    ['EWHATEVER', 'write', 'failed', 'cannot write /a: EWHATEVER'],
  ] as const)('%s at a %s becomes %s in our words', (errno, action, code, message) => {
    expect(fileError(systemError(errno), '/a', action)).toMatchObject({ code, message })
  })

  it('of another kind stays what it was', () => {
    const error = new TypeError('x')
    expect(fileError(error, '/a', 'read')).toBe(error)
    expect(fileError('text', '/a', 'read')).toBeInstanceOf(Error)
  })
})

it('reads this very file', async () => {
  const path = new URL(import.meta.url).pathname
  const source = await openFileSource(path)
  expect(digest(await readUpTo(source, 1_000_000))).toBe(digest(readFileSync(path)))
  await source.close()
})
