/** encrypt and decrypt of many files: trees, failures, interruption, data keys that are shared. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseHeader } from '../../src/core/message/header.ts'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'

let place: Workplace
beforeEach(() => {
  place = new Workplace()
})
afterEach(() => place.remove())

function makeTree(count: number): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (let index = 0; index < count; index += 1) {
    const name = index % 3 === 0 ? `f${index}` : `sub${index % 3}/f${index}`
    files.set(name, randomBytes(index === 0 ? 0 : 2000))
  }
  for (const [name, content] of files) {
    mkdirSync(join(place.path('in'), name, '..'), { recursive: true })
    writeFileSync(join(place.path('in'), name), content)
  }
  return files
}

const encrypt = (...more: string[]) =>
  place.kmseal(['encrypt', '-r', 'in', '--out-dir', 'out', '--suffix', '.enc', ...more])
const decrypt = (...more: string[]) =>
  place.kmseal(['decrypt', '-r', 'out', '--suffix', '.enc', '--out-dir', 'back', ...more])

describe('a tree', () => {
  it('comes back as it was, its times kept and its files closed to others', async () => {
    const files = makeTree(12)
    utimesSync(place.path('in/f3'), new Date(), new Date('2020-01-02T03:04:05Z'))
    chmodSync(place.path('in/f3'), 0o644)
    expect(await encrypt()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('encrypted 12 of 12 files'),
    })
    expect(await decrypt()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('decrypted 12 of 12 files'),
    })
    for (const [name, content] of files)
      expect(readFileSync(place.path(`back/${name}`)).equals(content)).toBe(true)
    const { mtime, mode } = statSync(place.path('back/f3'))
    expect([mtime.toISOString(), mode & 0o777]).toEqual(['2020-01-02T03:04:05.000Z', 0o600])
    expect(statSync(place.path('back')).mode & 0o777).toBe(0o700)
    expect(await decrypt('--force', '--preserve-mode')).toMatchObject({ status: 0 })
  })

  it('shares data keys within the limits, and tells what that saved', async () => {
    makeTree(25)
    const calls = async (...more: string[]) => {
      const { stderr } = await encrypt('--force', '--stats', ...more)
      return /KMS calls: (\d+) .* saved by shared data keys: (\d+)/.exec(stderr)?.slice(1).map(Number)
    }
    expect(await calls()).toEqual([1, 24])
    expect(await calls('--cache-max-messages', '10')).toEqual([3, 22])
    expect(await calls('--cache-max-messages', '1')).toEqual([25, 0])
    expect(await calls('--cache-max-bytes', '4000')).toEqual([12, 13])
    expect(await calls('--mode', 'direct', '--exclude', 'f0')).toEqual([24, 0])
  })

  it.each([
    [20, 1],
    [5, 4],
  ])('of 20 files, %i for each data key, by 8 at once, has %i data keys', async (most, count) => {
    makeTree(20)
    const limits = ['--jobs', '8', '--cache-max-messages', String(most)]
    expect((await encrypt('--stats', ...limits)).stderr).toContain(`KMS calls: ${count} `)
    const wrapped = new Map<string, number>()
    for (const name of readdirSync(place.path('out'), { recursive: true }).map(String)) {
      if (!name.endsWith('.enc')) continue
      const header = parseHeader(readFileSync(place.path(`out/${name}`)), { maxEncryptedDataKeys: 1 })
      const key = Buffer.from(header?.encryptedDataKeys[0]?.ciphertext ?? []).toString('base64')
      wrapped.set(key, (wrapped.get(key) ?? 0) + 1)
    }
    expect([...wrapped.values()]).toEqual(Array(count).fill(most))
    expect(await decrypt()).toMatchObject({ status: 0 })
  })

  it('gives one line of JSON for each file', async () => {
    makeTree(3)
    writeFileSync(place.path('in/f9'), 'x')
    await encrypt()
    writeFileSync(place.path('out/f9.enc'), 'no message')
    const result = await decrypt('--json')
    expect(result.status).toBe(5)
    const lines = result.stdout
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toHaveLength(4)
    expect(lines.find(({ File }) => File === 'out/f9.enc')).toMatchObject({ Error: { code: 'integrity' } })
    expect(lines.find(({ File }) => File === 'out/f0.enc')).toEqual({
      File: 'out/f0.enc',
      Output: 'back/f0',
      Mode: 'envelope',
      KeyId: expect.stringMatching(/^arn:/),
      EncryptionContext: {},
      PlaintextLength: 0,
      Signed: false,
    })
  })
})

describe('failures', () => {
  it('of one file do not stop the rest, unless told so; a second run does what is left', async () => {
    const files = makeTree(9)
    await encrypt()
    const good = readFileSync(place.path('out/f3.enc'))
    writeFileSync(place.path('out/f3.enc'), good.subarray(0, -1))
    const result = await decrypt()
    expect(result.status).toBe(5)
    expect(result.stderr).toContain('kmseal: error: out/f3.enc: ')
    expect(result.stderr).toContain('decrypted 8 of 9 files')
    expect(result.stderr).toContain('kmseal: error: 1 of 9 files failed')
    expect(existsSync(place.path('back/f3'))).toBe(false)
    writeFileSync(place.path('out/f3.enc'), good)
    const again = await decrypt('--skip-existing')
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('8 left as they were') })
    expect(readFileSync(place.path('back/f3')).equals(files.get('f3') ?? Buffer.alloc(1))).toBe(true)
    writeFileSync(place.path('out/f0.enc'), 'x')
    const fast = await decrypt('--force', '--fail-fast', '--jobs', '1')
    expect(fast.stderr).toContain('decrypted 0 of 9 files')
  })

  it('to replace a result are the rule without --force', async () => {
    makeTree(2)
    await encrypt()
    const before = readFileSync(place.path('out/f0.enc'))
    expect(await encrypt()).toMatchObject({ status: 8, stderr: expect.stringContaining('--force') })
    expect(readFileSync(place.path('out/f0.enc')).equals(before)).toBe(true)
  })

  it('is a result that a link would lead out of the output folder', async () => {
    makeTree(3)
    mkdirSync(place.path('out'))
    mkdirSync(place.path('elsewhere'))
    symlinkSync('../elsewhere', place.path('out/sub1'))
    symlinkSync('../elsewhere/file', place.path('out/f0.enc'))
    const result = await encrypt()
    expect(result.status).toBe(1)
    expect(result.stderr.match(/leads out of the output folder|is a symbolic link/g)).toHaveLength(2)
    expect(readdirSync(place.path('elsewhere'))).toEqual([])
  })

  it.each([
    [['encrypt', 'a', 'b'], '--out-dir'],
    [['encrypt', '-r', 'in', '--out-dir', 'out', '-o', 'x'], '-o is for one input'],
    [['decrypt', 'a', '--jobs', '3'], '--jobs is for many files'],
    [['decrypt', 'a', '-', '--out-dir', 'out'], 'standard input is one input'],
    [['encrypt', '--out-dir', 'out'], 'no file was named'],
    [['decrypt', 'a', '--suffix', '/x', '--out-dir', 'out'], '--suffix is a part of a name'],
    [['decrypt', 'a', 'b', '--stream', '--out-dir', 'out'], '--stream is for one input'],
  ])('of usage: %j', async (words, message) => {
    for (const name of ['a', 'b']) writeFileSync(place.path(name), name)
    expect(await place.kmseal(words)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) })
  })
})

it('an interrupted run leaves whole files only, and can be run again', async () => {
  const files = makeTree(30)
  // A file of holes that takes longer than the signal does.
  const large = place.path('in/z-large')
  writeFileSync(large, '')
  truncateSync(large, 2 ** 30)
  const child = spawn(
    process.execPath,
    [binary, '--backend', 'mock', 'encrypt', '-r', 'in', '--out-dir', 'out', '--suffix', '.enc'],
    { cwd: place.folder, env: bareEnv(place.env) },
  )
  const ended = new Promise<NodeJS.Signals | null>(fulfil =>
    child.once('close', (_, signal) => fulfil(signal)),
  )
  const count = () =>
    existsSync(place.path('out')) ? readdirSync(place.path('out'), { recursive: true }).length : 0
  while (count() < 20 && child.exitCode === null) await new Promise(fulfil => setTimeout(fulfil, 5))
  child.kill('SIGINT')
  expect(await ended).toBe('SIGINT')
  expect(existsSync(place.path('out/z-large.enc'))).toBe(false)
  expect(
    readdirSync(place.path('out'), { recursive: true }).filter(name => String(name).endsWith('.tmp')),
  ).toEqual([])
  rmSync(large)
  expect(await encrypt('--skip-existing')).toMatchObject({ status: 0 })
  expect(await decrypt()).toMatchObject({ status: 0 })
  for (const [name, content] of files)
    expect(readFileSync(place.path(`back/${name}`)).equals(content)).toBe(true)
})

describe('what is in the way', () => {
  it('a name that is no UTF-8 is refused, never taken for another', async () => {
    makeTree(1)
    await place.shell("printf CCC > $'in/q\\xff'; printf DDD > $'in/q\\xef\\xbf\\xbd'")
    const one = await place.shell("kmseal encrypt --mode envelope $'in/q\\xff' -o q.enc")
    expect(one).toMatchObject({ status: 2, stderr: expect.stringContaining('is a name that is no UTF-8') })
    const tree = await encrypt()
    expect(tree).toMatchObject({ status: 2, stderr: expect.stringContaining('encrypted 1 of 3 files') })
    expect(existsSync(place.path('q.enc'))).toBe(false)
  })

  it('a folder that cannot be read stops nothing else', async () => {
    makeTree(3)
    // A folder that even root cannot list: its path is too long for the system.
    const result = await place.shell(`
      cd in; deep=$(printf 'd%.0s' $(seq 200)); for i in $(seq 25); do mkdir $deep && cd $deep; done
      cd '${place.folder}'; kmseal encrypt -r in --out-dir out --suffix .enc; status=$?
      rm -rf in; exit $status`)
    expect(result).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/the name is too long\n(.*\n)*.*encrypted 3 of 4 files/),
    })
  })

  it('a link at a name that was made up is not followed', async () => {
    makeTree(1)
    mkdirSync(place.path('out'))
    writeFileSync(place.path('precious'), 'precious')
    symlinkSync(place.path('precious'), place.path('in/f0.enc'))
    const result = await place.kmseal(['encrypt', 'in/f0', '--suffix', '.enc', '--force'])
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('is a symbolic link') })
    expect(readFileSync(place.path('precious'), 'utf8')).toBe('precious')
  })

  it('an output folder that is the tree itself, by another way, is seen', async () => {
    makeTree(2)
    symlinkSync(place.path('in'), place.path('same'))
    const result = await place.kmseal(['encrypt', 'in/f0', '--out-dir', 'same', '--force'])
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('both read and written') })
  })

  it('a file is no place for its own result', async () => {
    makeTree(1)
    const result = await place.kmseal(['encrypt', '--mode', 'envelope', 'in/f0', '-o', './in/../in/f0'])
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('is the input itself') })
  })

  it('options that exclude each other, or say nothing, are refused', async () => {
    makeTree(1)
    expect(await encrypt('--force', '--skip-existing')).toMatchObject({ status: 2 })
    expect(await place.kmseal(['encrypt', 'in/f0', '--out-dir', ''])).toMatchObject({ status: 2 })
    expect(await decrypt('--cache-max-messages', '1')).toMatchObject({ status: 2 })
  })

  it('one reason for many files is told once', async () => {
    makeTree(4)
    const env = { KMSEAL_MOCK_FAULTS: 'GenerateDataKey:denied' }
    const { stderr } = await place.kmseal(['encrypt', '-r', 'in', '--out-dir', 'out', '--jobs', '1'], { env })
    expect(stderr.match(/kms:GenerateDataKey failed/g)).toHaveLength(1)
    expect(stderr.match(/the same as in\/f0$/gm)).toHaveLength(3)
  })

  it('each failure says which file it is about', async () => {
    mkdirSync(place.path('in'))
    writeFileSync(place.path('in/text'), 'text that is no base64')
    const { stderr } = await place.kmseal(['verify-file', '--discovery', 'in/text'])
    expect(stderr).toContain('in/text: the ciphertext is text')
  })
})

it('excluded folders are not looked into', async () => {
  makeTree(6)
  for (const glob of ['sub1', 'sub1/', 'sub1/**']) {
    const result = await encrypt('--force', '--exclude', glob)
    expect(result.stderr).toContain('encrypted 4 of 4 files')
  }
})
