/** `kmseal delete-key`: schedules the deletion of a key, after asking, and calls it off. */

import { type Command, Option } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { wholeNumber } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { type ChangeableKey, findChangeableKey } from '../core/changeable-key.ts'
import {
  cancelDeletion,
  deletionOutlook,
  pendingWindowDays,
  type ScheduledDeletion,
  scheduleDeletion,
} from '../core/key-deletion.ts'
import { checkKeyId, parseKeyArn } from '../core/key-id.ts'
import { type LastUse, trailDays } from '../core/last-use.ts'
import { KmsealError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  /** Days. */
  readonly pendingWindowInDays?: number
  readonly cancel?: boolean
  readonly yes?: boolean
}

const { min, max } = pendingWindowDays

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key>', 'key: id, alias/NAME or ARN', checkKeyId)
    .option(
      '--pending-window-in-days <days>',
      `days until the key is gone, ${min} to ${max} (${max})`,
      wholeNumber('--pending-window-in-days', min, max),
    )
    .option('-y, --yes', 'do not ask')
    .addOption(new Option('--cancel', 'call the deletion off').conflicts(['pendingWindowInDays', 'yes']))
    .addHelpText('after', help)
    .action((options: Options) => {
      const context = session.begin(options)
      return options.cancel === true ? cancel(context, options) : schedule(context, options)
    })
}

async function cancel({ announceWrite, output, kms }: Context, { keyId }: Options): Promise<void> {
  announceWrite()
  const key = await findChangeableKey(kms, keyId)
  const cancelled = await cancelDeletion(key)
  const enable = `enable it with: kmseal enable-key --key-id ${cancelled.KeyId}`
  output.note(
    key.metadata?.Origin === 'EXTERNAL'
      ? `key ${cancelled.KeyId} stays, but is disabled, or waits for its key material; ${enable}`
      : `key ${cancelled.KeyId} stays, but is disabled; ${enable}`,
  )
  await output.result(cancelled, '')
}

async function schedule(context: Context, options: Options): Promise<void> {
  const { announceWrite, output, kms } = context
  const { keyId, pendingWindowInDays: days = max, yes } = options
  const key = await findChangeableKey(kms, keyId)
  if (yes !== true) await ask(context, key, days)
  announceWrite()
  const scheduled = await scheduleDeletion(key, days)
  output.note(outcomeOf(scheduled))
  await output.result(scheduled, '')
}

async function ask({ io, output, clients }: Context, key: ChangeableKey, days: number): Promise<void> {
  refuseWhatCannotBe(key)
  const trail = await clients.cloudTrail(parseKeyArn(key.keyId)?.region)
  const { aliases, lastUse } = await deletionOutlook(key, trail)
  const { KeyState: state = 'not known', Description: description = '' } = key.metadata ?? {}
  const replicas = replicaRegions(key)
  output.say(`key: ${key.keyId}`)
  if (description !== '') output.say(`description: ${description}`)
  output.say(`aliases: ${aliases === undefined ? 'not known' : aliases.join(', ') || 'none'}`)
  output.say(`state: ${state}`)
  if (replicas.length > 0) {
    output.say(
      `replicas: ${replicas.join(', ')}; it waits until they are gone, and each is deleted by itself`,
    )
  }
  output.say(`last use: ${lastUseText(lastUse)}`)
  output.say(
    'nothing can be encrypted or decrypted under a key that is to be deleted, and never again once it is gone',
  )
  if (!(await confirm(io, `Delete this key in ${days} days?`))) {
    throw new KmsealError('failed', 'nothing was deleted, since nobody agreed')
  }
}

/** Nobody is asked about what KMS would refuse anyway. */
function refuseWhatCannotBe({ keyId, metadata }: ChangeableKey): void {
  if (metadata?.KeyManager === 'AWS') {
    throw new KmsealError('denied', `key ${keyId} is managed by AWS, and only AWS deletes it`)
  }
  if (metadata?.KeyState === 'PendingDeletion' || metadata?.KeyState === 'PendingReplicaDeletion') {
    const { DeletionDate: date } = metadata
    const until = date === undefined ? 'once its replicas are gone' : `on ${date.toISOString()}`
    throw new KmsealError('failed', `key ${keyId} will be deleted ${until} already; nothing changed`, {
      hint: `call that off with: kmseal delete-key --key-id ${keyId} --cancel`,
    })
  }
}

function replicaRegions({ metadata }: ChangeableKey): string[] {
  const { MultiRegionKeyType: type, ReplicaKeys: replicas = [] } = metadata?.MultiRegionConfiguration ?? {}
  return type === 'PRIMARY' ? replicas.map(({ Region = '' }) => Region) : []
}

function lastUseText(use: LastUse): string {
  if (use.kind === 'unknown') return `not known: ${use.reason}`
  if (use.kind === 'unused') return `none in the last ${trailDays} days, as far as CloudTrail knows`
  return `${use.time.toISOString()}, ${use.operation} by ${use.principal}`
}

function outcomeOf({ KeyId, DeletionDate, PendingWindowInDays }: ScheduledDeletion): string {
  const when =
    DeletionDate === undefined
      ? `${PendingWindowInDays} days after its last replica is gone`
      : `on ${DeletionDate.toISOString()}`
  return `key ${KeyId} will be deleted ${when}; until then: kmseal delete-key --key-id ${KeyId} --cancel`
}

const help = `
It shows the aliases, the state and the last use of the key (from CloudTrail), and asks, unless --yes; without a
terminal it needs --yes. A key that is to be deleted cannot be used, and costs nothing. After --cancel it stays
disabled until it is enabled. To see whether a key is still needed, disable it first.

Examples:
  $ kmseal delete-key --key-id alias/old
  $ kmseal delete-key --key-id alias/test --pending-window-in-days 7 --yes
  $ kmseal delete-key --key-id 1234abcd-12ab-34cd-56ef-1234567890ab --cancel`
