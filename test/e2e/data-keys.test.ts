import { readFileSync, statSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { Workplace } from '../helpers/process.ts'

const place = new Workplace()
afterAll(() => place.remove())

describe('random', () => {
  it.each([1, 1024])('gives exactly %d bytes in every encoding', async count => {
    const size = ['random', '--number-of-bytes', String(count)]
    expect((await place.kmseal([...size, '--encoding', 'raw'])).stdout).toHaveLength(count)
    expect((await place.kmseal([...size, '--encoding', 'hex'])).stdout).toHaveLength(2 * count + 1)
    const base64 = (await place.kmseal(size)).stdout.toString()
    expect(Buffer.from(base64, 'base64')).toHaveLength(count)
    expect(base64).toMatch(/^[A-Za-z0-9+/]+={0,2}\n$/)
  })

  it.each([['0'], ['1025'], ['-1'], ['1e3'], ['0x10'], [''], []])(
    'refuses the count %j',
    async (...count) => {
      const { status, stdout, stderr } = await place.kmseal(['random', '--number-of-bytes', ...count])
      expect([status, stdout.length]).toEqual([2, 0])
      expect(stderr).toMatch(/^kmseal: error: .*--number-of-bytes/)
    },
  )
})

describe('datakey', () => {
  it.each([
    [[], 32],
    [['--key-spec', 'AES_128'], 16],
    [['--number-of-bytes', '5'], 5],
  ] as const)('with %j has its exact size, in a file of its own', async (options, size) => {
    const name = `k${size}`
    const made = await place.kmseal(['datakey', ...options, '--plaintext-out', name, '-o', `${name}.enc`])
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(made.stdout).toHaveLength(0)
    expect(readFileSync(place.path(name))).toHaveLength(size)
    expect(statSync(place.path(name)).mode & 0o777).toBe(0o600)
    const opened = await place.kmseal(['decrypt', `${name}.enc`])
    expect(opened.stdout.equals(readFileSync(place.path(name)))).toBe(true)
  })

  it('keeps its plaintext in KMS unless it is asked for', async () => {
    const { stdout } = await place.kmseal(['datakey', '--json'])
    expect(Object.keys(JSON.parse(stdout.toString())).sort()).toEqual(['CiphertextBlob', 'KeyId'])
    const both = JSON.parse((await place.kmseal(['datakey', '--json', '--with-plaintext'])).stdout.toString())
    expect(Buffer.from(both.Plaintext, 'base64')).toHaveLength(32)
  })

  it('leaves no file of the plain key when the wrapped one cannot be written', async () => {
    const { status } = await place.kmseal(['datakey', '--plaintext-out', 'lonely', '-o', '/dev/full'])
    expect(status).toBe(1)
    expect(() => statSync(place.path('lonely'))).toThrow()
  })
})
