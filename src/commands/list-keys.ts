/** `kmseal list-keys`: the KMS keys of an account and Region, how they rotate and what they cost. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { oneOf } from '../cli/options.ts'
import type { Output } from '../cli/output.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { type KeyFilter, keyWords, type ListedKey, listKeys } from '../core/list-keys.ts'
import { kmsPrices } from '../core/prices.ts'
import { canRotateAutomatically } from '../core/rotation.ts'

interface Options extends GlobalFlags, KeyFilter {}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option(
      '--key-manager <manager>',
      'only keys that AWS or the CUSTOMER manages',
      oneOf('--key-manager', keyWords.keyManager),
    )
    .option(
      '--key-state <state>',
      'only keys in this state, such as Enabled',
      oneOf('--key-state', keyWords.keyState),
    )
    .option('--key-spec <spec>', 'only keys of this spec', oneOf('--key-spec', keyWords.keySpec))
    .option('--key-usage <usage>', 'only keys for this', oneOf('--key-usage', keyWords.keyUsage))
    .option('--origin <origin>', 'only keys of this origin', oneOf('--origin', keyWords.origin))
    .option('--multi-region', 'only multi-Region keys')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { output, kms } = session.begin(options)
      const { keyManager, keyState, keySpec, keyUsage, origin, multiRegion } = options
      const filter = { keyManager, keyState, keySpec, keyUsage, origin, multiRegion }
      const filtered = Object.values(filter).some(word => word !== undefined)
      const { keys, undescribed } = await listKeys(await kms.client(), filter)
      if (output.settings.json) for (const key of keys) await output.result(key, '')
      else await output.result({}, renderTable(head, keys.map(rowOf), output.width))
      if (keys.length === 0) {
        output.note(`there are no ${filtered ? 'such ' : ''}keys in this account and Region`)
      }
      if (undescribed > 0) {
        output.note(
          filtered
            ? `kms:DescribeKey was not allowed for ${undescribed} further keys, which may be such keys too`
            : `kms:DescribeKey was not allowed for ${undescribed} of ${keys.length} keys: they are listed by id alone`,
        )
      }
      if (keys.length > 0 && !output.settings.json) noteTotal(output, keys)
    })
}

function noteTotal(output: Output, keys: readonly ListedKey[]): void {
  const costs = keys.map(({ MonthlyCostUSD }) => MonthlyCostUSD).filter(cost => cost !== undefined)
  const total = costs.reduce((sum, cost) => sum + cost, 0).toFixed(2)
  const unknown = keys.length - costs.length
  const sum =
    unknown > 0 ? `at least $${total} a month (not known for ${unknown} of them)` : `$${total} a month`
  output.note(`cost: ${sum}, without requests (prices of ${kmsPrices.date})`)
}

const head = ['ALIASES', 'KEY ID', 'MANAGED BY', 'ORIGIN', 'SPEC', 'STATE', 'ROTATION', 'USD/MONTH']

function rowOf(key: ListedKey): string[] {
  return [
    key.Aliases.map(({ AliasName }) => AliasName).join(','),
    key.KeyId,
    key.KeyManager === 'CUSTOMER' ? 'customer' : (key.KeyManager ?? ''),
    key.Origin ?? '',
    key.KeySpec ?? '',
    key.KeyState ?? '',
    rotationOf(key),
    key.MonthlyCostUSD?.toFixed(2) ?? '?',
  ]
}

function rotationOf({ RotationEnabled, RotationPeriodInDays, ...metadata }: ListedKey): string {
  if (RotationEnabled === undefined) return '?'
  if (!RotationEnabled) return canRotateAutomatically(metadata) ? 'off' : ''
  return RotationPeriodInDays === undefined ? 'on' : `${RotationPeriodInDays}d`
}

const help = `
ROTATION is how often KMS rotates a key by itself: off, or - where it cannot. USD/MONTH is what AWS takes for the key
and its old key material. A ? is what may not be read: that needs kms:GetKeyRotationStatus and kms:ListKeyRotations.

Examples:
  $ kmseal list-keys
  $ kmseal list-keys --key-manager CUSTOMER --key-state Disabled
  $ kmseal list-keys --json | jq -r 'select(.RotationEnabled | not) | .Arn'`
