/** The manual page: up to date, whole, and plain to those who format it. */

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { manPage } from '../src/cli/man-page.ts'
import { commandEntries } from '../src/command-entries.ts'
import { runCli } from './helpers/cli.ts'
import { traps } from './helpers/nasty-shape.ts'
import { hasProgram } from './helpers/programs.ts'

const stored = readFileSync(new URL('../man/kmseal.1', import.meta.url), 'utf8')
const packed = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

function formatted(page: string): string {
  const args = ['-man', '-ww', '-Tutf8', '-P-cbou', '-rLL=500n']
  const { stdout, stderr } = spawnSync('groff', args, { input: page, encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
}

describe('man/kmseal.1', () => {
  it('is what the program makes of its help', async () => {
    const { status, stdout, stderr } = await runCli(['__man'])
    expect([status, stderr]).toEqual([0, ''])
    // After a change of commands or help texts: node scripts/build.js && node scripts/man-page.js
    expect(stdout.toString()).toBe(stored)
  })

  it('is in the package', () => {
    expect(packed).toMatchObject({ man: 'man/kmseal.1', files: expect.arrayContaining(['man']) })
  })

  it.skipIf(!hasProgram('groff'))(
    'has every command with its options and examples, without warnings',
    async () => {
      const text = formatted(stored).replace(/\s+/g, ' ')
      for (const { name, summary } of commandEntries) {
        expect(text).toContain(summary)
        const help = (await runCli([name, '--help'])).stdout.toString()
        for (const [, example = ''] of help.matchAll(/^ +\$ (.*)$/gm)) {
          expect(text).toContain(example.trim().replace(/\s+/g, ' '))
        }
        for (const [flag] of help.matchAll(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm)) expect(text).toContain(flag)
      }
      expect(text).toContain('KMSEAL_BACKEND')
    },
  )

  it.skipIf(!hasProgram('man'))('is shown by man', () => {
    const page = new URL('../man/kmseal.1', import.meta.url).pathname
    expect(execFileSync('man', ['-l', page], { encoding: 'utf8' })).toContain('KMSEAL(1)')
  })
})

describe('a page of texts that are traps', () => {
  it.skipIf(!hasProgram('groff'))('shows them as they are', () => {
    const program = new Command('kmseal').description('.so /etc/passwd')
    const texts = [...traps, '.so /etc/passwd', "'so x", '\\fBbold\\fR \\n[.x]', '~^`-"…é']
    for (const [index, text] of texts.entries()) {
      program
        .command(`c${index}`)
        .description(text)
        .option('--x', text)
        .addHelpText('after', `\n${text}\n  ${text}\n`)
    }
    const page = manPage(program, { version: '1', exitStatuses: [], variables: [] })
    const shown = formatted(page)
    for (const text of texts) expect(shown.split(text).length - 1).toBeGreaterThanOrEqual(4)
  })
})
