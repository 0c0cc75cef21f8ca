/** A program whose texts and values are traps for the quoting of shells. */

import type { CommandShape } from '../../src/cli/completion-shape.ts'

/** Help texts that shells could expand, execute, or cut. */
export const traps = [
  "it's a trap: don't",
  'a: colon \\ and a \\: backslash',
  '$(touch x) `touch x` ${y} $HOME',
  '"double" [brackets] {a,b} %F{red}%n (x) *? ~ # !! & | ; <>',
] as const

/** Values with colons, slashes and equals signs. */
export const values = [
  'arn:aws:kms:eu-west-1:111122223333:key/1',
  'arn:aws:kms:eu-west-1:222233334444:key/2',
  '/a/b:prod',
] as const

/** The shape; its commands are called as in `kmseal`, so that completion is asked of that name. */
export function nastyShape(): CommandShape {
  const region = { flags: ['--region'], description: traps[0], value: { kind: 'any' as const } }
  const json = { flags: ['--json'], description: traps[1] }
  const backend = {
    flags: ['--backend'],
    description: traps[2],
    value: { kind: 'words' as const, words: ['aws', 'mock'] },
  }
  const global = [region, json, backend]
  const leaf = (name: string, description: string): CommandShape => ({
    name,
    description,
    options: global,
    arguments: [],
    commands: [],
  })
  return {
    name: 'kmseal',
    description: traps[3],
    options: global,
    arguments: [],
    commands: [
      {
        ...leaf('seal', traps[0]),
        options: [
          ...global,
          { flags: ['--key-id'], description: traps[1], value: { kind: 'words', words: values } },
          { flags: ['-o', '--output'], description: traps[2], value: { kind: 'file' } },
          { flags: ['--out-dir'], description: traps[3], value: { kind: 'directory' } },
        ],
        arguments: [{ value: { kind: 'file' }, variadic: true }],
      },
      leaf('show', traps[2]),
      { ...leaf('mock', traps[1]), commands: [leaf('status', traps[3]), leaf('reset', traps[2])] },
      {
        ...leaf('find', traps[0]),
        options: [
          ...global,
          { flags: ['--path'], description: traps[1], value: { kind: 'path' } },
          { flags: ['--used-key-id'], description: traps[2], value: { kind: 'key' } },
        ],
        arguments: [{ value: { kind: 'parameter' }, variadic: true }],
      },
      {
        ...leaf('pick', traps[3]),
        arguments: [{ value: { kind: 'words', words: values }, variadic: false }],
      },
    ],
  }
}

/**
 * What stands for the program when names are looked up, and writes down what it was asked. Some of its names are traps:
 * the real one would leave them out.
 */
export const nameSource = `#!/bin/sh
[ "$1" = __complete ] || exit 1
shift
printf '<%s>' "$@" >> "$(dirname "$0")/asked"
echo >> "$(dirname "$0")/asked"
echo 'a message' >&2
case $1 in
  key) printf '%s\\n' alias/app arn:aws:kms:eu-west-1:111122223333:key/1 'alias/trap$(touch x)' ;;
  parameter) printf '%s\\n' /a/b:prod /a/c/ /a/c-d ;;
  path) printf '%s\\n' /p/q /r ;;
esac
`
