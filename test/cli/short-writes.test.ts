import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { AtomicFileSink, lookAtTarget } from '../../src/cli/atomic-file.ts'
import { digest, testBytes } from '../helpers/byte-streams.ts'
import { testFolder } from '../helpers/folder.ts'

// Every write takes a part of what it is given, as a system may when a signal or a limit comes in between.
vi.mock('node:fs', async original => {
  const real = await original<typeof import('node:fs')>()
  let count = 0
  const writev = (
    fd: number,
    chunks: readonly Uint8Array[],
    position: number,
    done: (error: Error | null, written: number) => void,
  ): void => {
    const first = Buffer.concat(chunks)
    const part = first.subarray(0, 1 + ((count++ * 7919) % first.length))
    real.write(fd, part, 0, part.length, position, done)
  }
  return { ...real, writev }
})

it('a file has every byte although each write took only a part', async () => {
  const path = join(testFolder(), 'target')
  const sink = new AtomicFileSink(await lookAtTarget(path))
  const chunks = [testBytes(50_000), testBytes(1, 2), testBytes(0), testBytes(99_999, 3)]
  await Promise.all([sink.write(chunks.slice(0, 2)), sink.write(chunks.slice(2))])
  await sink.commit()
  expect(digest(readFileSync(path))).toBe(digest(Buffer.concat(chunks)))
})
