import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BytePipe } from '../../src/core/byte-pipe.ts'

it('gives what it was given, however it is cut on both sides, with reads that overlap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(70), { maxLength: 4 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 4 }),
      async (writes, readLength, depth) => {
        const pipe = new BytePipe()
        const chunks = writes.map(sizes => sizes.map(size => randomBytes(size)))
        const writing = (async () => {
          await Promise.all(chunks.map(write => pipe.sink.write(write)))
          await pipe.sink.commit()
        })()
        const read: Buffer[] = []
        for (let ended = false; !ended; ) {
          const targets = Array.from({ length: depth }, () => Buffer.alloc(readLength))
          const counts = await Promise.all(targets.map(target => pipe.source.read(target)))
          counts.forEach((count, index) => {
            read.push(targets[index]?.subarray(0, count) ?? Buffer.alloc(0))
          })
          ended = counts.some(count => count < readLength)
        }
        await writing
        expect(Buffer.concat(read)).toEqual(Buffer.concat(chunks.flat()))
      },
    ),
    { numRuns: 200 },
  )
})

it('holds a writer until its bytes were read', async () => {
  const pipe = new BytePipe()
  let done = false
  const writing = pipe.sink.write([Buffer.from('abc')]).then(() => {
    done = true
  })
  await pipe.source.read(Buffer.alloc(2))
  await new Promise(fulfil => setTimeout(fulfil, 5))
  expect(done).toBe(false)
  await pipe.source.read(Buffer.alloc(1))
  await writing
})

it('fails both sides with the first failure, also those that wait', async () => {
  const pipe = new BytePipe()
  const reading = pipe.source.read(Buffer.alloc(1))
  pipe.fail(new Error('first'))
  pipe.fail(new Error('second'))
  await expect(reading).rejects.toThrow('first')
  await expect(pipe.sink.write([Buffer.alloc(1)])).rejects.toThrow('first')
  const other = new BytePipe()
  const writing = other.sink.write([Buffer.alloc(1)])
  other.fail(new Error('gone'))
  await expect(writing).rejects.toThrow('gone')
})

it('passes megabytes', async () => {
  const pipe = new BytePipe()
  const content = randomBytes(5_000_001)
  const writing = pipe.sink
    .write([content.subarray(0, 7), content.subarray(7)])
    .then(() => pipe.sink.commit())
  const hash = createHash('sha256')
  for (let count = 65_536; count === 65_536; ) {
    const target = Buffer.alloc(65_536)
    count = await pipe.source.read(target)
    hash.update(target.subarray(0, count))
  }
  await writing
  expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'))
})
