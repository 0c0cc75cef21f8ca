/** What completion scripts are made from: the commands, options and values of the program, as plain data. */

import type { Argument, Command, Option } from 'commander'

/** What may be typed as a value. */
export type ValueShape =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'directory' }
  | { readonly kind: NameKind }
  | { readonly kind: 'any' }

/** Names that `kmseal __complete` looks up: of keys, of parameters, and of paths that parameters are below. */
export type NameKind = (typeof nameKinds)[number]

/** All kinds of names. */
export const nameKinds = ['key', 'parameter', 'path'] as const

/** Whether the values are names that are looked up. */
export function isNames(value: ValueShape): value is { readonly kind: NameKind } {
  return nameKinds.some(kind => kind === value.kind)
}

/** One option. */
export interface OptionShape {
  /** As typed, the long form last: `-o`, `--output`. */
  readonly flags: readonly string[]
  readonly description: string
  /** Absent for an option that takes no value. */
  readonly value?: ValueShape
}

/** One argument; a variadic one stands for all that follow. */
export interface ArgumentShape {
  readonly value: ValueShape
  readonly variadic: boolean
}

/** A command with its subcommands. */
export interface CommandShape {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionShape[]
  readonly arguments: readonly ArgumentShape[]
  readonly commands: readonly CommandShape[]
}

/** Reads the shape of a program whose commands are all loaded. */
export function commandShape(command: Command): CommandShape {
  const commands = command.commands.map(commandShape)
  const names = commands.map(({ name }) => name)
  const helpOption = { flags: ['-h', '--help'], description: 'show help' }
  const help: CommandShape = {
    name: 'help',
    description: 'show help for a command',
    options: [helpOption],
    arguments: [{ value: { kind: 'words', words: names }, variadic: false }],
    commands: [],
  }
  return {
    name: command.name(),
    description: oneLine(command.summary() || command.description()),
    options: [...command.options.filter(option => !option.hidden).map(optionShape), helpOption],
    arguments: command.registeredArguments.map(argumentShape),
    commands: commands.length === 0 || names.includes('help') ? commands : [...commands, help],
  }
}

/** A command and all below it, each with its path, such as `kmseal mock status`. */
export function commandPaths(command: CommandShape, above = ''): [path: string, command: CommandShape][] {
  const path = above === '' ? command.name : `${above} ${command.name}`
  return [[path, command], ...command.commands.flatMap(inner => commandPaths(inner, path))]
}

/** The options of the root that mean the same on every command, so that scripts list them once. */
export function globalOptions(root: CommandShape): OptionShape[] {
  const all = commandPaths(root).filter(([, { name }]) => name !== 'help')
  return root.options.filter(({ flags }) => all.every(([, { options }]) => hasOption(options, flags)))
}

/** The options that a command has beyond the global ones. */
export function ownOptions(command: CommandShape, global: readonly OptionShape[]): OptionShape[] {
  return command.options.filter(({ flags }) => !hasOption(global, flags))
}

/** Shells that completion is offered for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** One of {@link shells}. */
export type Shell = (typeof shells)[number]

function hasOption(options: readonly OptionShape[], flags: readonly string[]): boolean {
  return options.some(option => option.flags.at(-1) === flags.at(-1))
}

function optionShape(option: Option): OptionShape {
  const flags = [option.short, option.long].filter(flag => flag !== undefined && flag !== null)
  const shape = { flags, description: oneLine(option.description) }
  // A value that may be left away is never in a word of its own.
  if (!option.required) return shape
  const placeholder = /<([^>]*)>/.exec(option.flags)?.[1] ?? ''
  const kind = namesOfOption(option)
  return {
    ...shape,
    value: kind === undefined ? valueShape(placeholder, option.argChoices, option.parseArg) : { kind },
  }
}

function argumentShape(argument: Argument): ArgumentShape {
  const parser = (argument as Argument & { parseArg?: unknown }).parseArg
  const kind = namesOfArgument[argument.name()]
  const value = kind === undefined ? valueShape(argument.name(), argument.argChoices, parser) : { kind }
  return { value, variadic: argument.variadic }
}

/** The names that are values of an option. Ids of access keys are none of them. */
function namesOfOption({ long }: Option): NameKind | undefined {
  if (long === '--parameter') return 'parameter'
  return /^--(?!access-).*key-id$/.test(long ?? '') ? 'key' : undefined
}

/** Arguments that are names of something that is there. */
const namesOfArgument: Readonly<Record<string, NameKind>> = {
  'key-id': 'key',
  alias: 'key',
  name: 'parameter',
  from: 'parameter',
  to: 'parameter',
  path: 'path',
}

/** The words that a parser or the placeholder tells, otherwise what the placeholder is called. */
function valueShape(
  placeholder: string,
  choices: readonly string[] | undefined,
  parser: unknown,
): ValueShape {
  const told = choices ?? (parser as { readonly values?: readonly string[] } | undefined)?.values
  const words = told ?? (placeholder.includes('|') ? placeholder.split('|') : undefined)
  if (words !== undefined) return { kind: 'words', words }
  if (placeholder === 'path') return { kind: 'path' }
  if (/^files?$|-file$/.test(placeholder)) return { kind: 'file' }
  return /^(?:dir|directory|folder)$/.test(placeholder) ? { kind: 'directory' } : { kind: 'any' }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
