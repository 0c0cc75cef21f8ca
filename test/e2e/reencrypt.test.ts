/** reencrypt and verify-file as processes: files in their places, trees, and what is left alone. */

import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Workplace } from '../helpers/process.ts'

let place: Workplace
const content = randomBytes(200_000)
beforeEach(async () => {
  place = new Workplace()
  mkdirSync(place.path('t/sub'), { recursive: true })
  for (const name of ['t/a', 't/sub/b']) writeFileSync(place.path(name), content)
  await place.kmseal(['create-key', '--alias', 'alias/new'])
  await place.kmseal(['encrypt', '-r', 't', '--suffix', '.enc'])
})
afterEach(() => place.remove())

const toNew = (...more: string[]) =>
  place.kmseal([
    'reencrypt',
    '--discovery',
    '--destination-key-id',
    'alias/new',
    '-r',
    't',
    '--include',
    '*.enc',
    ...more,
  ])

describe('reencrypt', () => {
  it.each([
    [['--destination-key-id', 'alias/new', '-r'], '--recursive is for files'],
    [['--destination-key-id', 'alias/new', '--include', 'x'], '--include is for files'],
    [
      ['--destination-key-id', 'alias/new', '--account', '111122223333', '--source-key-id', 'alias/new'],
      '--account limits',
    ],
    [[], 'no new key was named'],
    [['--fingerprint', 'SHA256:x', '--destination-key-id', 'alias/new'], '--fingerprint is about'],
  ])('refuses %j', async (words, text) => {
    const discovery = words.includes('--source-key-id') ? [] : ['--discovery']
    const result = await place.kmseal(['reencrypt', ...discovery, ...words])
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining(text) })
  })

  it('of a KMS ciphertext says which of its own options to check', async () => {
    await place.kmseal(['encrypt', '--mode', 'direct', '--encryption-context', 'a=b', '-o', 'c'], {
      stdin: 'x',
    })
    const words = ['reencrypt', '--discovery', '--destination-key-id', 'alias/new', 'c']
    expect(await place.kmseal(words)).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('--source-encryption-context'),
    })
  })

  it('asks for the keys that it was told once, however many files there are', async () => {
    const { stderr } = await toNew('--stats')
    // One DescribeKey; a Decrypt and a GenerateDataKey for each of the two files.
    expect(stderr).toContain('KMS calls: 5 ')
  })

  it('replaces files in their places, keeps their permissions, and leaves alone what is as wished', async () => {
    chmodSync(place.path('t/a.enc'), 0o640)
    const planned = await toNew('--dry-run')
    expect(planned.stdout.toString().match(/^t\/\S+: recipients: arn:\S+$/gm)).toHaveLength(2)
    const before = readFileSync(place.path('t/a.enc'))
    expect(await toNew()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('encrypted again 2 of 2'),
    })
    expect(readFileSync(place.path('t/a.enc')).equals(before)).toBe(false)
    expect(statSync(place.path('t/a.enc')).mode & 0o777).toBe(0o640)
    const opened = await place.kmseal(['decrypt', '--key-id', 'alias/new', 't/a.enc'])
    expect(opened.stdout.equals(content)).toBe(true)
    expect((await toNew()).stderr).toContain('encrypted again 0 of 2 files (0 B), 2 left as they were')
  })

  it('leaves a file that does not verify as it is, and goes on with the others', async () => {
    const cut = readFileSync(place.path('t/a.enc')).subarray(0, -1)
    writeFileSync(place.path('t/a.enc'), cut)
    const result = await toNew('--json')
    expect(result.status).toBe(5)
    expect(readFileSync(place.path('t/a.enc')).equals(cut)).toBe(true)
    expect(readdirSync(place.path('t')).filter(name => name.endsWith('.tmp'))).toEqual([])
    const lines = result.stdout
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.find(({ File }) => File === 't/a.enc').Error.code).toBe('integrity')
    expect(lines.find(({ File }) => File === 't/sub/b.enc')).toMatchObject({
      Mode: 'envelope',
      PlaintextLength: 200_000,
    })
  })

  it('keeps the encoding of a text, from standard input to output', async () => {
    for (const mode of ['direct', 'envelope']) {
      const sealed = await place.kmseal(['encrypt', '--mode', mode], { stdin: 'secret' })
      const words = ['reencrypt', '--source-key-id', 'alias/kmseal', '--destination-key-id', 'alias/new']
      const again = await place.kmseal(words, { stdin: sealed.stdout })
      expect(again.stdout.toString()).toMatch(/^[A-Za-z0-9+/]+=*\n$/)
      const opened = await place.kmseal(['decrypt', '--key-id', 'alias/new'], { stdin: again.stdout })
      expect(opened.stdout.toString()).toBe('secret')
      writeFileSync(place.path('text'), sealed.stdout)
      await place.kmseal([...words, 'text'])
      expect(readFileSync(place.path('text'), 'utf8')).toMatch(/^[A-Za-z0-9+/]+=*\n$/)
      expect((await place.kmseal(['decrypt', '--key-id', 'alias/new', 'text'])).stdout.toString()).toBe(
        'secret',
      )
    }
  })

  it('wants to be told which keys count', async () => {
    const words = ['reencrypt', '--destination-key-id', 'alias/new', 't/a.enc']
    expect(await place.kmseal(words)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--source-key-id'),
    })
    expect(await place.kmseal(['reencrypt', '--discovery', 't/a.enc'])).toMatchObject({ status: 2 })
  })
})

describe('verify-file', () => {
  it('is silent on standard output, writes nothing, and judges by its exit status', async () => {
    const listing = () => readdirSync(place.path('t'), { recursive: true }).sort()
    const before = listing()
    const verify = (...more: string[]) =>
      place.kmseal(['verify-file', '-r', 't', '--include', '*.enc', ...more])
    const good = await verify('--discovery')
    expect(good).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('verified 2 of 2 files (390.6 KiB)'),
    })
    expect(good.stdout.length).toBe(0)
    expect((await verify('--key-id', 'alias/kmseal')).status).toBe(0)
    expect((await verify('--key-id', 'alias/new')).status).toBe(5)
    expect((await verify()).status).toBe(2)
    const altered = readFileSync(place.path('t/a.enc'))
    altered.writeUInt8(altered.readUInt8(altered.length - 20) ^ 1, altered.length - 20)
    writeFileSync(place.path('t/a.enc'), altered)
    expect(await verify('--discovery')).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('t/a.enc'),
    })
    expect(listing()).toEqual(before)
  })

  it('insists on a key of the context', async () => {
    const sealed = await place.kmseal(['encrypt', '--mode', 'envelope', '--encryption-context', 'a=b'], {
      stdin: 'x',
    })
    const verify = (required: string) =>
      place.kmseal(['verify-file', '--discovery', '--require-context', required, '-'], {
        stdin: sealed.stdout,
      })
    expect((await verify('a')).status).toBe(0)
    expect((await verify('a=b')).status).toBe(0)
    expect((await verify('a=c')).status).toBe(5)
    expect((await verify('c')).status).toBe(5)
  })
})

it('verify-file of no files at all is a failure', async () => {
  mkdirSync(place.path('empty'))
  expect(await place.kmseal(['verify-file', '--discovery', '-r', 'empty'])).toMatchObject({ status: 3 })
  const typo = await place.kmseal(['verify-file', '--discovery', '-r', 't', '--include', '*.nope'])
  expect(typo).toMatchObject({ status: 3, stderr: expect.stringContaining('no file matches --include') })
})

it('verify-file takes an envelope as one, whatever algorithm was named', async () => {
  const words = ['verify-file', '--discovery', '--encryption-algorithm', 'RSAES_OAEP_SHA_256', 't/a.enc']
  expect(await place.kmseal(words)).toMatchObject({ status: 0 })
})
