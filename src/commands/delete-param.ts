/** `kmseal delete-param`: deletes parameters. */

import type { SSMClient } from '@aws-sdk/client-ssm'
import type { Command } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError } from '../errors.ts'
import { deleteParameters } from '../parameters/delete-parameters.ts'
import { findParameters } from '../parameters/find-parameter.ts'
import { listParameters } from '../parameters/list-parameters.ts'
import { nothingBelow } from '../parameters/missing-parameters.ts'
import { checkParameterName, checkParameterPath, qualifiedName } from '../parameters/parameter-name.ts'

interface Options extends GlobalFlags {
  readonly ignoreMissing?: boolean
  readonly recursive?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of parameters, or paths with --recursive; all versions go')
    .option('--recursive', 'delete everything below the paths, after asking')
    .option('--ignore-missing', 'do not mind parameters that are not there')
    .option('--dry-run', 'print the names of what would be deleted, and delete nothing')
    .option('-y, --yes', 'do not ask before --recursive deletes')
    .addHelpText('after', help)
    .action((typed: string[], options: Options) => deleteParam(session.begin(options), typed, options))
}

async function deleteParam(context: Context, typed: readonly string[], options: Options): Promise<void> {
  const { io, output, clients, announceWrite } = context
  const recursive = options.recursive === true
  const checked = typed.map(recursive ? checkParameterPath : checkParameterName)
  const ssm = await clients.ssm()
  const names = recursive ? await namesBelow(ssm, checked, options) : checked
  if (options.dryRun === true) {
    const found = recursive ? names : await namesThere(ssm, names, options)
    await output.result({ DryRun: true, Names: found }, found.map(name => `${printable(name)}\n`).join(''))
    return
  }
  if (recursive && options.yes !== true && names.length > 0) {
    for (const name of names) output.say(`- ${name}`)
    const what = names.length === 1 ? 'this parameter' : `these ${names.length} parameters`
    if (!(await confirm(io, `Delete ${what} with all versions?`))) {
      throw new KmsealError('failed', 'nothing was deleted, since nobody agreed')
    }
  }
  announceWrite()
  const result = await deleteParameters(ssm, names)
  // What is gone since it was listed is what was wanted.
  const minds = options.ignoreMissing !== true && !recursive
  if (minds && result.InvalidParameters.length > 0) throw missing(result)
  await output.result(result, '')
}

async function namesThere(ssm: SSMClient, names: readonly string[], options: Options): Promise<string[]> {
  const unique = [...new Map(names.map(name => [qualifiedName(name), name])).values()]
  const there = await findParameters(ssm, unique)
  const [found, absent] = [true, false].map(wanted =>
    unique.filter(name => there.has(qualifiedName(name)) === wanted),
  ) as [string[], string[]]
  if (absent.length === 0 || options.ignoreMissing === true) return found
  throw missing({ DeletedParameters: [], InvalidParameters: absent })
}

async function namesBelow(ssm: SSMClient, paths: readonly string[], options: Options): Promise<string[]> {
  const names = new Set<string>()
  const empty: string[] = []
  for (const path of paths) {
    let found = 0
    for await (const page of listParameters({ ssm, path, oneLevel: false })) {
      for (const { Name = '' } of page) names.add(Name)
      found += page.length
    }
    if (found === 0) empty.push(path)
  }
  if (empty.length === 0 || options.ignoreMissing === true) return [...names].sort()
  throw nothingBelow(empty, 'for one parameter itself leave --recursive away; or give --ignore-missing')
}

function missing(result: Awaited<ReturnType<typeof deleteParameters>>): KmsealError {
  const absent = result.InvalidParameters
  const deleted = result.DeletedParameters
  const [only] = absent
  const message =
    absent.length === 1
      ? `parameter ${only} does not exist`
      : `${absent.length} parameters do not exist: ${absent.join(', ')}`
  return new KmsealError('not-found', message, {
    hint: 'check the names and --region, or give --ignore-missing',
    details: deleted.length === 0 ? [] : [`deleted: ${deleted.join(', ')}`],
  })
}

const help = `
Nothing is printed. Missing parameters do not keep the others from being deleted; the exit status is then 3.
With --recursive everything below the paths goes, at any depth, but not a parameter whose name is the path itself.
The names are shown on standard error, and it asks, unless --yes; without a terminal it needs --yes.

Examples:
  $ kmseal delete-param /app/db/password
  $ kmseal delete-param /app/a /app/b --ignore-missing
  $ kmseal delete-param /app/old --recursive --dry-run`
