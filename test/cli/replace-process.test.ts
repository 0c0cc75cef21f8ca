import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { ProgramCall } from '../../src/cli/find-program.ts'
import { type Execve, mayReplace, replaceProcess } from '../../src/cli/replace-process.ts'
import { testFolder } from '../helpers/folder.ts'

const call: ProgramCall = { command: 'sh', args: ['-c', 'x'], env: { A: '1' } }
const execve: Execve = () => {
  throw new Error('replaced')
}

/** A file with these contents, which may be run. */
function file(content: string | Uint8Array): string {
  const path = join(testFolder(), 'program')
  writeFileSync(path, content)
  chmodSync(path, 0o755)
  return path
}

/** A real program, changed. */
function changed(change: (elf: Buffer) => void): string {
  const elf = readFileSync('/bin/sh')
  change(elf)
  return file(elf)
}

describe.skipIf(process.platform !== 'linux')('a program takes the place of kmseal', () => {
  it.each(['/bin/sh', '/usr/bin/env', process.execPath])('when it is one of this machine: %s', path => {
    expect(mayReplace(path, call, execve)).toBe(true)
  })

  it('when it is a script whose interpreter is one', () => {
    expect(mayReplace(file('#!/bin/sh\nexit 0\n'), call, execve)).toBe(true)
    expect(mayReplace(file('#! /usr/bin/env -S node --\n'), call, execve)).toBe(true)
  })

  it('only where Node can do that', () => {
    expect(mayReplace('/bin/sh', call, undefined)).toBe(typeof Reflect.get(process, 'execve') === 'function')
  })

  it.each([
    ['a script without a first line', () => file('exit 0\n')],
    ['a script of a script', () => file(`#!${file('#!/bin/sh\n')}\n`)],
    ['a script of nothing', () => file('#!/nonexistent/sh\n')],
    ['a script of a relative path', () => file('#!sh\n')],
    ['an empty file', () => file('')],
    ['a cut program', () => file(readFileSync('/bin/sh').subarray(0, 100))],
    ['a folder', () => '/'],
    ['nothing', () => '/nonexistent'],
    ['a program of another machine', () => changed(elf => elf.writeUInt16LE(0xf3, 18))],
    ['a program of another word size', () => changed(elf => elf.writeUInt8(1, 4))],
    [
      'a program without its loader',
      () =>
        changed(elf =>
          elf.write(
            '/nope/ld',
            elf.indexOf('/lib64/ld-linux') === -1 ? elf.indexOf('/lib/ld-') : elf.indexOf('/lib64/ld-linux'),
          ),
        ),
    ],
  ])('never for %s, which might fail: Node would abort', (_what, path) => {
    expect(mayReplace(path(), call, execve)).toBe(false)
  })

  it.each<[string, Partial<ProgramCall>]>([
    ['arguments', { args: ['x'.repeat(100_000)] }],
    [
      'an environment',
      { env: Object.fromEntries(Array.from({ length: 3000 }, (_, each) => [`V${each}`, 'x'.repeat(40)])) },
    ],
  ])('never with %s that may be too large', (_what, more) => {
    expect(mayReplace('/bin/sh', { ...call, ...more }, execve)).toBe(false)
  })
})

describe('the program that takes its place', () => {
  const nothing = { stdin: Readable.from([]), stdout: new Writable(), stderr: new Writable(), env: {} }
  const ignored = () => /SigIgn:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''

  it('gets its name, arguments and environment', () => {
    const replaced = vi.fn(execve)
    expect(() => replaceProcess(nothing, '/bin/sh', call, replaced)).toThrow('replaced')
    expect(replaced).toHaveBeenCalledExactlyOnceWith('/bin/sh', ['sh', '-c', 'x'], { A: '1' })
  })

  it.skipIf(process.platform !== 'linux')('gets streams that block, and no signal that is ignored', () => {
    const setBlocking = vi.fn()
    const pipe = Object.assign(new Writable(), { _handle: { setBlocking } })
    const seen = vi.fn(() => {
      expect(Number.parseInt(ignored(), 16) & 0x1000).toBe(0)
      throw new Error('replaced')
    })
    expect(() => replaceProcess({ ...nothing, stdout: pipe }, '/bin/sh', call, seen)).toThrow('replaced')
    expect(setBlocking).toHaveBeenCalledExactlyOnceWith(true)
  })
})
