import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeDotenvFile } from '../../../src/parameters/formats/dotenv.ts'
import type { Exported } from '../../../src/parameters/formats/exported.ts'
import { writeFish } from '../../../src/parameters/formats/fish.ts'
import { writeShell } from '../../../src/parameters/formats/shell.ts'
import { isShellName } from '../../../src/parameters/formats/shell-names.ts'
import { testFolder } from '../../helpers/folder.ts'
import { hasProgram } from '../../helpers/programs.ts'
import { hostileValues } from '../hostile-values.ts'
import { exportsOf, numbered, plainOptions, variableValues } from './exports.ts'

/** What the child of a shell finds in its environment. */
function environmentOf(shell: string, script: string, cwd: string): Record<string, string> {
  const print = 'process.stdout.write(JSON.stringify(process.env))'
  const options = shell === 'fish' ? ['-N'] : shell === 'zsh' ? ['-f'] : []
  const words = [...options, '-c', `${script}; exec '${process.execPath}' -e '${print}'`]
  const env = { PATH: process.env.PATH, HOME: cwd }
  return JSON.parse(execFileSync(shell, words, { cwd, env, encoding: 'utf8' })) as Record<string, string>
}

interface Way {
  readonly shell: string
  readonly script: string
  readonly write: (parameters: readonly Exported[]) => string
}

const shell = (parameters: readonly Exported[]) => writeShell(parameters, plainOptions)
const fish = (parameters: readonly Exported[]) => writeFish(parameters, plainOptions)
const ways: readonly Way[] = [
  ...['dash', 'bash', 'zsh'].map(name => ({ shell: name, script: 'eval "$(cat e)"', write: shell })),
  { shell: 'fish', script: 'cat e | source', write: fish },
]

describe.each(ways)('commands for $shell', ({ shell: program, script, write }) => {
  const read = (values: readonly string[]): Record<string, string> => {
    const folder = testFolder()
    writeFileSync(join(folder, 'e'), write(exportsOf(numbered(values))))
    const environment = environmentOf(program, script, folder)
    return Object.fromEntries(values.map((_, index) => [`V${index}`, environment[`V${index}`] ?? '(unset)']))
  }

  it.skipIf(!hasProgram(program))('set hostile values byte for byte', () => {
    expect(read(hostileValues)).toEqual(numbered(hostileValues))
  })

  it.skipIf(!hasProgram(program))('set random values byte for byte', () => {
    const check = fc.property(variableValues, values => {
      expect(read(values)).toEqual(numbered(values))
    })
    fc.assert(check, { numRuns: 10 })
  })
})

describe('variables that shells keep for themselves', () => {
  it.each(['SECONDS', 'UID', 'RANDOM'])('%s is refused, its parameter named', name => {
    const parameters = exportsOf({ [name.toLowerCase()]: 'a[$(touch made)]', fine: '1' })
    for (const write of [writeShell, writeDotenvFile]) {
      expect(() => write(parameters, plainOptions)).toThrow(
        expect.objectContaining({
          code: 'failed',
          details: [`parameter /app/${name.toLowerCase()} gives ${name}`],
        }),
      )
    }
    expect(writeShell(parameters, { ...plainOptions, prefix: 'APP_' })).toContain(`export APP_${name}=`)
  })

  it('are others in fish', () => {
    const parameters = exportsOf({ pwd: '1' })
    expect(() => writeFish(parameters, plainOptions)).toThrow(
      expect.objectContaining({ details: ['parameter /app/pwd gives PWD'] }),
    )
    expect(writeFish(exportsOf({ seconds: '1' }), plainOptions)).toBe("set -gx SECONDS '1'\n")
  })

  const listing: Readonly<Record<string, string>> = {
    dash: 'set',
    bash: 'compgen -v',
    zsh: 'print -l ${(k)parameters}; zmodload zsh/zle zsh/terminfo zsh/parameter; print -l ${(k)parameters}',
  }

  it.each(Object.keys(listing))('all of %s are known', program => {
    if (!hasProgram(program)) return
    const cwd = testFolder()
    const run = (script: string): string => {
      const words = [...(program === 'zsh' ? ['-f'] : []), '-c', script]
      return execFileSync(program, words, {
        cwd,
        env: { PATH: process.env.PATH, HOME: cwd },
        encoding: 'utf8',
      })
    }
    const list = run(listing[program] ?? '').match(/^[A-Za-z_]\w*/gm)
    const names = [...new Set(list)].filter(name => !isShellName(name))
    expect(names.length).toBeGreaterThan(5)
    const printenv = run('command -v printenv').trim()
    const script = names.map(name => {
      writeFileSync(join(cwd, `${name}.env`), `${name}='a[1]'\nLAST='end'\n`)
      return `(set -a; . ./${name}.env; exec ${printenv} ${name} LAST); echo`
    })
    const held = run(script.join('\n')).split('\n\n').slice(0, -1)
    expect(held).toEqual(names.map(() => 'a[1]\nend'))
  })
})
