/** edit with editors that are scripts: what is written back, and what is left behind. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'

let place: Workplace
beforeEach(async () => {
  place = new Workplace()
  mkdirSync(place.path('run'), { mode: 0o700 })
  await place.kmseal(['create-key', '--alias', 'alias/other'])
  for (const [mode, file] of [
    ['direct', 'small'],
    ['envelope', 'message'],
  ] as const) {
    const words = ['encrypt', '--mode', mode, '--encryption-context', 'app=web', '-o', `${file}.yaml.enc`]
    await place.kmseal(words, { stdin: 'password: old\n' })
  }
})
afterEach(() => place.remove())

/** Edits with a shell script as the editor, which finds the file in "$1". */
function edit(script: string, ...more: string[]) {
  writeFileSync(place.path('editor'), `#!/bin/sh\n${script}\n`)
  chmodSync(place.path('editor'), 0o700)
  const env = { XDG_RUNTIME_DIR: place.path('run'), EDITOR: place.path('editor') }
  return place.kmseal(['edit', '--encryption-context', 'app=web', ...more], { env })
}

const shown = async (file: string) =>
  (await place.kmseal(['decrypt', '--encryption-context', 'app=web', file])).stdout.toString()
const left = () => readdirSync(place.path('run'))

describe.each(['small.yaml.enc', 'message.yaml.enc'])('%s', file => {
  it('is encrypted again, with its context, when it was changed', async () => {
    const look = `ls -l "$1" > '${place.path('seen')}'; ls -ld "$(dirname "$1")" >> '${place.path('seen')}'`
    const result = await edit(`${look}; sed -i s/old/new/ "$1"`, '--discovery', file)
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(await shown(file)).toBe('password: new\n')
    const [seen = '', folder = ''] = readFileSync(place.path('seen'), 'utf8').split('\n')
    expect(seen).toMatch(/^-rw-------.*\/run\/kmseal-[0-9a-f]{16}\/(small|message)\.yaml$/)
    expect(folder).toMatch(/^drwx------/)
    expect(left()).toEqual([])
  })

  it('is left as it is when it was not changed, or the editor failed', async () => {
    const before = readFileSync(place.path(file))
    expect(await edit('true', '--discovery', file)).toMatchObject({
      status: 0,
      stderr: 'kmseal: nothing was changed\n',
    })
    const failed = await edit('echo x >> "$1"; exit 3', '--discovery', file)
    expect(failed).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the editor ended with status 3'),
    })
    expect(await edit('rm "$1"', '--discovery', file)).toMatchObject({ status: 1 })
    expect(readFileSync(place.path(file)).equals(before)).toBe(true)
    expect(left()).toEqual([])
  })

  it('may be replaced by the editor, as many do', async () => {
    await edit('echo other > "$1.new"; mv "$1.new" "$1"', '--discovery', file)
    expect(await shown(file)).toBe('other\n')
  })

  it('changed by someone else meanwhile is not overwritten', async () => {
    const result = await edit(`echo x >> "$1"; echo theirs > '${place.path(file)}'`, '--discovery', file)
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('changed by someone else') })
    expect(readFileSync(place.path(file), 'utf8')).toBe('theirs\n')
  })
})

it('keeps permissions, recipients and a signature', async () => {
  const keys = ['--key-id', 'alias/kmseal', '--key-id', 'alias/other']
  const words = ['encrypt', '--sign', ...keys, '--encryption-context', 'app=web', '-o', 'both.enc']
  await place.kmseal(words, { stdin: 'one' })
  chmodSync(place.path('both.enc'), 0o640)
  await edit('printf two > "$1"', '--discovery', 'both.enc')
  expect(statSync(place.path('both.enc')).mode & 0o777).toBe(0o640)
  const inspected = JSON.parse((await place.kmseal(['inspect', '--json', 'both.enc'])).stdout.toString())
  expect(inspected).toMatchObject({ Signed: true, EncryptedDataKeys: [{}, {}] })
  const pinned = await edit('printf three > "$1"', '--key-id', 'alias/other', 'both.enc')
  expect(pinned.stderr).toMatch(/^kmseal: arn:\S+ could open the file until now, and was not asked for/)
  const opened = await place.kmseal(['decrypt', '--key-id', 'alias/other', 'both.enc'])
  expect(opened.stdout.toString()).toBe('three')
  expect((await place.kmseal(['decrypt', '--key-id', 'alias/kmseal', 'both.enc'])).status).toBe(5)
})

it('does not open what no key of the accounts that count opens', async () => {
  const none = await edit('printf x > "$1"', '--account', '999999999999', 'message.yaml.enc')
  expect(none).toMatchObject({ status: 5, stderr: expect.stringContaining('none of the keys allowed here') })
  expect(left()).toEqual([])
})

it('keeps what the user wrote when it cannot be encrypted again', async () => {
  const env = { KMSEAL_MOCK_FAULTS: 'GenerateDataKey:denied' }
  writeFileSync(place.path('editor'), '#!/bin/sh\nprintf precious > "$1"\n')
  chmodSync(place.path('editor'), 0o700)
  const words = ['edit', '--discovery', '--encryption-context', 'app=web', 'message.yaml.enc']
  const result = await place.kmseal(words, {
    env: { ...env, XDG_RUNTIME_DIR: place.path('run'), EDITOR: place.path('editor') },
  })
  expect(result.status).toBe(4)
  const kept = /your text is still in (\S+): remove it/.exec(result.stderr)?.[1] ?? ''
  expect(readFileSync(kept, 'utf8')).toBe('precious')
  expect(statSync(kept).mode & 0o777).toBe(0o600)
  expect(await shown('message.yaml.enc')).toBe('password: old\n')
})

it('refuses a folder in which others could put things', async () => {
  mkdirSync(place.path('open'))
  chmodSync(place.path('open'), 0o777)
  const refused = await edit('true', '--discovery', '--temp-dir', place.path('open'), 'message.yaml.enc')
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('is open to other users') })
})

describe('while the editor runs', () => {
  async function signalled(script: string, signal: NodeJS.Signals) {
    writeFileSync(place.path('editor'), `#!/bin/sh\n: > '${place.path('started')}'\n${script}\n`)
    chmodSync(place.path('editor'), 0o700)
    const words = ['--backend', 'mock', 'edit', '--discovery', '--encryption-context', 'app=web']
    const child = spawn(process.execPath, [binary, ...words, 'message.yaml.enc'], {
      cwd: place.folder,
      stdio: 'ignore',
      env: {
        ...bareEnv(),
        ...place.env,
        XDG_RUNTIME_DIR: place.path('run'),
        EDITOR: place.path('editor'),
      },
    })
    const ended = once(child, 'close')
    while (!existsSync(place.path('started'))) await new Promise(fulfil => setTimeout(fulfil, 20))
    child.kill(signal)
    return ended
  }

  it.each(['SIGINT', 'SIGQUIT'] as const)('%s is its own business', async signal => {
    expect(await signalled('sleep 1; printf new > "$1"', signal)).toEqual([0, null])
    expect(await shown('message.yaml.enc')).toBe('new')
    expect(left()).toEqual([])
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('%s ends it, and leaves no plaintext', async signal => {
    expect(await signalled('exec sleep 60', signal)).toEqual([null, signal])
    expect(left()).toEqual([])
  })
})

it('wants a folder in memory, or to be told another one', async () => {
  const env = { EDITOR: 'true' }
  const words = ['edit', '--discovery', '--encryption-context', 'app=web', 'message.yaml.enc']
  const refused = await place.kmseal(words, { env })
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--temp-dir') })
  expect(await place.kmseal([...words, '--temp-dir', place.path('run')], { env })).toMatchObject({
    status: 0,
  })
  expect(existsSync(place.path('run'))).toBe(true)
  expect(left()).toEqual([])
})

it('inspect looks at trees, in order, and escapes what a header says', async () => {
  const odd = '{"\\u001b[31mred":"x"}'
  await place.kmseal(['encrypt', '--mode', 'envelope', '--encryption-context', odd, '-o', 'odd.enc'], {
    stdin: 'x',
  })
  const text = await place.kmseal(['inspect', '-r', '.', '--include', '*.enc'])
  expect(text.stdout.toString().match(/^\S.*:$/gm)).toEqual([
    'message.yaml.enc:',
    'odd.enc:',
    'small.yaml.enc:',
  ])
  expect(text.stdout.includes(0x1b)).toBe(false)
  const lines = (await place.kmseal(['inspect', '--json', 'odd.enc', 'small.yaml.enc'])).stdout
    .toString()
    .trim()
  expect(lines.split('\n').map(line => JSON.parse(line))).toMatchObject([
    { File: 'odd.enc', Mode: 'envelope', FrameLength: 1024 * 1024, Size: expect.any(Number) },
    { File: 'small.yaml.enc', Mode: 'direct' },
  ])
})
