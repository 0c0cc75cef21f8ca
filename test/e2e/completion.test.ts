/** TAB in the real shells, with the built program on the mock behind it. */

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { binary, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

let place: Workplace

beforeAll(async () => {
  place = new Workplace()
  mkdirSync(place.path('bin'))
  symlinkSync(binary, place.path('bin/kmseal'))
  for (const name of ['kmseal.bash', '_kmseal', 'kmseal.fish']) {
    copyFileSync(new URL(`../../completions/${name}`, import.meta.url), place.path(name))
  }
  await place.kmseal(['create-key', '--alias', 'alias/app'])
  await place.kmseal(['put-param', '/shop/db/url', '--type', 'String'], { stdin: 'u' })
  await place.kmseal(['label-param', '/shop/db/url', 'prod'])
})

afterAll(() => place.remove())

const env = (): NodeJS.ProcessEnv => ({
  ...place.env,
  PATH: `${place.path('bin')}:${process.env['PATH']}`,
  HOME: place.folder,
  TERM: 'dumb',
  PS1: 'READY>',
  KMSEAL_COMPLETION_MS: '60000',
})

/** Lines with Tabs, and the arguments that the program then gets. */
const cases = [
  ['kmseal --backend mock encrypt --key-id alias/ap\\t', '<--backend><mock><encrypt><--key-id><alias/app>'],
  ['kmseal --backend mock get-param /sh\\td\\tu\\t', '<--backend><mock><get-param></shop/db/url>'],
  ['kmseal --backend mock get-param /shop/db/url:p\\t', '<--backend><mock><get-param></shop/db/url:prod>'],
  ['kmseal --backend=mock export-params /sh\\t', '<--backend=mock><export-params></shop>'],
  // On aws, without credentials: nothing, and no word about it.
  ['kmseal get-param /sh\\t', '<get-param></sh>'],
] as const

const shells = [
  ['bash', 'bash --norc --noprofile -i', 'source ./kmseal.bash'],
  ['zsh', 'zsh -f -i', 'autoload -U compinit; compinit -u -D; source ./_kmseal'],
] as const

describe.each(shells)('in %s', (shell, command, setUp) => {
  it.skipIf(!hasProgram(shell) || !hasProgram('expect'))('names of keys and parameters complete', () => {
    const show = `kmseal() { printf '<%s>' "$@"; echo '.'; }`
    const quoted = (text: string): string => `"${text.replace(/["$[\]{}]/g, '\\$&')}"`
    const lines = [`${setUp}; ${show}`, ...cases.map(([typed]) => typed)]
    const script = [
      'set timeout 60',
      'set stty_init "columns 200 rows 50"',
      `spawn -noecho ${command}`,
      ...lines.flatMap(line => ['expect "READY>"', `send -- ${quoted(line)}`, 'send "\\r"']),
      'expect "READY>"',
    ]
    const screen = execFileSync('expect', ['-c', script.join('\n')], {
      cwd: place.folder,
      env: env(),
      encoding: 'utf8',
    })
    const received = [...screen.matchAll(/^(<.*>)\.\r?$/gm)].map(([, line]) => line)
    expect(received).toEqual(cases.map(([, arguments_]) => arguments_))
    expect(screen).not.toMatch(/error|hint/)
  })
})

describe.skipIf(!hasProgram('fish'))('in fish', () => {
  it.each([
    ['kmseal --backend mock encrypt --key-id alias/', ['alias/app', 'alias/kmseal']],
    ['kmseal --backend mock encrypt --key-id=alias/a', ['--key-id=alias/app']],
    ['kmseal --backend mock get-param /shop/', ['/shop/db/']],
    ['kmseal --backend mock get-param /shop/db/url:', ['/shop/db/url:1', '/shop/db/url:prod']],
    ['kmseal get-param /shop/', []],
  ])('%s', (line, expected) => {
    const shown = execFileSync(
      'fish',
      ['--no-config', '-c', 'source kmseal.fish; complete -C $argv[1]', line],
      {
        cwd: place.folder,
        env: { ...env(), XDG_DATA_HOME: place.folder, XDG_CONFIG_HOME: place.folder },
        encoding: 'utf8',
      },
    )
    const names = shown.split('\n').slice(0, -1)
    expect(names.map(line => line.split('\t')[0])).toEqual(expected)
  })
})
