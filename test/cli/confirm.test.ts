import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { confirm } from '../../src/cli/confirm.ts'
import { askSecret, InterruptedError } from '../../src/cli/prompt.ts'

function terminal(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const shown: string[] = []
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      shown.push(String(chunk))
      done()
    },
  })
  return { stdin, io: { stdin, stdout: new PassThrough(), stderr, env: {} }, shown: () => shown.join('') }
}

describe('a question', () => {
  it.each([
    ['y\n', true],
    ['Yes\n', true],
    [' yes \r\n', true],
    ['n\n', false],
    ['\n', false],
    ['yess\n', false],
    ['1\n', false],
  ])('answered %j means %s', async (answer, agreed) => {
    const { stdin, io, shown } = terminal(true)
    stdin.write(answer)
    expect(await confirm(io, 'remove\u001b[31m it?')).toBe(agreed)
    expect(shown()).toContain('remove\\u{1b}[31m it? [y/N] ')
  })

  it('is not agreed to by the end of input', async () => {
    const { stdin, io, shown } = terminal(true)
    stdin.end()
    expect(await confirm(io, 'remove it?')).toBe(false)
    expect(shown()).toMatch(/\[y\/N\] [^\n]*\n$/)
  })

  it.each([
    ['Ctrl-D', '\u0004'],
    ['Ctrl-C', '\u0003'],
  ])('leaves what follows a line of its own after %s', async (name, key) => {
    const { stdin, io, shown } = terminal(true)
    setTimeout(() => stdin.write(key), 50)
    const answer = confirm({ ...io, stderr: Object.assign(io.stderr, { isTTY: true }) }, 'remove it?')
    if (name === 'Ctrl-C') await expect(answer).rejects.toBeInstanceOf(InterruptedError)
    else expect(await answer).toBe(false)
    expect(shown().endsWith('\n')).toBe(true)
    expect(shown().split('\n')).toHaveLength(2)
  })

  it('adds no line to an answer', async () => {
    const { stdin, io, shown } = terminal(true)
    stdin.write('n\n')
    await confirm(io, 'remove it?')
    await new Promise(setImmediate)
    expect(shown()).toMatch(/ \[y\/N\] $/)
  })

  it('is refused when nobody can be asked, and nothing is read', async () => {
    const { stdin, io, shown } = terminal(false)
    stdin.write('y\n')
    await expect(confirm(io, 'remove it?')).rejects.toMatchObject({
      code: 'usage',
      message: 'nobody can be asked: standard input is no terminal',
      hint: 'agree beforehand with --yes',
    })
    expect(shown()).toBe('')
  })
})

describe('a hidden prompt', () => {
  it('ends the run when it is interrupted', async () => {
    const { stdin, io } = terminal(true)
    setTimeout(() => stdin.write('abc\u0003'), 50)
    await expect(askSecret(io, 'Secret:')).rejects.toBeInstanceOf(InterruptedError)
  })
})
