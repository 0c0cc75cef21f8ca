/** The examples in the help of every command. */

import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { Session } from '../../src/cli/context.ts'
import { buildProgram } from '../../src/program.ts'

/** A command or subcommand that does something, and its examples, each as one line of shell. */
export interface CommandExamples {
  readonly command: string
  readonly examples: readonly string[]
}

/** Reads them all, in the order of `--help`. */
export async function helpExamples(): Promise<CommandExamples[]> {
  const stream = new PassThrough()
  const io = { stdin: stream, stdout: stream, stderr: stream, env: {}, cwd: '/' }
  const program = await buildProgram(() => undefined, new Session(io), ['completion'])
  return program.commands.flatMap(command => [command, ...command.commands]).map(examplesOf)
}

function examplesOf(command: Command): CommandExamples {
  const name =
    command.parent?.parent === null ? command.name() : `${command.parent?.name()} ${command.name()}`
  let text = ''
  command.configureOutput({
    writeOut: part => {
      text += part
    },
  })
  command.outputHelp()
  const [, block = ''] = text.split('\nExamples:\n')
  const lines = block
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n')
    .filter(line => line !== '')
  return {
    command: name,
    examples: lines.map(line => {
      if (line.startsWith('  $ ')) return line.slice(4)
      throw new Error(`in the examples of ${name} this is no command: ${line}`)
    }),
  }
}
