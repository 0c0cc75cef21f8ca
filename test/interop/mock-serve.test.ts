/** `kmseal mock serve` as a process: its life, and kmseal itself as a client. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { binary, runProcess, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { startServe } from '../helpers/serve.ts'

describe('kmseal mock serve', () => {
  const place = new Workplace()
  afterAll(() => place.remove())

  it.each(['SIGTERM', 'SIGINT'] as const)('prints its URL and ends gracefully on %s', async signal => {
    const served = await startServe(['--ephemeral'], { TMPDIR: place.folder })
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await served.stop(signal)).toEqual({ status: 0, stdout: `${served.url}\n`, stderr: '' })
    expect(readdirSync(place.folder)).toEqual([])
  })

  it('serves kmseal without credentials and Region, and keeps its state over a restart', async () => {
    const first = await startServe([], place.env)
    const onIt = (url: string, args: string[], stdin = '') =>
      place.run(args, { stdin, env: { AWS_ENDPOINT_URL: url } })
    expect(await onIt(first.url, ['get-param', '/x'])).toMatchObject({ status: 3 })
    expect(await onIt(first.url, ['get-param', '/x', '--region', 'localhost'])).toMatchObject({ status: 3 })
    expect(await onIt(first.url, ['put-param', '/x'], 'pa55')).toMatchObject({ status: 0, stderr: '' })
    const sealed = await onIt(first.url, ['encrypt', '--key-id', 'alias/kmseal'], 'secret')
    expect(sealed).toMatchObject({ status: 0 })
    await first.stop()
    const second = await startServe([], place.env)
    const read = await onIt(second.url, ['get-param', '/x'])
    expect(read.stdout.toString().trim()).toBe('pa55')
    const opened = await onIt(second.url, ['decrypt'], sealed.stdout.toString())
    expect(opened.stdout.toString()).toBe('secret')
    // The embedded mock has a state of its own.
    expect(await place.kmseal(['get-param', '/x'])).toMatchObject({ status: 3 })
    expect((await second.stop()).status).toBe(0)
  })

  it.runIf(hasProgram('strace'))(
    'kmseal asks nobody but the served mock, for credentials neither',
    async () => {
      const served = await startServe(['--ephemeral'])
      const trace = join(place.folder, 'trace')
      const command = ['-f', '-e', 'trace=connect', '-o', trace, process.execPath, binary, 'get-param', '/x']
      const asked = await runProcess('strace', command, { env: { AWS_ENDPOINT_URL: served.url } })
      await served.stop()
      expect(asked.status).toBe(3)
      const connections = readFileSync(trace, 'utf8').match(/sa_family=AF_INET.*/g) ?? []
      expect(connections.length).toBeGreaterThan(0)
      const { port } = new URL(served.url)
      expect(
        connections.filter(line => !line.includes(`htons(${port})`) || !line.includes('127.0.0.1')),
      ).toEqual([])
    },
  )

  it('makes the faults that its environment names', async () => {
    const served = await startServe(['--ephemeral'], { KMSEAL_MOCK_FAULTS: 'GenerateRandom:500' })
    const result = await place.run(['random', '--number-of-bytes', '4', '--endpoint-url', served.url])
    expect(result.status).toBe(6)
    await served.stop()
  })
})
