import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AtomicFileSink, lookAtTarget } from '../../src/cli/atomic-file.ts'
import { openDirectSink } from '../../src/cli/direct-sink.ts'
import { removeTemporaryFiles } from '../../src/cli/temporary-files.ts'
import { digest, testBytes } from '../helpers/byte-streams.ts'
import { testFolder } from '../helpers/folder.ts'

const sinkFor = async (path: string): Promise<AtomicFileSink> => new AtomicFileSink(await lookAtTarget(path))

function targetWith(text: string): { folder: string; path: string } {
  const folder = testFolder()
  const path = join(folder, 'target')
  writeFileSync(path, text)
  return { folder, path }
}

describe('a file', () => {
  it('appears whole at commit, and not before', async () => {
    const { folder, path } = targetWith('old')
    const sink = await sinkFor(path)
    await sink.write([Buffer.from('ne'), Buffer.alloc(0), Buffer.from('w')])
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder).length).toBe(2)
    await sink.commit()
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(folder)).toEqual(['target'])
  })

  it('of no bytes is made, too', async () => {
    const path = join(testFolder(), 'empty')
    await (await sinkFor(path)).commit()
    expect(statSync(path).size).toBe(0)
  })

  it('is as it was after an abort, and nothing else is left', async () => {
    for (const written of [true, false]) {
      const { folder, path } = targetWith('old')
      const sink = await sinkFor(path)
      if (written) await sink.write([Buffer.from('new')])
      await sink.abort()
      expect(readFileSync(path, 'utf8')).toBe('old')
      expect(readdirSync(folder)).toEqual(['target'])
    }
  })

  it('that was not there is not there after an abort', async () => {
    const folder = testFolder()
    const sink = await sinkFor(join(folder, 'new'))
    await sink.write([Buffer.from('x')])
    await sink.abort()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is as it was when the commit fails, and nothing else is left after the abort', async () => {
    const folder = testFolder()
    const path = join(folder, 'target')
    const sink = await sinkFor(path)
    await sink.write([Buffer.from('x')])
    mkdirSync(path)
    await expect(sink.commit()).rejects.toMatchObject({ code: 'failed' })
    await sink.abort()
    expect(readdirSync(folder)).toEqual(['target'])
    expect(statSync(path).isDirectory()).toBe(true)
  })

  it.each([0o000, 0o022, 0o077])(
    'is readable by its owner alone under umask %o, whatever was there before',
    async umask => {
      const { folder, path } = targetWith('old')
      chmodSync(path, 0o6777)
      const before = process.umask(umask)
      onTestFinished(() => void process.umask(before))
      const sink = await sinkFor(path)
      await sink.write([Buffer.from('new')])
      const temporary = readdirSync(folder).find(name => name !== 'target') ?? ''
      expect(temporary).toMatch(/^\.kmseal-[0-9a-f]{16}\.tmp$/)
      expect(statSync(join(folder, temporary)).mode & 0o7777).toBe(0o600)
      await sink.commit()
      expect(statSync(path).mode & 0o7777).toBe(0o600)
    },
  )

  it('is written through a symbolic link that is resolved once', async () => {
    const { folder, path } = targetWith('old')
    const link = join(folder, 'link')
    symlinkSync('target', link)
    const sink = await sinkFor(link)
    const elsewhere = join(folder, 'elsewhere')
    writeFileSync(elsewhere, 'mine')
    await sink.write([Buffer.from('new')])
    await import('node:fs').then(({ unlinkSync }) => unlinkSync(link))
    symlinkSync('elsewhere', link)
    await sink.commit()
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
    expect(readlinkSync(link)).toBe('elsewhere')
  })

  it('is made where a link points that leads nowhere yet', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real/new', join(folder, 'link'))
    const sink = await sinkFor(join(folder, 'link'))
    await sink.write([Buffer.from('x')])
    await sink.commit()
    expect(readFileSync(join(folder, 'real', 'new'), 'utf8')).toBe('x')
    expect(readlinkSync(join(folder, 'link'))).toBe('real/new')
  })

  it('is written beside its target, in the folder that a link leads to', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'link'))
    const sink = await sinkFor(join(folder, 'link', 'new'))
    await sink.write([Buffer.from('x')])
    expect(readdirSync(join(folder, 'real')).length).toBe(1)
    await sink.commit()
    expect(readdirSync(join(folder, 'real'))).toEqual(['new'])
  })

  it('of several writers at once is that of one of them, whole', async () => {
    const { folder, path } = targetWith('old')
    const contents = Array.from({ length: 8 }, (_, index) => testBytes(200_000, index + 1))
    await Promise.all(
      contents.map(async content => {
        const sink = await sinkFor(path)
        await Promise.all([sink.write([content.subarray(0, 99_999)]), sink.write([content.subarray(99_999)])])
        await sink.commit()
      }),
    )
    expect(contents.map(digest)).toContain(digest(readFileSync(path)))
    expect(readdirSync(folder)).toEqual(['target'])
  })

  it('has its bytes in the order of the writes, though they overlap', async () => {
    const folder = testFolder()
    let number = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 }), { maxLength: 12 }),
        async writes => {
          const path = join(folder, `file${number++}`)
          const sink = await sinkFor(path)
          await Promise.all(writes.map(chunks => sink.write(chunks)))
          await sink.commit()
          expect(readFileSync(path).equals(Buffer.concat(writes.flat()))).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is longer than one flush', async () => {
    const path = join(testFolder(), 'long')
    const sink = await sinkFor(path)
    const piece = testBytes(1_000_000)
    for (let count = 0; count < 140; count += 1) await sink.write([piece])
    await sink.commit()
    expect(statSync(path).size).toBe(140_000_000)
    const handle = await open(path)
    const end = Buffer.alloc(1_000_000)
    await handle.read(end, 0, end.length, 139_000_000)
    await handle.close()
    expect(digest(end)).toBe(digest(piece))
  })

  it('is let go only when no write to it is under way', async () => {
    const folder = testFolder()
    for (let round = 0; round < 20; round += 1) {
      const sink = await sinkFor(join(folder, 'target'))
      await sink.write([Buffer.from('x')])
      let running = 0
      const writes = Array.from({ length: 4 }, async () => {
        running += 1
        await sink.write([Buffer.alloc(2_000_000)]).catch(() => undefined)
        running -= 1
      })
      await sink.abort()
      expect(running).toBe(0)
      await Promise.all(writes)
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it('that is still temporary is removed when a signal ends the process', async () => {
    const folder = testFolder()
    const sink = await sinkFor(join(folder, 'target'))
    await sink.write([Buffer.from('x')])
    removeTemporaryFiles()
    expect(readdirSync(folder)).toEqual([])
    await sink.abort()
  })
})

describe('a target', () => {
  it('is looked at, whether it is there or not', async () => {
    const { folder, path } = targetWith('x')
    expect(await lookAtTarget(path)).toMatchObject({ path, realPath: path, replaceable: true, exists: true })
    const missing = join(folder, 'missing')
    expect(await lookAtTarget(missing)).toMatchObject({ realPath: missing, replaceable: true, exists: false })
    expect(await lookAtTarget('/dev/null')).toMatchObject({ replaceable: false, exists: true })
  })

  it('that is a folder is refused as usage', async () => {
    const folder = testFolder()
    await expect(lookAtTarget(folder)).rejects.toMatchObject({
      code: 'usage',
      message: `${folder} is a directory`,
      hint: 'name a file in it',
    })
  })

  it('in a folder that is missing, or in a file, is refused with the reason', async () => {
    const { folder, path } = targetWith('x')
    const missing = join(folder, 'missing', 'target')
    await expect(lookAtTarget(missing)).rejects.toMatchObject({
      code: 'failed',
      message: `cannot write ${missing}: its folder does not exist`,
    })
    await expect(lookAtTarget(join(path, 'below'))).rejects.toMatchObject({
      code: 'failed',
      message: `cannot write ${join(path, 'below')}: a part of the path is no directory`,
    })
  })
})

describe('a full disk', () => {
  const mounted = (): string | undefined => {
    const folder = testFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'kmseal-test', folder], { stdio: 'ignore' })
    } catch {
      return undefined
    }
    onTestFinished(() => void execFileSync('umount', [folder], { stdio: 'ignore' }))
    return folder
  }

  it('refuses the write with its reason, leaves the target, and no temporary file', async context => {
    const folder = mounted()
    // Mounting needs rights that not every machine gives.
    if (folder === undefined) return context.skip('no file system can be mounted here')
    const path = join(folder, 'target')
    writeFileSync(path, 'old')
    for (const sizes of [[1_000_000], [100_000, 100_000, 100_000, 100_000]]) {
      const sink = await sinkFor(path)
      const writing = (async () => {
        for (const size of sizes) await sink.write([testBytes(size)])
        await sink.commit()
      })()
      await expect(writing).rejects.toMatchObject({
        code: 'failed',
        message: `cannot write ${path}: no space is left on the device`,
      })
      await sink.abort()
      expect(readFileSync(path, 'utf8')).toBe('old')
      expect(readdirSync(folder)).toEqual(['target'])
    }
  })
})

describe('what cannot be replaced', () => {
  it('is written in order: a FIFO', async () => {
    const path = join(testFolder(), 'fifo')
    execFileSync('mkfifo', [path])
    const target = await lookAtTarget(path)
    expect(target.replaceable).toBe(false)
    const reading = readFile(path)
    const sink = await openDirectSink(target)
    const chunks = [testBytes(70_000), testBytes(1, 2), testBytes(200_000, 3)]
    await Promise.all([sink.write(chunks.slice(0, 2)), sink.write(chunks.slice(2))])
    await sink.commit()
    expect(digest(await reading)).toBe(digest(Buffer.concat(chunks)))
    expect(existsSync(path)).toBe(true)
  })

  it('may take everything: /dev/null', async () => {
    const sink = await openDirectSink(await lookAtTarget('/dev/null'))
    await sink.write([testBytes(100_000)])
    await sink.commit()
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it('may be full: /dev/full', async () => {
    const sink = await openDirectSink(await lookAtTarget('/dev/full'))
    const outcomes = await Promise.allSettled([
      sink.write([Buffer.from('x')]),
      sink.write([Buffer.from('y')]),
    ])
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: { code: 'failed', message: 'cannot write /dev/full: no space is left on the device' },
      })
    await sink.abort()
  })

  it('may lose its reader, which ends silently: a FIFO', async () => {
    const path = join(testFolder(), 'fifo')
    execFileSync('mkfifo', [path])
    const opening = open(path, 'r')
    const sink = await openDirectSink(await lookAtTarget(path))
    await (await opening).close()
    await expect(sink.write([testBytes(10)])).rejects.toMatchObject({ name: 'ClosedPipeError' })
    await sink.abort()
  })
})
