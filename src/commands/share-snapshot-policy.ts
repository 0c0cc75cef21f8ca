/** `kmseal share-snapshot-policy`: the policy that lets another account use encrypted snapshots. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { oneOf } from '../cli/options.ts'
import type { GlobalFlags, Settings } from '../config.ts'
import { checkKeyId, regionOfKey } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import { checkAccountId, checkRoleName } from '../policy/principal.ts'
import { checkKeyArnForIam, checkKeyPartition, refuseAwsManagedKey } from '../policy/shared-key.ts'
import {
  fullSnapshotSharingStatements,
  type SnapshotService,
  type SnapshotSharing,
  snapshotSharingStatement,
  targetIamPolicy,
} from '../policy/snapshot-sharing.ts'

interface Options extends GlobalFlags {
  readonly targetAccount: string
  readonly targetRole?: string
  readonly targetPrincipal?: string
  readonly keyId?: string
  readonly service: SnapshotService
  readonly full?: boolean
  readonly iam?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--target-account <id>', 'account that the snapshots are shared with', checkAccountId)
    .option(
      '--target-role <name>',
      'role there, with its path if it has one; otherwise the whole account',
      checkRoleName,
    )
    .option('--target-principal <arn>', 'any other principal there')
    .option('--key-id <key-id>', 'the key; its ARN also tells the Region, and --iam needs it', checkKeyId)
    .option('--service <ec2|rds>', 'whose snapshots', oneOf('--service', ['ec2', 'rds']), 'ec2')
    .option('--full', 'all statements that copying the snapshot needs')
    .option('--iam', "the target account's half: an IAM policy for the principal")
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      const { output, settings } = session.begin(options)
      const policy = policyFor(options, settings)
      await output.result(policy, `${JSON.stringify(policy, undefined, 2)}\n`)
    })
}

function policyFor(options: Options, settings: Settings): object {
  const { targetAccount, targetRole, targetPrincipal, keyId, service } = options
  if (keyId !== undefined) refuseAwsManagedKey(keyId)
  const sharing: SnapshotSharing = {
    targetAccount,
    targetRole,
    targetPrincipal,
    service,
    region: regionOf(keyId, settings),
  }
  if (options.iam === true)
    return targetIamPolicy(sharing, checkKeyArnForIam(keyId), options.full ? 'full' : 'default')
  return options.full === true ? fullSnapshotSharingStatements(sharing) : snapshotSharingStatement(sharing)
}

function regionOf(keyId: string | undefined, settings: Settings): string {
  const region = (keyId === undefined ? undefined : regionOfKey(keyId, settings)) ?? settings.region
  if (region === undefined) {
    throw usageError(
      'the Region of the key is not known',
      'name it with --region, or give the ARN of the key',
    )
  }
  if (keyId !== undefined) checkKeyPartition(keyId, region)
  return region
}

const examples = `
Examples:
  $ kmseal share-snapshot-policy --target-account 111122223333 --target-role backup --region eu-central-1
  $ kmseal share-snapshot-policy --target-account 111122223333 --region eu-central-1 --service rds --full
  $ kmseal share-snapshot-policy --target-account 111122223333 --iam --key-id arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab

It only prints. Put the statement into the key policy of the customer managed key that the snapshots are
encrypted under; the IAM policy goes to the principal in the target account. Access needs both.`
