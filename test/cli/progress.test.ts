import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { counted, progressText, sizeText, startProgress } from '../../src/cli/progress.ts'

describe('how far a run is', () => {
  const MiB = 1024 * 1024

  it.each([
    [{ files: 0, bytes: 0, seconds: 0, total: { files: 4 } }, '0 of 4 files, 0 B, 0 B/s'],
    [
      { files: 1, bytes: 2 * MiB, seconds: 2, total: { files: 4 } },
      '1 of 4 files, 2.0 MiB, 1.0 MiB/s, 6 s left',
    ],
    [
      { files: 4, bytes: MiB, seconds: 2, total: { files: 4 } },
      '4 of 4 files, 1.0 MiB, 512.0 KiB/s, 0 s left',
    ],
    [
      { files: 0, bytes: MiB, seconds: 1, total: { files: 1, bytes: 4 * MiB } },
      '1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3 s left',
    ],
    [{ files: 0, bytes: 0, seconds: 1, total: { files: 1, bytes: 4 * MiB } }, '0 B of 4.0 MiB, 0 B/s'],
    [
      { files: 0, bytes: 5 * MiB, seconds: 1, total: { files: 1, bytes: 4 * MiB } },
      '5.0 MiB of 4.0 MiB, 5.0 MiB/s, 0 s left',
    ],
    [
      { files: 1, bytes: 0, seconds: 2, total: { files: 4, unit: 'parameters' as const } },
      '1 of 4 parameters, 6 s left',
    ],
  ])('%j', (state, text) => expect(progressText(state)).toBe(text))

  it('counts what is read, and changes nothing about it', async () => {
    let read = 0
    const progress = {
      read: (bytes: number) => {
        read += bytes
      },
      fileDone: () => undefined,
      pause: () => undefined,
      stop: () => undefined,
    }
    const source = counted(bytesSource(Buffer.from('hello')), progress)
    const target = Buffer.alloc(4)
    expect([source.size, await source.read(target), target.toString(), read]).toEqual([5, 4, 'hell', 4])
    expect([await source.read(target), await source.read(target), read]).toEqual([1, 0, 5])
  })

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
  ])('%i bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))
})

it('draws no line on a terminal that has no size', async () => {
  const written: string[] = []
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk))
        done()
      },
    }),
    { isTTY: true, columns: 0 },
  )
  const io = { stdin: Readable.from([]), stdout: stderr, stderr, env: {} }
  const progress = await startProgress(io, true, { files: 10 })
  progress.fileDone()
  progress.stop()
  expect(written).toEqual([])
})
