/** The completion script for fish 3 or later. */

import {
  type CommandShape,
  commandPaths,
  globalOptions,
  isNames,
  type OptionShape,
  ownOptions,
  type ValueShape,
} from './completion-shape.ts'

/** Writes the script: one `complete` a command and option, under a condition that walks the command line. */
export function fishCompletion(root: CommandShape): string {
  const global = globalOptions(root)
  const paths = commandPaths(root)
  const complete = `complete -c ${root.name}`
  const lines: string[] = [`${complete} -f\n`]
  for (const [path, command] of paths) {
    const at = `${complete} -n ${quote(`__${root.name}_at ${quote(path)}`)}`
    const next = `${complete} -n ${quote(`__${root.name}_at ${quote(path)} next`)}`
    for (const { name, description } of command.commands) {
      lines.push(`${next} -a ${quote(name)} -d ${quote(description)}\n`)
    }
    for (const { value } of command.arguments.slice(0, 1)) {
      if (value.kind !== 'any') lines.push(`${next}${valueFlags(root.name, value)}\n`)
    }
    for (const option of ownOptions(command, global)) lines.push(optionLine(root.name, at, option))
  }
  for (const option of global) lines.push(optionLine(root.name, complete, option))
  const withSubcommands = paths.filter(([, { commands }]) => commands.length > 0).map(([path]) => path)
  const valued = paths.flatMap(([path, command]) =>
    command.options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ flags }) => flags.map(flag => `${path} ${flag}`)),
  )
  return engine(root.name)
    .replace('@COMMANDS@', () => withSubcommands.map(quote).join(' '))
    .replace('@VALUED@', () => valued.map(quote).join(' '))
    .replace('@LINES@', () => lines.join(''))
}

function optionLine(name: string, at: string, { flags, description, value }: OptionShape): string {
  const names = flags.map(flag => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`))
  const takes = value === undefined ? '' : ` -r${valueFlags(name, value)}`
  return `${at}${names.join('')}${takes} -d ${quote(description)}\n`
}

function valueFlags(name: string, value: ValueShape): string {
  if (isNames(value)) return ` -f -a ${quote(`(__${name}_names ${value.kind})`)}`
  if (value.kind === 'file') return ' -F'
  if (value.kind === 'directory') return ` -f -a ${quote('(__fish_complete_directories)')}`
  return value.kind === 'words' ? ` -f -a ${quote(value.words.map(word).join(' '))}` : ' -f'
}

/** A word of the list after -a, which fish expands. */
function word(text: string): string {
  return /^[\w.:/=+-]+$/.test(text) ? text : quote(text)
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

const engine = (name: string): string => `# fish completion for ${name}, printed by: ${name} completion fish

# Whether the commands on the line, up to the cursor, are those in $argv[1]; with next, also that no option
# waits for its value.
function __${name}_at
    set -l at ${name}
    set -l option ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test -n "$option"
            set option ''
        else if string match -q -- '-?*' $word
            if contains -- "$at $word" $__${name}_valued
                set option $word
            end
        else if contains -- $at $__${name}_commands
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"; and test -z "$option" -o (count $argv) -eq 1
end

# Names that the program looks up: the one of PATH, whatever is called ${name} here.
function __${name}_names
    set -l words (commandline -opc)
    set -l typed (string replace -r -- '^--[^=]*=' '' (commandline -ct))
    command ${name} __complete $argv[1] "$typed" $words[2..-1] </dev/null 2>/dev/null
end

# Commands that have subcommands, and options that take a value.
set -g __${name}_commands @COMMANDS@
set -g __${name}_valued @VALUED@

@LINES@`
