import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmulator } from '../../src/mock/emulator.ts'
import { type ProcessResult, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { readRunnerFile } from '../parameters/formats/runner-file.ts'

const place = new Workplace()
const pem = '-----BEGIN KEY-----\nMIIB+/=\n-----END KEY-----\n'

const ok = ({ status, stdout, stderr }: ProcessResult): string => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}

beforeAll(async () => {
  ok(await place.kmseal(['put-param', '/app/pem'], { stdin: pem }))
  ok(await place.kmseal(['put-param', '/app/plain', '--type', 'String', '--value', 'public']))
})
afterAll(() => place.remove())

describe('a value of several lines', () => {
  it.each(['dash', 'bash', 'zsh'])('goes through a dotenv file into %s byte for byte', async shell => {
    if (!hasProgram(shell)) return
    const script = `kmseal export-params /app --format dotenv > e-${shell}
      set -a; . ./e-${shell}; printf %s "$PEM" > pem-${shell}`
    ok(await place.shell(script, shell))
    expect(readFileSync(place.path(`pem-${shell}`), 'utf8')).toBe(pem)
  })

  it('goes through files into other parameters byte for byte', async () => {
    for (const [format, name] of [
      ['dotenv', 'PEM'],
      ['json', 'pem'],
      ['yaml', 'pem'],
    ] as const) {
      const path = `/from-${format}`
      const script = `kmseal export-params /app --format ${format} -o e.${format}
        kmseal import-params e.${format} --format ${format} --prefix ${path} --yes -q >&2`
      ok(await place.shell(script))
      expect(ok(await place.kmseal(['get-param', `${path}/${name}`]))).toBe(pem)
    }
  })

  it.each(['dash', 'bash', 'zsh'])('goes through commands into %s byte for byte', async shell => {
    if (!hasProgram(shell)) return
    const script = 'eval "$(kmseal export-params /app --format shell)"; exec printenv PEM'
    expect(ok(await place.shell(script, shell))).toBe(`${pem}\n`)
  })
})

it('adds to the file of a runner by redirection, and refuses it to dotenv', async () => {
  const file = place.path('set_env')
  writeFileSync(file, 'BEFORE=1\n')
  const env = { GITHUB_ACTIONS: 'true', GITHUB_ENV: file }
  const step = 'kmseal export-params /app --format github-env >> "$GITHUB_ENV"'
  const { status, stderr } = await place.shell(step, 'bash', { env })
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: pem
      .trim()
      .split('\n')
      .map(line => `::add-mask::${line}\n`)
      .join(''),
  })
  expect(readRunnerFile(readFileSync(file, 'utf8'))).toEqual({ BEFORE: '1', PEM: pem, PLAIN: 'public' })
  const before = statSync(file).size
  const wrong = await place.shell('kmseal export-params /app >> "$GITHUB_ENV"', 'bash', { env })
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('--format github-env')
  expect(statSync(file).size).toBe(before)
})

describe('3,000 parameters', () => {
  const count = 3000

  beforeAll(async () => {
    const emulator = await openEmulator({ directory: join(place.folder, 'mock') })
    const caller = { principal: 'arn:aws:iam::000000000000:root', region: 'us-east-1' }
    for (let index = 0; index < count; index += 1) {
      const input = { Name: `/big/p${index}`, Type: 'String', Value: `${index} `.repeat(40) }
      const body = Buffer.from(JSON.stringify(input))
      const answer = await emulator.answer({ target: 'AmazonSSM.PutParameter', body, caller })
      expect(answer.status).toBe(200)
    }
    await emulator.close()
  }, 60_000)

  it('come whole through a slow pipe, the same as into a file', async () => {
    const script = `set -o pipefail
      kmseal export-params /big --format json -o file.json
      kmseal export-params /big --format json | (sleep 1; cat) > piped.json`
    ok(await place.shell(script))
    const piped = readFileSync(place.path('piped.json'), 'utf8')
    expect(Object.keys(JSON.parse(piped) as object)).toHaveLength(count)
    expect(piped.length).toBeGreaterThan(5 * 64 * 1024)
    expect(readFileSync(place.path('file.json'), 'utf8')).toBe(piped)
  })

  it('end quietly when nobody reads them to their end', async () => {
    const script = 'kmseal export-params /big | head -n 1; echo "${PIPESTATUS[0]}"'
    const [line, status] = ok(await place.shell(script)).split('\n')
    expect(line).toMatch(/^P0=/)
    expect(['0', '141']).toContain(status)
  })
})
