/** The commands about parameters over the wire, beside the aws CLI: on the served mock, and on moto_server. */

import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { type ProcessResult, runProcess, startMoto, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { startServe } from '../helpers/serve.ts'

const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'eu-west-1',
}

interface Service {
  readonly url: string
  stop(): Promise<unknown>
}

const services: readonly (readonly [string, () => Promise<Service>])[] = [
  ['the served mock', () => startServe(['--ephemeral'])],
  ...(hasProgram('moto_server') ? [['moto_server', startMoto] as const] : []),
]

describe.runIf(hasProgram('aws')).each(services)('on %s', (_, start) => {
  const place = new Workplace(credentials)
  let service: Service
  beforeAll(async () => {
    service = await start()
  })
  afterAll(async () => {
    await service?.stop()
    place.remove()
  })

  const kmseal = (args: readonly string[], stdin = ''): Promise<ProcessResult> =>
    place.run(['--backend', 'aws', '--endpoint-url', service.url, ...args], { stdin })
  const out = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await kmseal(['-q', ...args])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.toString()
  }
  const aws = async (...args: readonly string[]) => {
    const env = { ...credentials, HOME: process.env['HOME'] ?? '/' }
    const words = ['--endpoint-url', service.url, '--output', 'json', 'ssm', ...args]
    const { status, stdout, stderr } = await runProcess('aws', words, { env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout.length === 0 ? {} : JSON.parse(stdout.toString())
  }

  it('aws reads what kmseal imported, and kmseal what aws stored', async () => {
    const many = Object.fromEntries(Array.from({ length: 57 }, (_, index) => [`p${index}`, `v ${index}\n`]))
    writeFileSync(place.path('in.json'), JSON.stringify({ db: many }))
    await out('import-params', 'in.json', '--prefix', '/imp', '--yes')
    const read = await aws('get-parameters-by-path', '--path', '/imp', '--recursive', '--with-decryption')
    const values = read.Parameters.map((row: { Name: string; Value: string; Type: string }) => {
      expect(row.Type).toBe('SecureString')
      return [row.Name.replace('/imp/db/', ''), row.Value]
    })
    expect(Object.fromEntries(values)).toEqual(many)

    await aws('put-parameter', '--name', '/imp/db/url', '--value', 'a=b c', '--type', 'String')
    const exported = JSON.parse(await out('export-params', '/imp', '--format', 'json', '--nested'))
    expect(exported).toEqual({ db: { ...many, url: 'a=b c' } })
    expect(await out('exec', '/imp', '--', 'sh', '-c', 'printf "%s|%s" "$DB_URL" "$DB_P56"')).toBe(
      'a=b c|v 56\n',
    )
    writeFileSync(place.path('again.json'), JSON.stringify({ db: { ...many, url: 'new' } }))
    const plan = await kmseal([
      'import-params',
      'again.json',
      '--prefix',
      '/imp',
      '--dry-run',
      '--exit-code',
      '--prune',
    ])
    expect([plan.status, plan.stdout.toString()]).toEqual([7, '~ /imp/db/url\n'])
    await out('import-params', 'again.json', '--prefix', '/imp', '--yes')
    const url = await aws('get-parameter', '--name', '/imp/db/url')
    expect(url.Parameter).toMatchObject({ Value: 'new', Type: 'String', Version: 2 })
  }, 60_000)

  it('aws sees the labels, tags, versions and copies that kmseal makes', async () => {
    for (const value of ['one', 'two', 'three']) {
      await out('put-param', '/v/x', '--overwrite', '--value', value, '--type', 'String')
    }
    expect(await out('label-param', '/v/x', 'prod', '--version', '2')).toBe('2\n')
    await out('tag-param', '/v/x', '--tag', 'Owner=ops')
    expect(await out('get-param', '/v/x:prod')).toBe('two')
    expect(await out('rollback-param', '/v/x', '--to', 'prod')).toBe('4\n')
    const { Parameters: history } = await aws('get-parameter-history', '--name', '/v/x')
    expect(history.map(({ Value, Labels }: { Value: string; Labels: string[] }) => [Value, Labels])).toEqual([
      ['one', []],
      ['two', ['prod']],
      ['three', []],
      ['two', []],
    ])
    const rows = (await out('param-history', '/v/x', '--json')).trim().split('\n')
    expect(rows.map(row => JSON.parse(row).Version)).toEqual([1, 2, 3, 4])
    expect(await out('copy-param', '/v', '/w', '--recursive')).toBe('/v/x -> /w/x\n')
    const tags = await aws('list-tags-for-resource', '--resource-type', 'Parameter', '--resource-id', '/w/x')
    expect(tags.TagList).toEqual([{ Key: 'Owner', Value: 'ops' }])
    await out('delete-param', '/v', '/w', '--recursive', '--yes')
    expect((await kmseal(['get-param', '/v/x', '/w/x'])).status).toBe(3)
  }, 60_000)

  it('history goes beyond a page, with each version once and the last one current', async () => {
    await aws('put-parameter', '--name', '/h', '--value', '1', '--type', 'String', '--description', '1')
    const global = ['--backend', 'aws', '--endpoint-url', service.url, '--region', 'eu-west-1']
    for (let value = 2; value <= 60; value += 1) {
      // In process, since sixty programs take a while to start.
      const words = ['put-param', '/h', '--value', `${value}`, '--overwrite', ...global]
      expect(await runCli(words)).toMatchObject({ status: 0, stderr: '' })
    }
    const rows = (await out('param-history', '/h', '--json', '--show-values')).trim().split('\n')
    const versions = rows.map(row => JSON.parse(row))
    const numbers = Array.from({ length: 60 }, (_, index) => index + 1)
    expect(versions.map(({ Version }) => Version)).toEqual(numbers)
    expect(versions.map(({ Value }) => Value)).toEqual(numbers.map(String))
    expect(versions.filter(({ Current }) => Current).map(({ Version }) => Version)).toEqual([60])
    expect(await out('get-param', '/h:55')).toBe('55')
  }, 120_000)

  it('a label moves, is taken off wherever it is, and the refused ones are named', async () => {
    for (const value of ['one', 'two', 'three']) await out('put-param', '/l', '--value', value, '--overwrite')
    await out('label-param', '/l', 'prod', '--version', '2')
    const partly = await kmseal(['label-param', '/l', '--version', '3', 'prod', '1bad'])
    expect([partly.status, partly.stdout.toString()]).toEqual([1, ''])
    expect(partly.stderr).toMatch(/: 1bad\n.*set: prod \(from version 2\)/)
    expect(await out('get-param', '/l:prod')).toBe('three')
    expect((await kmseal(['get-param', '/l:99'])).stderr).toContain('parameter /l has no version 99')
    expect((await kmseal(['get-param', '/none:99'])).stderr).toContain('parameter /none does not exist')
    await out('label-param', '/l', 'prod', '--remove')
    const { Parameters: history } = await aws('get-parameter-history', '--name', '/l')
    expect(history.flatMap(({ Labels }: { Labels: string[] }) => Labels)).toEqual([])
  }, 60_000)

  it('a rollback, an overwrite and a copy keep the key', async () => {
    await out('create-key', '--alias', 'alias/kept')
    await out('put-param', '/k/x', '--value', 'one', '--key-id', 'alias/kept')
    await out('put-param', '/k/x', '--value', 'two', '--overwrite')
    expect(await out('rollback-param', '/k/x', '--to', '1')).toBe('3\n')
    const again = await kmseal(['rollback-param', '/k/x', '--to', '1'])
    expect([again.status, again.stdout.toString()]).toEqual([0, '3\n'])
    await out('copy-param', '/k', '/k2', '--recursive')
    expect((await kmseal(['copy-param', '/k', '/k2', '--recursive'])).status).toBe(8)
    for (const name of ['/k/x', '/k2/x']) {
      const { Parameters: history } = await aws('get-parameter-history', '--name', name, '--with-decryption')
      expect(history.at(-1)).toMatchObject({ Value: 'one', Type: 'SecureString', KeyId: 'alias/kept' })
    }
  }, 60_000)

  it('a tree goes to the embedded mock and comes back', async () => {
    await out('put-param', '/b/secret', '--value', 's', '--tag', 'Owner=ops')
    await out('put-param', '/b/deep/plain', '--value', 'p', '--type', 'String')
    const words = ['copy-param', '/b', '/m', '--recursive', '--to-backend', 'mock', '--stats']
    const sent = await kmseal(words)
    expect([sent.status, sent.stdout.toString()]).toEqual([
      0,
      '/b/deep/plain -> /m/deep/plain\n/b/secret -> /m/secret\n',
    ])
    // Four to read, and a look and two writes there.
    expect(sent.stderr).toMatch(/Parameter Store calls: 7\n$/)
    const mock = async (...words: string[]) => (await place.kmseal(words)).stdout.toString()
    expect(await mock('get-param', '/m/secret', '/m/deep/plain')).toBe('["s","p"]\n')
    expect(await mock('tag-param', '/m/secret')).toBe('Owner=ops\n')
    const back = ['copy-param', '/m', '/back', '--recursive', '--to-backend', 'aws']
    const { status, stderr } = await place.kmseal([...back, '--to-endpoint-url', service.url])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await out('get-param', '/back/secret', '/back/deep/plain')).toBe('["s","p"]\n')
    expect(await out('tag-param', '/back/secret')).toBe('Owner=ops\n')
  }, 60_000)
})
