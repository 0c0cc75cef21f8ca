import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
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
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { KmsealError } from '../../src/errors.ts'
import { openEmulator } from '../../src/mock/emulator.ts'
import { temporaryFolder } from './mock-clients.ts'

const caller = { principal: 'arn:aws:iam::000000000000:root', region: 'eu-west-1' }
const isRoot = userInfo().uid === 0

async function failure(directory: string): Promise<KmsealError> {
  const error = await openEmulator({ directory }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof KmsealError)) throw new Error('the folder was not refused', { cause: error })
  expect(error.message).not.toContain('\n')
  expect(error.hint).toBeTruthy()
  return error
}

async function filled(parameters = 20): Promise<string> {
  const directory = join(temporaryFolder(), 'state')
  const emulator = await openEmulator({ directory })
  for (let i = 0; i < parameters; i++) {
    const body = Buffer.from(JSON.stringify({ Name: `/p${i}`, Value: 'x'.repeat(4000), Type: 'String' }))
    await emulator.answer({ target: 'AmazonSSM.PutParameter', body, caller })
  }
  await emulator.close()
  return directory
}

test.each(['state.d', 'tmp.Xa3bC9'])('the folder may have a dot in its name, as %s', async name => {
  const directory = join(temporaryFolder(), name)
  mkdirSync(directory, { mode: 0o700 })
  await (await openEmulator({ directory })).close()
  expect(readdirSync(directory)).toContain('data.mdb')
})

test('the folder is made with its parents and is private, and so is what is in it', async () => {
  const parent = join(temporaryFolder(), 'a')
  const directory = join(parent, 'b')
  const before = process.umask(0)
  try {
    await (await openEmulator({ directory })).close()
  } finally {
    process.umask(before)
  }
  for (const folder of [parent, directory]) expect(statSync(folder).mode & 0o777).toBe(0o700)
  const files = readdirSync(directory)
  expect(files.sort()).toEqual(['data.mdb', 'gate.mdb', 'gate.mdb-lock', 'kmseal-mock-state', 'lock.mdb'])
  for (const file of files) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
})

test('state survives a restart, and reset empties it', async () => {
  const directory = await filled(3)
  const emulator = await openEmulator({ directory })
  expect(emulator.status()).toMatchObject({ directory, keys: 1, aliases: 1, parameters: 3 })
  expect(emulator.status().bytes).toBeGreaterThan(12_000)
  emulator.reset()
  expect(emulator.status()).toMatchObject({ keys: 0, aliases: 0, parameters: 0 })
  await emulator.close()
})

test('a process that was killed while it opened the folder holds nobody up for long', async () => {
  const directory = await filled(1)
  const turn = join(directory, 'opening.lock')
  writeFileSync(turn, '')
  utimesSync(turn, new Date(), new Date(Date.now() - 2_900))
  const begun = Date.now()
  await (await openEmulator({ directory })).close()
  expect(Date.now() - begun).toBeGreaterThan(50)
  expect(readdirSync(directory)).not.toContain('opening.lock')
})

test('a folder that was removed meanwhile does not keep the emulator from closing', async () => {
  const directory = await filled(1)
  const emulator = await openEmulator({ directory })
  rmSync(directory, { recursive: true })
  await emulator.close()
})

test('one folder can be open twice in a process', async () => {
  const directory = await filled(1)
  const [one, two] = [await openEmulator({ directory }), await openEmulator({ directory })]
  await one.close()
  const body = Buffer.from('{"Name":"/p0"}')
  expect((await two.answer({ target: 'AmazonSSM.GetParameter', body, caller })).status).toBe(200)
  await two.close()
})

describe('a folder is refused', () => {
  test.each([0o750, 0o705, 0o770])('when others can use it (mode %o)', async mode => {
    const directory = await filled(0)
    chmodSync(directory, mode)
    const error = await failure(directory)
    expect(error).toMatchObject({
      code: 'denied',
      message: `refusing the mock's state folder ${directory}: others can read or write it`,
    })
    expect(error.hint).toContain('chmod 700')
  })

  test.runIf(isRoot)('when it, or what a link leads to, belongs to another user', async () => {
    const directory = await filled(0)
    chownSync(directory, 65534, 65534)
    const link = join(temporaryFolder(), 'link')
    symlinkSync(directory, link)
    for (const path of [directory, link]) {
      expect(await failure(path)).toMatchObject({
        code: 'denied',
        message: `refusing the mock's state folder ${path}: it belongs to another user`,
      })
    }
  })

  test('when it holds other files, which stay as they are', async () => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    expect((await failure(directory)).message).toBe(
      `${directory} is not a state folder of the kmseal mock: it holds other files`,
    )
    expect(readdirSync(directory)).toEqual(['notes.txt'])
  })

  test('when it is a file, or holds data without a format', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    expect((await failure(join(folder, 'file'))).message).toContain('it is not a folder')
    mkdirSync(join(folder, 'data'), { mode: 0o700 })
    writeFileSync(join(folder, 'data', 'data.mdb'), 'x')
    expect((await failure(join(folder, 'data'))).message).toContain('it holds other files')
  })

  test('when a newer program wrote it, and when the format is altered', async () => {
    const directory = await filled(1)
    const format = join(directory, 'kmseal-mock-state')
    const written = readFileSync(format, 'utf8')
    expect(written).toMatch(/^kmseal mock state 1 [0-9a-f]{16}\n$/)
    // What version 2 would write.
    writeFileSync(format, 'kmseal mock state 2 5d6f5b1fa94dc8d2\n'.replace('5d6f5b1fa94dc8d2', checkOf(2)))
    expect((await failure(directory)).message).toBe(
      `the mock's state in ${directory} was written by a newer kmseal (format 2, this one knows 1)`,
    )
    for (const altered of ['', written.replace('1 ', '2 '), `${written}x`]) {
      writeFileSync(format, altered)
      expect((await failure(directory)).message).toContain(
        'is damaged: kmseal-mock-state is not as it was written',
      )
    }
  })
})

function checkOf(version: number): string {
  const text = `kmseal mock state ${version}`
  return execFileSync('sha256sum', { input: text }).toString().slice(0, 16)
}

describe('a damaged data file is refused and left as it is', () => {
  test.each([
    ['foreign', (file: string) => writeFileSync(file, 'not a database'.repeat(1000))],
    ['cut inside the first page', (file: string) => truncateSync(file, 100)],
    ['cut after the first page', (file: string) => truncateSync(file, 4096)],
    ['cut in half', (file: string) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096)],
    ['cut by the last page', (file: string) => truncateSync(file, statSync(file).size - 4096)],
  ])('%s', async (_, damage) => {
    const directory = await filled()
    const file = join(directory, 'data.mdb')
    damage(file)
    const before = readFileSync(file)
    expect((await failure(directory)).message).toMatch(
      /^the mock's state in .* is damaged: its data file is /,
    )
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('but one that is short of pages not in use opens', async () => {
    const directory = await filled()
    const emulator = await openEmulator({ directory })
    emulator.reset()
    for (let i = 0; i < 3; i++) emulator.setPrincipal(`P${i}`, caller.principal)
    await emulator.close()
    const file = join(directory, 'data.mdb')
    copyFileSync(file, `${file}.whole`)
    truncateSync(file, lastUsedPageEnd(file))
    expect(statSync(file).size).toBeLessThan(statSync(`${file}.whole`).size)
    const again = await openEmulator({ directory })
    expect(again.principalOf('P2')).toBe(caller.principal)
    await again.close()
  })
})

/** Where the last page ends that the newer meta page leads to: here, roots are leaves without long values. */
function lastUsedPageEnd(file: string): number {
  const bytes = readFileSync(file)
  const metas = [bytes.subarray(0, 4096), bytes.subarray(4096, 8192)]
  const newer = metas.sort((a, b) => Number(b.readBigUInt64LE(152) - a.readBigUInt64LE(152)))[0] ?? bytes
  const roots = [newer.readBigUInt64LE(88), newer.readBigUInt64LE(136)].filter(
    root => root !== 2n ** 64n - 1n,
  )
  return (Math.max(...roots.map(Number)) + 1) * 4096
}
