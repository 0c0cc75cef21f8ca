import { PassThrough, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { Session, statsText } from '../../src/cli/context.ts'
import type { GlobalFlags } from '../../src/config.ts'

function sessionWith(env: Record<string, string>) {
  const chunks: Buffer[] = []
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  const stdout = new PassThrough()
  const session = new Session({ stdin: new PassThrough(), stdout, stderr, env })
  return { session, stderr: () => Buffer.concat(chunks).toString() }
}

it('says that the mock takes what is written only when the environment chose it', () => {
  const cases: [Record<string, string>, GlobalFlags][] = [
    [{}, { backend: 'mock' }],
    [{ KMSEAL_BACKEND: 'mock' }, {}],
    [{ KMSEAL_BACKEND: 'mock' }, { quiet: true }],
    [{ KMSEAL_BACKEND: 'aws' }, {}],
  ]
  const notes = cases.map(([env, flags]) => {
    const { session, stderr } = sessionWith(env)
    session.begin(flags).announceWrite()
    return stderr()
  })
  expect(notes).toEqual(['', 'kmseal: using the mock, as KMSEAL_BACKEND says\n', '', ''])
})

it('lets options after the command win over those before it', () => {
  const { session } = sessionWith({})
  session.setRootFlags({ region: 'eu-west-1', backend: 'mock' })
  expect(session.begin({ region: 'us-east-1' }).settings).toMatchObject({
    region: 'us-east-1',
    backend: 'mock',
  })
})

it('has a printer before the options are known, and the one of the run afterwards', () => {
  const { session } = sessionWith({})
  expect(session.output({ json: true, debug: false }).settings).toEqual({
    json: true,
    colours: false,
    debug: false,
    quiet: false,
  })
  const { output } = session.begin({ quiet: true })
  expect(session.output({ json: true, debug: true })).toBe(output)
})

it('closes without ever having begun', async () => {
  const { session } = sessionWith({})
  await session.close()
})

it('tells the calls with what they cost about', () => {
  expect(statsText({ kms: 3, ssm: 2 }, 5)).toBe(
    'KMS calls: 3 (about $0.000009, at the price of symmetric keys), saved by shared data keys: 5; Parameter Store calls: 2',
  )
  expect(statsText({ kms: 0, ssm: 0 }, 0)).toContain('KMS calls: 0 (about $0, ')
  expect(statsText({ kms: 100_000, ssm: 0 }, 0)).toContain('(about $0.3, ')
})
