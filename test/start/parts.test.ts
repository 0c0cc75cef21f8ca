import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { describe, expect, it } from 'vitest'
import { CodeCache } from '../../src/start/code-cache.ts'
import { Parts } from '../../src/start/parts.ts'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { mockEnv } from '../helpers/mock-env.ts'

const dist = new URL('../../dist/', import.meta.url).pathname
const native = createRequire(import.meta.url)

/** A program of three parts, two of which need each other, and one more that is asked for later. */
function program(files: Readonly<Record<string, string>> = {}) {
  const folder = testFolder()
  const parts = {
    'main.cjs': `const b=require('./b.cjs');exports.order=b.order;exports.later=()=>require('./more/later.cjs').name;
      exports.strict=(function(){return this})()===undefined;exports.file=__filename;exports.path=require('node:path')`,
    'b.cjs': `exports.order=['b'];const c=require('./c.cjs');exports.order.push(c.seen)`,
    'c.cjs': `exports.seen=require('./b.cjs').order[0]+'c'`,
    'more/later.cjs': `exports.name=require('../b.cjs').order.length`,
    ...files,
  }
  mkdirSync(join(folder, 'more'))
  for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, name), text)
  return { folder, main: join(folder, 'main.cjs') }
}

describe('parts', () => {
  it('are loaded once each and when they are asked for, each by where the one that asks lies', () => {
    const { main } = program()
    const parts = new Parts(undefined, native)
    const exported = parts.load(main) as Record<string, unknown> & { later: () => number }
    expect(exported).toMatchObject({ order: ['b', 'bc'], strict: true, file: main })
    expect(exported['path']).toBe(native('node:path'))
    expect(parts.names).toEqual(['main.cjs', 'b.cjs', 'c.cjs'])
    expect(exported.later()).toBe(2)
    expect(parts.names).toEqual(['main.cjs', 'b.cjs', 'c.cjs', 'later.cjs'])
    expect(parts.load(main)).toBe(exported)
  })

  it('tell their own file names when they fail', () => {
    const { main } = program({ 'c.cjs': 'exports.x = 1\nthrow new Error("no")' })
    let stack: string | undefined
    try {
      new Parts(undefined, native).load(main)
    } catch (error) {
      stack = (error as Error).stack
    }
    expect(stack).toContain('c.cjs:2:7')
  })

  it('are compiled anew only where nothing was kept, or another text was', () => {
    const { main } = program()
    const folder = join(testFolder(), 'kmseal')
    const cache = () => new CodeCache(folder, 'build', geteuid?.() ?? 0)
    const run = (file: string) => {
      const parts = new Parts(cache(), native)
      parts.load(file)
      parts.keep()
      return readFileSync(join(folder, 'build.compiled'))
    }
    const first = run(main)
    expect(first.toString('latin1')).toContain('main.cjs')
    expect(first.toString('latin1'), 'not loaded').not.toContain('later.cjs')
    expect(run(main)).toEqual(first)
    const altered = readFileSync(join(main, '../b.cjs'), 'utf8').replace("['b']", "['x']")
    writeFileSync(join(main, '../b.cjs'), altered)
    expect(run(main).equals(first)).toBe(false)
    expect(new Parts(cache(), native).load(main)).toMatchObject({ order: ['x', 'xc'] })
  })
})

/** The base names of the parts that a run of the built program loads; unnamed ones are counted. */
async function loadedBy(argv: readonly string[], stdin?: string) {
  const main = readdirSync(dist).find(name => /^main-.*\.cjs$/.test(name)) ?? ''
  const parts = new Parts(undefined, native)
  const built = parts.load(join(dist, main)) as Parameters<typeof runCli>[2]
  const env = mockEnv({ AWS_REGION: 'us-east-1' })
  if (argv[0] !== '--version') {
    await runCli(['--backend', 'mock', 'create-key', '--alias', 'alias/app'], { env })
    await runCli(['--backend', 'mock', 'put-param', '/a', '--type', 'String'], { env, stdin: 'x' })
  }
  const { status, stderr } = await runCli(argv, { env, ...(stdin !== undefined && { stdin }) }, built)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const names = parts.names.map(name => name.replace(/-[A-Z0-9]{8}\.cjs$/, ''))
  return {
    named: names.filter(name => name !== 'chunk').sort(),
    shared: names.filter(name => name === 'chunk').length,
  }
}

describe('the built program', () => {
  // More than is said here slows down every start. Fewer is good news, to be written down here.
  it.each([
    [['--version'], undefined, { named: ['main'], shared: 7 }],
    [
      ['--backend', 'mock', 'get-param', '/a'],
      undefined,
      {
        named: ['emulator', 'get-param', 'main', 'node-index', 'operations', 'request-handler', 'ssm-client'],
        shared: 51,
      },
    ],
    [
      ['--backend', 'mock', 'encrypt', '--key-id', 'alias/app'],
      'secret',
      { named: ['emulator', 'encrypt', 'kms-client', 'main', 'node-index', 'request-handler'], shared: 45 },
    ],
  ])('loads for %j no more than it needs', async (argv, stdin, expected) => {
    expect(await loadedBy(argv, stdin)).toEqual(expected)
  })
})
