/** Shows what changes in a policy, and asks whether it may. */

import { structuredPatch } from 'diff'
import { KmsealError } from '../errors.ts'
import { coloursOf } from './colour.ts'
import { confirm } from './confirm.ts'
import type { Context } from './context.ts'
import { printable } from './printable.ts'

/** A change of a key's policy, before it is made. */
export interface PolicyChange {
  readonly keyArn: string
  /** JSON texts. */
  readonly before: string
  readonly after: string
}

/** How the person wants to be asked. */
export interface PolicyChangeOptions {
  /** Show it, and go no further. */
  readonly dryRun?: boolean
  /** Do not ask. */
  readonly yes?: boolean
}

/**
 * Shows the lines of a key policy that change, on standard error, and asks whether to write them; says where they go,
 * when they do.
 *
 * @returns whether it is to be written: not when only a dry run is wanted
 * @throws KmsealError `failed` when the person does not agree, `usage` when nobody can be asked
 */
export async function agreeToPolicyChange(
  { io, output, announceWrite }: Pick<Context, 'io' | 'output' | 'announceWrite'>,
  change: PolicyChange,
  { dryRun, yes }: PolicyChangeOptions,
): Promise<boolean> {
  // What is asked about must be seen, even with --quiet.
  if (output.showsProgress || yes !== true) io.stderr.write(diffText(io, change, output.settings.colours))
  if (dryRun === true) {
    output.note('nothing was changed, as --dry-run says')
    return false
  }
  if (yes !== true && !(await confirm(io, `Change the key policy of ${change.keyArn}?`))) {
    throw new KmsealError('failed', 'nothing was changed, since nobody agreed')
  }
  announceWrite()
  return true
}

/**
 * What became of a policy, for `--json`: in a dry run, what would.
 *
 * @param outcome of changeKeyPolicy; who is asked and does not agree ends with an error
 */
export function policyChangeRecord(
  outcome: 'changed' | 'unchanged' | 'not-agreed',
  { dryRun }: PolicyChangeOptions,
): { readonly Change: 'changed' | 'unchanged'; readonly DryRun: true | undefined } {
  return {
    Change: outcome === 'unchanged' ? 'unchanged' : 'changed',
    DryRun: dryRun === true ? true : undefined,
  }
}

function diffText(io: Context['io'], { before, after, keyArn }: PolicyChange, colours: boolean): string {
  const { green, red, dim } = coloursOf(io, io.stderr, colours)
  const { hunks } = structuredPatch('', '', readable(before), readable(after), '', '', { context: 3 })
  const lines = hunks
    .flatMap(({ lines }) => lines)
    .map(line => {
      const text = printable(line)
      return line.startsWith('+') ? green(text) : line.startsWith('-') ? red(text) : dim(text)
    })
  return [`key policy of ${printable(keyArn)}:`, ...lines].map(line => `${line}\n`).join('')
}

function readable(policy: string): string {
  return `${JSON.stringify(JSON.parse(policy), undefined, 2)}\n`
}
