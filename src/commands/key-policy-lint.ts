/** `kmseal key-policy lint`: what is wrong, risky or odd about a key policy. */

import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { readSmallFile } from '../cli/input.ts'
import type { Output } from '../cli/output.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { readKeyPolicy } from '../core/key-policy.ts'
import { clientForKey } from '../core/kms-access.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { exitStatusOf, usageError } from '../errors.ts'
import type { PolicyFinding } from '../policy/lint-finding.ts'
import { lintKeyPolicy } from '../policy/lint-policy.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
}

// A policy that is too long is a finding; a file that is no policy at all need not be read to its end.
const largestFile = 1024 * 1024

/** Adds `lint`. */
export function registerLint(
  command: Command,
  begin: (options: GlobalFlags) => Context,
  session: Session,
): void {
  command
    .command('lint')
    .description('look a key policy over: what KMS refuses, what is too wide, what has no effect')
    .helpOption('-h, --help', 'show help')
    .argument('[file]', 'the policy, as JSON; - reads standard input')
    .option('--key-id <key-id>', 'the key whose policy it is, or with a file is to be', checkKeyId)
    .addHelpText('after', help)
    .action(async (file: string | undefined, options: Options) => {
      const context = begin(options)
      const findings = await lint(context, file, options.keyId)
      for (const finding of findings) await context.output.result(finding, textOf(finding))
      summarise(context.output, findings)
      if (findings.some(({ Severity }) => Severity === 'error')) session.endWith(exitStatusOf.failed)
    })
}

async function lint(
  { io, kms }: Context,
  file: string | undefined,
  keyId: string | undefined,
): Promise<readonly PolicyFinding[]> {
  if (file === undefined && keyId === undefined) {
    throw usageError('there is no policy to look at', 'name a file, or a key with --key-id')
  }
  const bytes = file === undefined ? undefined : (await readSmallFile(io, file, largestFile)).bytes
  const keyArn = keyId === undefined ? undefined : await resolveKeyArn(kms, keyId)
  if (bytes !== undefined || keyArn === undefined) return lintKeyPolicy(bytes ?? new Uint8Array(), keyArn)
  const { text } = await readKeyPolicy(await clientForKey(kms, keyArn), keyArn)
  return lintKeyPolicy(new TextEncoder().encode(text), keyArn)
}

function textOf({ Severity, Check, StatementIndex, Sid, Element, Message, Hint }: PolicyFinding): string {
  const where = [
    StatementIndex === undefined ? '' : `Statement[${StatementIndex}]`,
    Sid === undefined ? '' : `(${JSON.stringify(Sid)})`,
    Element ?? '',
  ].filter(part => part !== '')
  const place = where.length === 0 ? '' : `${where.join(' ')}: `
  const hint = Hint === undefined ? '' : `  hint: ${printable(Hint)}\n`
  return `${printable(`${Severity}: ${place}${Message} [${Check}]`)}\n${hint}`
}

function summarise(output: Output, findings: readonly PolicyFinding[]): void {
  const counted = (['error', 'warning', 'note'] as const).flatMap(severity => {
    const { length } = findings.filter(({ Severity }) => Severity === severity)
    return length === 0 ? [] : [`${length} ${severity}${length === 1 ? '' : 's'}`]
  })
  output.note(counted.length === 0 ? 'nothing was found' : counted.join(', '))
}

const help = `
Errors are what KMS refuses and what cannot be meant: a misspelt action, a key open to everyone, a policy that nobody
could change. Warnings are what is risky or has no effect, notes what is odd. The exit status is 1 when there are
errors, and 0 otherwise. With a file, no AWS call is made unless --key-id is an alias or an id. Statements count from 0.
Whether principals exist is for KMS to say.

Examples:
  $ kmseal key-policy lint policy.json
  $ kmseal key-policy lint --key-id alias/app
  $ kmseal key-policy lint policy.json --json | jq -r 'select(.Severity == "error") | .Message'`
