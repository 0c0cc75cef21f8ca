import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeDocker } from '../../../src/parameters/formats/docker.ts'
import { testFolder } from '../../helpers/folder.ts'
import { isInstalled } from '../../helpers/programs.ts'
import { hostileValues } from '../hostile-values.ts'
import { exportsOf, numbered, plainOptions, variableValues } from './exports.ts'

/**
 * Docker's own rules: lines end in LF or CR LF, white space before a name is dropped, `#` begins a comment line, the
 * first `=` ends a name, and nothing is taken off a value.
 *
 * @see https://github.com/docker/cli/blob/master/pkg/kvfile/kvfile.go
 */
function readEnvFile(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map(line => line.replace(/\r$/, '').replace(/^\s+/, ''))
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      expect(line).toMatch(/^[^ \t=]+=/)
      return line
    })
}

/** What the docker program sends to its daemon, which a server of the test stands for. */
async function inDocker(text: string): Promise<string[]> {
  const file = join(testFolder(), 'env')
  writeFileSync(file, text)
  let sent: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const creates = request.url?.includes('/containers/create') === true
    if (creates) sent = (JSON.parse(Buffer.concat(chunks).toString()) as { Env: string[] }).Env
    response.writeHead(creates ? 201 : 200, { 'api-version': '1.41', 'content-type': 'application/json' })
    response.end('{"Id":"made","Warnings":[]}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    DOCKER_HOST: `tcp://127.0.0.1:${portOf(server)}`,
  }
  const child = spawn('docker', ['create', '--env-file', file, 'image'], { env, stdio: 'ignore' })
  const [status] = (await once(child, 'exit')) as [number]
  server.closeAllConnections()
  server.close()
  expect(status).toBe(0)
  return sent
}

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

const carried = hostileValues.filter(value => !/[\r\n]/.test(value))
const lines = (values: readonly string[]) => values.map((value, index) => `V${index}=${value}`)

describe("Docker's env-file", () => {
  it('is read back as it was', () => {
    expect(readEnvFile(writeDocker(exportsOf(numbered(carried)), plainOptions))).toEqual(lines(carried))
    const check = fc.property(variableValues, all => {
      const values = all.map(value => value.replace(/[\r\n]/g, ''))
      expect(readEnvFile(writeDocker(exportsOf(numbered(values)), plainOptions))).toEqual(lines(values))
    })
    fc.assert(check, { numRuns: 500 })
  })

  // No test needs Docker to be there: the rules above are its own.
  it.skipIf(!isInstalled('docker'))('is the same to docker', async () => {
    const values = [...carried, 'a'.repeat(8192)]
    expect(await inDocker(writeDocker(exportsOf(numbered(values)), plainOptions))).toEqual(lines(values))
  })

  it.each(['a\nb', 'a\n', '\n', 'a\r', 'a\rb', 'a\r\nb'])(
    'has no form for %j, and says whose value it is',
    value => {
      expect(() => writeDocker(exportsOf({ fine: '1', pem: value }), plainOptions)).toThrow(
        expect.objectContaining({
          code: 'failed',
          message: "Docker's env-file cannot carry the value of /app/pem: it has a line break",
        }),
      )
    },
  )
})
