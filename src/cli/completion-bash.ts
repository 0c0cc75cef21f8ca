/** The completion script for bash 3.2 or later. It needs no other package and leaves COMP_WORDBREAKS alone. */

import {
  type CommandShape,
  commandPaths,
  globalOptions,
  nameKinds,
  ownOptions,
  type ValueShape,
} from './completion-shape.ts'

/** Writes the script. Descriptions are not in it: bash does not show them. */
export function bashCompletion(root: CommandShape): string {
  const global = globalOptions(root)
  const paths = commandPaths(root)
  const at = paths.map(([path, command]) => {
    const commands = command.commands.map(({ name }) => name)
    const options = ownOptions(command, global).flatMap(({ flags }) => flags)
    return `    ${quote(path)}) commands=(${list(commands)}) options=(${list(options)}) ;;\n`
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
  const globalFlags = list(global.flatMap(({ flags }) => flags))
  return engine(root.name)
    .replace('@AT@', () => at.join(''))
    .replace('@VALUES@', () => [...own, ...shared].join(''))
    .replace('@GLOBAL@', () => globalFlags)
}

function cases(patterns: readonly string[], value: ValueShape | undefined): string[] {
  if (value === undefined) return []
  const words = value.kind === 'words' ? ` words=(${list(value.words)})` : ''
  return [`    ${patterns.join(' | ')}) kind='${value.kind}'${words} ;;\n`]
}

function list(words: readonly string[]): string {
  return words.map(quote).join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

const engine = (name: string): string => `# bash completion for ${name}, printed by: ${name} completion bash

# Sets commands and options: what may follow the commands in $1.
_${name}_at() {
  commands=() options=()
  case $1 in
@AT@  esac
}

# Sets kind and words: the value that an option takes, or an argument by its number, after the commands in $1.
_${name}_value() {
  kind='' words=()
  case $1 in
@VALUES@  esac
}

# Sets typed, the whole words up to the cursor, and piece, the part of the last one that bash will replace:
# bash cuts words at the characters of COMP_WORDBREAKS, such as the colons of an ARN.
_${name}_typed() {
  local rest=\${COMP_LINE:0:COMP_POINT} word gap last='' i
  typed=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=\${rest%%[![:space:]]*}
    rest=\${rest#"$gap"}
    word=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then word=$rest; fi
    rest=\${rest#"$word"}
    if [[ -n $last && -z $gap && ($word =~ ^[:=@]+$ || $last =~ ^[:=@]+$) ]]; then
      typed[\${#typed[@]} - 1]+=$word
    else
      typed+=("$word")
    fi
    last=$word
  done
  piece=$last
  if [[ $piece =~ ^[:=@]+$ ]]; then piece=''; fi
}

# Offers the words after the first that continue what is typed; the first stands before each of them.
_${name}_offer() {
  local before=$1 word
  shift
  for word; do
    word=$before$word
    if [[ $word == "$current"* ]]; then COMPREPLY+=("\${word:\${#current} - \${#piece}}"); fi
  done
}

# Offers files or directories: bash itself does it best, unless it cut the name at a colon.
_${name}_offer_files() {
  local value=\${current#"$1"} file
  if [[ $piece == "$value" ]] && compopt -o "$2" 2>/dev/null; then return; fi
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do _${name}_offer "$1" "$file"; done < <(compgen "$3" -- "$value")
}

# Offers names that the program looks up: the one of PATH, whatever is called ${name} here.
_${name}_offer_names() {
  local value=\${current#"$1"} found
  while IFS= read -r found; do
    _${name}_offer "$1" "$found"
  done < <(command ${name} __complete "$kind" "$value" "\${typed[@]:1:\${#typed[@]} - 2}" \\
    </dev/null 2>/dev/null)
  for found in "\${COMPREPLY[@]}"; do
    if [[ $found != */ ]]; then return; fi
  done
  compopt -o nospace 2>/dev/null
}

_${name}_offer_value() {
  case $kind in
    ${nameKinds.join(' | ')}) _${name}_offer_names "$1" ;;
    words) _${name}_offer "$1" "\${words[@]}" ;;
    file) _${name}_offer_files "$1" default -f ;;
    directory) _${name}_offer_files "$1" dirnames -d ;;
  esac
}

_${name}() {
  local path='${name}' current piece kind i word option='' ended='' count=0
  local -a commands options words typed
  COMPREPLY=()
  _${name}_typed
  current=\${typed[\${#typed[@]} - 1]}
  # An opening quote is kept by bash itself.
  current=\${current#[\\"\\']}
  piece=\${piece#[\\"\\']}
  _${name}_at "$path"
  for ((i = 1; i < \${#typed[@]} - 1; i++)); do
    word=\${typed[i]}
    if [[ -n $option ]]; then
      option=''
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      _${name}_value "$path $word"
      if [[ -n $kind ]]; then option=$word; fi
    elif ((\${#commands[@]} > 0)); then
      path="$path $word"
      _${name}_at "$path"
    else
      count=$((count + 1))
    fi
  done
  if [[ -n $option ]]; then
    _${name}_value "$path $option"
    _${name}_offer_value ''
  elif [[ -z $ended && $current == --*=* ]]; then
    _${name}_value "$path \${current%%=*}"
    _${name}_offer_value "\${current%%=*}="
  elif [[ -z $ended && $current == -* ]]; then
    _${name}_offer '' "\${options[@]}" @GLOBAL@
  elif ((\${#commands[@]} > 0)); then
    _${name}_offer '' "\${commands[@]}"
  else
    _${name}_value "$path #$count"
    _${name}_offer_value ''
  fi
}

complete -F _${name} ${name}
`
