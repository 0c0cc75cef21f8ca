/** The completion script for zsh: a function file for fpath, which may also be sourced after compinit. */

import {
  type CommandShape,
  commandPaths,
  globalOptions,
  nameKinds,
  ownOptions,
  type ValueShape,
} from './completion-shape.ts'

/**
 * Writes the script. Descriptions are handed to compadd as they are; `_arguments` and `_describe` would read
 * colons, brackets and backslashes in them.
 */
export function zshCompletion(root: CommandShape): string {
  const global = globalOptions(root)
  const paths = commandPaths(root)
  const at = paths.map(([path, command]) => {
    const names = command.commands.map(({ name }) => name)
    const summaries = command.commands.map(({ description }) => description)
    const own = [...ownOptions(command, global), ...global].flatMap(({ flags, description }) =>
      flags.map(flag => [flag, description] as const),
    )
    return (
      `    (${quote(path)})\n` +
      `      names=(${list(names)})\n      name_notes=(${list(summaries)})\n` +
      `      flags=(${list(own.map(([flag]) => flag))})\n      flag_notes=(${list(own.map(([, note]) => note))})\n` +
      '      ;;\n'
    )
  })
  const own = paths.flatMap(([path, command]) => [
    ...ownOptions(command, global).flatMap(({ flags, value }) =>
      cases(
        flags.map(flag => quote(`${path} ${flag}`)),
        value,
      ),
    ),
    ...command.arguments.flatMap(({ value, variadic }, index) =>
      cases([variadic ? `${quote(`${path} #`)}*` : quote(`${path} #${index}`)], value),
    ),
  ])
  const shared = global.flatMap(({ flags, value }) =>
    cases(
      flags.map(flag => `*${quote(` ${flag}`)}`),
      value,
    ),
  )
  return engine(root.name)
    .replace('@AT@', () => at.join(''))
    .replace('@VALUES@', () => [...own, ...shared].join(''))
}

function cases(patterns: readonly string[], value: ValueShape | undefined): string[] {
  if (value === undefined) return []
  const words = value.kind === 'words' ? `; choices=(${list(value.words)})` : ''
  return [`    (${patterns.join('|')}) kind=${value.kind}${words} ;;\n`]
}

function list(words: readonly string[]): string {
  return words.map(quote).join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

const engine = (name: string): string => `#compdef ${name}
# zsh completion for ${name}, printed by: ${name} completion zsh

# Sets what may follow the commands in $1, with a note on each.
_${name}_at() {
  names=() name_notes=() flags=() flag_notes=()
  case $1 in
@AT@  esac
}

# Sets kind and choices: the value that an option takes, or an argument by its number, after the commands in $1.
_${name}_value() {
  kind='' choices=()
  case $1 in
@VALUES@  esac
}

# Offers the words of array $2, in a group called $1, with the notes of array $3 beside them.
_${name}_offer() {
  local -a offered=("\${(@P)2}") notes=("\${(@P)3}") lines expl
  local -i i width=0
  local word
  for word in $offered; do
    (( \${#word} > width )) && width=\${#word}
  done
  for ((i = 1; i <= \${#offered}; i++)); do
    lines+=("\${(r:width:)offered[i]}  \${notes[i]}")
  done
  _wanted $1 expl $1 compadd -l -d lines -a offered
}

# Offers names that the program looks up: the one of PATH, whatever is called ${name} here.
_${name}_offer_names() {
  local -a found paths expl typed=("\${(@Q)words[2,CURRENT-1]}")
  local value=\${(Q)PREFIX}
  found=("\${(@f)$(command ${name} __complete $kind "$value" "$typed[@]" </dev/null 2>/dev/null)}")
  paths=(\${(M)found:#*/})
  found=(\${found:#*/})
  _wanted values expl value compadd -a found
  (( \${#paths} > 0 )) && _wanted values expl value compadd -S '' -a paths
}

_${name}_offer_value() {
  local -a expl
  case $kind in
    (${nameKinds.join('|')}) _${name}_offer_names ;;
    (words) _wanted values expl value compadd -a choices ;;
    (file) _files ;;
    (directory) _files -/ ;;
    (*) return 1 ;;
  esac
}

_${name}() {
  local at='${name}' kind word option='' ended=''
  local -i i count=0
  local -a names name_notes flags flag_notes choices
  _${name}_at $at
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      _${name}_value "$at $word"
      [[ -n $kind ]] && option=$word
    elif (( \${#names} > 0 )); then
      at="$at $word"
      _${name}_at $at
    else
      count+=1
    fi
  done
  if [[ -n $option ]]; then
    _${name}_value "$at $option"
    _${name}_offer_value
  elif [[ -z $ended && $PREFIX == --*=* ]]; then
    _${name}_value "$at \${PREFIX%%=*}"
    compset -P '*='
    _${name}_offer_value
  elif [[ -z $ended && $PREFIX == -* ]]; then
    _${name}_offer options flags flag_notes
  elif (( \${#names} > 0 )); then
    _${name}_offer commands names name_notes
  else
    _${name}_value "$at #$count"
    _${name}_offer_value
  fi
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`
