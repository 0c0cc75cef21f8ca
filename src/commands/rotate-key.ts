/** `kmseal rotate-key`: how a key rotates, automatic rotation on and off, rotation now, and the rotations so far. */

import { type Command, Option } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { renderRecord } from '../cli/record-text.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { type ChangeableKey, findChangeableKey } from '../core/changeable-key.ts'
import { checkKeyId } from '../core/key-id.ts'
import {
  type RotationChange,
  rotateEvery,
  rotateNow,
  rotationHistory,
  rotationPeriodDays,
  rotationStatus,
  stopRotation,
} from '../core/rotation.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  /** Days. */
  readonly every?: number
  readonly off?: boolean
  readonly now?: boolean
  readonly history?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key>', 'symmetric key: id, alias/NAME or ARN', checkKeyId)
    .option('--every <days>', 'rotate automatically, every 90d to 2560d, counted from now', parseDays)
    .addOption(new Option('--off', 'stop automatic rotation').conflicts('every'))
    .addOption(new Option('--now', 'rotate once, at once').conflicts(['every', 'off']))
    .addOption(new Option('--history', 'list the key material so far').conflicts(['every', 'off', 'now']))
    .addHelpText('after', help)
    .action((options: Options) => rotate(session.begin(options), options))
}

async function rotate(context: Context, options: Options): Promise<void> {
  const { announceWrite, output, kms } = context
  const { keyId, every, off, now, history } = options
  const writes = every !== undefined || off === true || now === true
  if (writes) announceWrite()
  const key = await findChangeableKey(kms, keyId)
  if (every !== undefined) return tellChange(context, await rotateEvery(key, every))
  if (off === true) return tellChange(context, await stopRotation(key))
  if (now === true) return output.result(await rotateNow(key), '')
  if (history === true) return tellHistory(context, key)
  const status = await rotationStatus(key)
  return output.result(status, renderRecord(status))
}

async function tellChange({ output }: Context, change: RotationChange): Promise<void> {
  const { KeyId, KeyRotationEnabled, RotationPeriodInDays, Changed } = change
  if (!Changed) {
    const how = KeyRotationEnabled ? `rotates every ${RotationPeriodInDays} days already` : 'does not rotate'
    output.note(`key ${KeyId} ${how}: nothing changed`)
  }
  await output.result(change, '')
}

async function tellHistory({ output }: Context, key: ChangeableKey): Promise<void> {
  const rotations = await rotationHistory(key)
  if (output.settings.json) for (const rotation of rotations) await output.result(rotation, '')
  else {
    const rows = rotations.map(rotation => [
      rotation.RotationDate?.toISOString() ?? '',
      rotation.RotationType ?? '',
      rotation.KeyMaterialState ?? '',
      rotation.KeyMaterialId ?? '',
    ])
    await output.result({}, renderTable(['ROTATED', 'TYPE', 'STATE', 'KEY MATERIAL ID'], rows, output.width))
  }
  if (!rotations.some(({ RotationDate }) => RotationDate !== undefined)) {
    output.note(`key ${key.keyId} was never rotated`)
  }
}

function parseDays(text: string): number {
  const { min, max } = rotationPeriodDays
  const days = /^\d{1,5}d$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN
  if (days >= min && days <= max) return days
  throw usageError(`--every takes ${min}d to ${max}d`, 'write a year as 365d')
}

const help = `
Without --every, --off, --now and --history it shows how the key rotates. A rotation gives the key new key material
under the same id; what was encrypted before can still be decrypted, and is not encrypted again. The first and the
second rotation of a key cost a dollar a month each. KMS allows 25 rotations with --now in the life of a key.

Examples:
  $ kmseal rotate-key --key-id alias/app --every 365d
  $ kmseal rotate-key --key-id alias/app --now
  $ kmseal rotate-key --key-id alias/app --history`
