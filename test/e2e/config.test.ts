/** A cloned folder with a hostile configuration file: it changes nothing, and cannot be made to leak. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { binary, type ProcessResult, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const marker = 'hunter2-XYZ'
const place = new Workplace()
const clone = place.path('clone')
const clean = place.path('clean')
const file = `${clone}/kmseal.config.yaml`

let server: Server
const heard: string[] = []
let without: Awaited<ReturnType<typeof runsIn>>

/** A folder for the home, so that there is a place for trust; credentials, so that only the key and Region lack. */
const env = {
  HOME: place.path('home'),
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: marker,
  AWS_EC2_METADATA_DISABLED: 'true',
  // So that silence is not for lack of time.
  KMSEAL_COMPLETION_MS: '20000',
}

const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** What would send secrets elsewhere, under another's key and identity. */
const hostile = (): string => `
backend: aws
endpoint-url: ${endpoint()}
region: us-east-1
profile: other
key-id: arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab
encryption-context: {stolen: '${marker}'}
max-encrypted-data-keys: 1
rules:
  - {files: '**', parameters: '/**', key-id: alias/kmseal, encryption-context: {stolen: rule}}
environments: {prod: {backend: aws}}
`

const forms: [form: string, make: () => void][] = [
  ['well-formed', () => writeFileSync(file, hostile())],
  ['as JSON', () => writeFileSync(`${clone}/kmseal.config.json`, `{"endpoint-url": "${endpoint()}"}`)],
  ['open to all', () => writeFileSync(file, hostile(), { mode: 0o666 })],
  ['deep', () => writeFileSync(file, '['.repeat(60_000))],
  ['deep by dashes', () => writeFileSync(file, '- '.repeat(30_000))],
  ['full of aliases', () => writeFileSync(file, bomb())],
  ['no YAML', () => writeFileSync(file, `"${marker}\u0000\u001b[31m`)],
  ['huge', () => sparse()],
  ['a link to a secret', () => linkTo(place.path('secret'))],
  ['a link to an endless device', () => linkTo('/dev/zero')],
  ['a FIFO', () => void execFileSync('mkfifo', [file])],
  ['a folder', () => mkdirSync(file)],
]

function bomb(): string {
  const levels = Array.from({ length: 24 }, (_, level) =>
    level === 0 ? 'a0: &a0 [x, x]' : `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`,
  )
  return `${levels.join('\n')}\n`
}

function sparse(): void {
  writeFileSync(file, hostile())
  truncateSync(file, 2 ** 36)
}

function linkTo(target: string): void {
  symlinkSync(target, file)
}

beforeAll(async () => {
  server = createServer((request, response) => {
    heard.push(`${request.method} ${request.headers['x-amz-target']}`)
    request
      .resume()
      .on('end', () =>
        response
          .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
          .end('{"__type":"AccessDeniedException"}'),
      )
  }).listen(0, '127.0.0.1')
  await new Promise(fulfil => server.once('listening', fulfil))
  for (const folder of [clean, env.HOME]) mkdirSync(folder)
  writeFileSync(place.path('secret'), marker, { mode: 0o600 })
  const put = await place.kmseal(['put-param', '/app/password', '-q'], { stdin: marker, env, cwd: clean })
  expect(put.status).toBe(0)
  without = await runsIn(clean)
})
beforeEach(() => mkdirSync(clone))
afterEach(() => {
  rmSync(clone, { recursive: true })
  rmSync(`${env.HOME}/.local`, { recursive: true, force: true })
  heard.length = 0
})
afterAll(() => {
  server.close()
  place.remove()
})

const shown = ({ status, stdout, stderr }: ProcessResult) => ({ status, stdout: stdout.toString(), stderr })

const commands = {
  // Without a key and a Region there is nothing that could be sent anywhere.
  encrypt: ['encrypt'],
  exec: ['--backend', 'mock', 'exec', '/app', '--', '/bin/sh', '-c', 'printf %s "$PASSWORD$STOLEN"'],
  completion: ['completion', 'bash'],
  names: ['__complete', 'key', 'alias/'],
}

async function runsIn(cwd: string) {
  const runs = Object.values(commands).map(args => place.run(args, { stdin: marker, cwd, env }))
  const [encrypt, exec, completion, names] = (await Promise.all(runs)).map(shown)
  if (!encrypt || !exec || !completion || !names) throw new Error('four runs')
  return { encrypt, exec, completion, names }
}

describe.each(forms)('a configuration file that is %s', (_, make) => {
  it('changes nothing and leaks nothing: encrypt, exec and Tab', async () => {
    make()
    const found = readdirSync(clone)[0]
    const ignored = new RegExp(`^kmseal: ${clone}/${found} is ignored: [a-zA-Z0-9 ;()]+\n`)

    const { encrypt, exec, completion, names } = await runsIn(clone)
    for (const [result, expected] of [
      [encrypt, without.encrypt],
      [exec, without.exec],
    ] as const) {
      expect(result.stderr).toMatch(ignored)
      expect({ ...result, stderr: result.stderr.replace(ignored, '') }).toEqual(expected)
    }
    expect(completion).toEqual(without.completion)
    expect(names).toEqual({ status: 0, stdout: '', stderr: '' })
    if (hasProgram('bash')) expect(await tab()).toEqual({ status: 0, stdout: 'encrypt\n', stderr: '' })

    const text = encrypt.stderr + exec.stderr
    expect(text).not.toContain(marker)
    expect(text).not.toContain('\u001b')
    expect(heard).toEqual([])
  })
})

describe('without one', () => {
  it('there is no key, the child gets its secret, and nobody says a word', () => {
    expect(without.encrypt).toMatchObject({ status: 2, stdout: '' })
    expect(without.exec).toEqual({ status: 0, stdout: marker, stderr: '' })
    expect(without.completion).toMatchObject({ status: 0, stderr: '' })
  })
})

/** What Tab offers in the clone, as an interactive bash asks for it. */
async function tab() {
  const script = `
kmseal() { '${process.execPath}' '${binary}' "$@"; }
source '${new URL('../../completions/kmseal.bash', import.meta.url).pathname}'
COMP_WORDS=(kmseal encr) COMP_CWORD=1 COMP_LINE='kmseal encr' COMP_POINT=11
_kmseal kmseal encr kmseal
printf '%s\\n' "\${COMPREPLY[@]% }"`
  return shown(await place.shell(script, 'bash', { cwd: clone, env }))
}

describe('the same file, trusted', () => {
  it('would have done it: so the tests above can fail', async () => {
    writeFileSync(file, hostile().replace(/^profile.*$/m, ''))
    const trusted = await place.run(['config', 'trust', '--yes'], { cwd: clone, env })
    expect(trusted.status).toBe(0)
    const sent = await place.run(['encrypt'], { cwd: clone, env, stdin: 'x' })
    expect(sent.status).toBe(4)
    expect(heard).toContain('POST TrentService.Encrypt')
    heard.length = 0
    // Completions read none, trusted or not.
    expect((await runsIn(clone)).names).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(heard.filter(request => !/Encrypt$/.test(request))).toEqual([])
  })

  it('is refused once more when it is exchanged', async () => {
    writeFileSync(file, 'backend: mock\n')
    expect((await place.run(['config', 'trust', '--yes'], { cwd: clone, env })).status).toBe(0)
    expect((await place.run(['encrypt', '-q'], { cwd: clone, env, stdin: 'x' })).status).toBe(0)
    writeFileSync(file, hostile())
    const { stderr, status } = await place.run(['encrypt'], { cwd: clone, env, stdin: 'x' })
    expect(status).toBe(2)
    expect(stderr).toContain('is ignored: it has changed since it was trusted')
    expect(heard).toEqual([])
  })
})
