/** `kmseal export-params`: everything below a path in a form that other programs read. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { addOpenOptions } from '../cli/open-options.ts'
import { oneOf, outputFile, variableNames } from '../cli/options.ts'
import { isRunnerStep, runnerFile } from '../cli/runner.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { isVariableName } from '../parameters/environment-names.ts'
import { readExport } from '../parameters/export-tree.ts'
import {
  exportFormat,
  type FormatName,
  formatNames,
  refuseForeignOptions,
} from '../parameters/formats/export-formats.ts'
import type { Exported, FormatOptions } from '../parameters/formats/exported.ts'
import { maskCommands } from '../parameters/formats/github-env.ts'
import { checkNamespace, checkSecretName } from '../parameters/formats/k8s-names.ts'
import { type OpenFlags, parseOpening } from '../parameters/open-values.ts'
import { checkParameterPath } from '../parameters/parameter-name.ts'

interface Options extends GlobalFlags, OpenFlags {
  readonly format?: FormatName
  readonly prefix?: string
  readonly keepCase?: boolean
  readonly allow?: readonly string[]
  readonly nested?: boolean
  readonly name?: string
  readonly namespace?: string
  readonly allowEmpty?: boolean
  readonly output?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<path...>', 'everything below it is exported, at any depth')
    .option('--format <format>', `${formatNames.join(', ')} (dotenv)`, oneOf('--format', formatNames))
    .option('--prefix <text>', 'put this in front of the names of variables', checkPrefix)
    .option('--keep-case', 'leave the letters of variables as they are in the names of parameters')
    .option(
      '--allow <names>',
      'write these variables though they change how programs run (A,B)',
      variableNames,
    )
    .option('--nested', 'json, yaml: an object for each part of a path')
    .option('--name <name>', 'k8s-secret: name of the Secret', checkSecretName)
    .option('--namespace <name>', 'k8s-secret: namespace of the Secret', checkNamespace)
  addOpenOptions(command)
  command
    .option('--allow-empty', 'a path that nothing is below is no failure')
    .option('-o, --output <file>', 'write to a file of mode 0600', outputFile)
    .addHelpText('after', help)
    .action((paths: string[], options: Options) => exportParams(session.begin(options), paths, options))
}

function checkPrefix(text: string): string {
  if (isVariableName(text)) return text
  throw usageError('--prefix is no beginning of a variable', 'it has letters, digits and _, no digit first')
}

async function exportParams(context: Context, typed: readonly string[], options: Options): Promise<void> {
  const { kms, output, ssm } = context
  const paths = typed.map(checkParameterPath)
  const format = options.format ?? (output.settings.json ? 'json' : 'dotenv')
  const toFile = options.output !== undefined && options.output !== '-'
  const formatOptions = checkOptions(format, options)
  if (output.settings.json && !toFile && format !== 'json') {
    throw usageError('--json tells what -o wrote, or is --format json', 'leave it away, or add -o FILE')
  }
  const collector = checkRunnerFile(context, format, toFile ? options.output : undefined)
  const opening = parseOpening(kms, options)
  const request = { ssm, paths, opening, allowEmpty: options.allowEmpty === true }
  const parameters = await readExport(request)
  const write = await exportFormat(format).load()
  const text = write(parameters, formatOptions)
  await tell(context, format, parameters, formatOptions)
  const sink = await output.sink({
    output: options.output,
    encoding: 'raw',
    encodingChosen: false,
    release: 'everything',
    append: collector !== undefined,
    terminalHint: 'write it to a file with -o FILE, or pipe it through cat',
  })
  await commitBytes(sink, Buffer.from(text))
  if (!toFile || !output.settings.json) return
  const rows = parameters.map(({ parameter }) => ({ ...parameter, Value: undefined }))
  await output.result({ Output: options.output, Format: format, Parameters: rows }, '')
}

function checkOptions(format: FormatName, options: Options): FormatOptions {
  const { prefix, keepCase, allow, nested, name: secretName, namespace } = options
  const allowed = allow === undefined ? undefined : new Set(allow)
  refuseForeignOptions(format, { prefix, keepCase, allowed, nested, secretName, namespace })
  if (format === 'k8s-secret' && secretName === undefined) {
    throw usageError('--format k8s-secret needs the name of the Secret', 'give it with --name')
  }
  return {
    prefix: prefix ?? '',
    keepCase: keepCase === true,
    allowed,
    nested: nested === true,
    secretName: secretName ?? '',
    namespace,
  }
}

/** A file that the runner reads has a form of its own, and is added to: other steps and tools write there as well. */
function checkRunnerFile({ io }: Context, format: FormatName, file: string | undefined): string | undefined {
  const collector = runnerFile(io, file)
  if (collector === undefined || format === 'github-env') return collector
  throw usageError(`$${collector} cannot take --format ${format}`, 'use --format github-env for it')
}

/** Says what must be known before the values are out. */
async function tell(
  { io, output }: Context,
  format: FormatName,
  parameters: readonly Exported[],
  options: FormatOptions,
): Promise<void> {
  if (format === 'github-env' && isRunnerStep(io)) {
    for (const command of maskCommands(parameters)) await output.runnerCommand(command)
  }
  const caveat = exportFormat(format).caveat?.(parameters, options)
  if (caveat !== undefined) output.note(caveat)
}

const help = `
Names are those of the parameters below the path: /app/db/main-url below /app is the variable DB_MAIN_URL, the key
"db/main-url" of json and yaml, and the key db_main-url of a Secret. Names that clash are refused, and so is what a
format cannot carry; then nothing is written. Variables that change how programs run (PATH, LD_PRELOAD, BASH_ENV, AWS_*
and the like) are refused too, unless --allow names them.

  dotenv      for set -a; . ./FILE in sh, bash and zsh, and for programs that read .env files; not for $GITHUB_ENV
  shell       export commands for sh, bash and zsh: eval "$(kmseal export-params /app --format shell)"
  fish        kmseal export-params /app --format fish | source
  json, yaml  all values are strings; --nested makes {"db": {"main-url": ...}}
  docker      for docker run --env-file; it has no form for line breaks
  github-env  kmseal export-params /app --format github-env >> "$GITHUB_ENV"; in a step, the lines of every
              SecureString are masked in the log. -o "$GITHUB_ENV" adds to it as well
  k8s-secret  a manifest for kubectl apply -f -; values may be binary

With --json the format is json; with -o too, the object that is printed tells what was written, without values.

Examples:
  $ kmseal export-params /app -o .env
  $ kmseal export-params /app --format json --nested
  $ kmseal export-params /shared /app --format docker --prefix APP_ -o app.env`
