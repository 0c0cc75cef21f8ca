/** The manual page, made of what `--help` is made of. */

import type { Command, Option } from 'commander'

/** What the page has beside the help of the commands. */
export interface ManPageParts {
  readonly version: string
  readonly exitStatuses: readonly (readonly [status: string, meaning: string])[]
  readonly variables: readonly (readonly [name: string, meaning: string])[]
}

/**
 * Writes the page in roff, with the macros of man(7).
 *
 * @param program with all its commands loaded
 */
export function manPage(program: Command, { version, exitStatuses, variables }: ManPageParts): string {
  const name = program.name()
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${escaped(version)}" "${name}"\n`,
    heading('NAME'),
    `${name} \\- ${escaped(firstLower(program.description().replace(/\.$/, '')))}\n`,
    heading('SYNOPSIS'),
    `.B ${name}\n.I COMMAND\n[options] [arguments]\n.br\n.B ${name} help\n[\n.I COMMAND\n|\n.I TOPIC\n]\n`,
    heading('GLOBAL OPTIONS'),
    ...program.options.map(optionText),
    tagged('-h, --help', 'show help'),
    heading('COMMANDS'),
    ...program.commands.flatMap(command => commandText(command, name)),
    heading('EXIT STATUS'),
    ...exitStatuses.map(row => tagged(...row)),
    heading('ENVIRONMENT'),
    ...variables.map(row => tagged(...row)),
    heading('SEE ALSO'),
    `.BR aws (1),\n.BR openssl (1)\n`,
  ].join('')
}

function commandText(command: Command, above: string): string[] {
  const path = `${above} ${command.name()}`
  const own = command.options.filter(
    option => !option.hidden && option.helpGroupHeading !== 'Global options:',
  )
  return [
    `.SS "${escaped(`${path} ${command.usage()}`.trim())}"\n`,
    line(command.description()),
    ...command.registeredArguments.map(found => tagged(found.name(), found.description)),
    ...own.map(optionText),
    ...prose(textAfter(command)),
    ...command.commands.flatMap(nested => commandText(nested, path)),
  ]
}

/** What follows the lists in the help of a command. */
function textAfter(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: part => {
      text += part
    },
  })
  command.outputHelp()
  return text.slice(command.helpInformation().length)
}

/** Paragraphs are filled; what is indented stays as it is. */
function prose(text: string): string[] {
  if (text.trim() === '') return []
  let indented = false
  const rows = text
    .trim()
    .split('\n')
    .flatMap(row => {
      const isIndented = row.startsWith(' ')
      const change = isIndented === indented ? '' : isIndented ? '.PP\n.nf\n' : '.fi\n.PP\n'
      indented = isIndented
      return [change, row === '' ? '.PP\n' : line(row.trimEnd())]
    })
  return ['.PP\n', ...rows, indented ? '.fi\n' : '']
}

function optionText({ flags, description }: Option): string {
  return tagged(flags, description)
}

function tagged(tag: string, text: string): string {
  return `.TP\n${bold(tag)}${line(text === '' ? '-' : text)}`
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR\n`
}

function heading(text: string): string {
  return `.SH ${text}\n`
}

/** A line that is text, whatever it begins with. */
function line(text: string): string {
  return `${/^[.']/.test(text) ? '\\&' : ''}${escaped(text)}\n`
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replace(
      /[^\x00-\x7e]/gu,
      letter => `\\[u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
}

function firstLower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
