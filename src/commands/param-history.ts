/** `kmseal param-history`: all versions of a parameter. */

import type { ParameterHistory } from '@aws-sdk/client-ssm'
import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { printable } from '../cli/printable.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { parameterHistory } from '../parameters/parameter-history.ts'
import {
  type ParameterReference,
  parseParameterReference,
  regionOfReference,
} from '../parameters/parameter-reference.ts'

interface Options extends GlobalFlags {
  readonly showValues?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name>', 'name or ARN of the parameter', wholeParameter)
    .option('--show-values', 'show the values, decrypted')
    .addHelpText('after', help)
    .action((reference: ParameterReference, options: Options) => showHistory(session, reference, options))
}

function wholeParameter(text: string): ParameterReference {
  const reference = parseParameterReference(text)
  if (reference.selector === undefined) return reference
  throw usageError('this command takes a parameter without version or label', 'it shows all versions')
}

async function showHistory(session: Session, reference: ParameterReference, options: Options): Promise<void> {
  const { output, clients, settings } = session.begin(options)
  const ssm = await clients.ssm(regionOfReference(reference, settings))
  const shows = options.showValues === true
  const versions: ParameterHistory[] = []
  // Which one is current is known at the end only.
  for await (const page of parameterHistory(ssm, reference.text, shows)) versions.push(...page)
  const current = Math.max(...versions.map(({ Version }) => Version ?? 0))
  if (output.settings.json) {
    for (const version of versions)
      await output.result(record(version, version.Version === current, shows), '')
    return
  }
  const head = [...heads, ...(shows ? ['VALUE'] : [])]
  const rows = versions.map(version => [
    ...row(version, version.Version === current),
    ...(shows ? [printable(version.Value ?? '')] : []),
  ])
  await output.result({}, renderTable(head, rows, output.width))
}

const heads = ['VERSION', 'TYPE', 'TIER', 'KEY', 'LABELS', 'MODIFIED', 'USER', 'DESCRIPTION']

function row(version: ParameterHistory, isCurrent: boolean): string[] {
  const {
    Version,
    Type = '',
    Tier = '',
    KeyId = '',
    Labels = [],
    LastModifiedDate,
    Description = '',
  } = version
  return [
    `${Version}${isCurrent ? ' (current)' : ''}`,
    Type,
    Tier,
    KeyId,
    Labels.join(', '),
    LastModifiedDate?.toISOString() ?? '',
    version.LastModifiedUser ?? '',
    Description,
  ]
}

function record(version: ParameterHistory, isCurrent: boolean, shows: boolean): object {
  return { ...version, Value: shows ? version.Value : undefined, Current: isCurrent }
}

const help = `
The oldest version comes first; the service keeps 100. Values are shown with --show-values only. With --json each
version is an object of its own line.

Examples:
  $ kmseal param-history /app/db/password
  $ kmseal param-history /app/db/password --json | jq -r 'select(.Current).Version'`
