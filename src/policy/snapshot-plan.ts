/** The five steps that bring an encrypted snapshot into another account, as a shell script for both accounts. */

import { usageError } from '../errors.ts'
import { partitionOfRegion } from './partition.ts'
import {
  fullSnapshotSharingStatements,
  type SnapshotService,
  type SnapshotSharing,
  targetIamPolicy,
  targetPrincipalArn,
  withAccountInSids,
} from './snapshot-sharing.ts'
import { type Step, stepsOf } from './snapshot-steps.ts'

/** What the script is about. What is not given is asked of whoever runs it, as a variable. */
export interface SnapshotPlan {
  readonly sharing: SnapshotSharing
  /** ARN of the customer managed key that the snapshot is under. */
  readonly keyArn: string
  /** Account of that key: twelve digits. */
  readonly owner: string
  /** `snap-…`, or the identifier of a DB snapshot. */
  readonly snapshotId: string | undefined
  /** Key in the target account that the copy is encrypted under. */
  readonly targetKeyId: string | undefined
}

/**
 * Checks the id of a snapshot.
 *
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
 */
export function checkSnapshotId(id: string, service: SnapshotService): string {
  if (forms[service].pattern.test(id)) return id
  throw usageError(
    `--snapshot-id is no id of an ${service} snapshot`,
    `write it as ${forms[service].example}`,
  )
}

/**
 * Checks the key that the copy is encrypted under, where it tells its place: under a key of another one, a copy is
 * accepted, and fails later.
 *
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html
 */
export function checkTargetKey(keyId: string, targetAccount: string, region: string): string {
  const [, , , keyRegion, account] = keyId.split(':')
  if (account === undefined || (keyRegion === region && account === targetAccount)) return keyId
  throw usageError(
    `--target-key-id is a key of account ${account} in ${keyRegion}`,
    `the copy is made in account ${targetAccount} in ${region}, and needs a key there`,
  )
}

const forms = {
  ec2: { pattern: /^snap-[0-9a-f]{8,17}$/, example: 'snap-0123456789abcdef0' },
  rds: {
    pattern: /^(?:rds:)?[A-Za-z](?:-?[A-Za-z0-9])*$/,
    example: 'my-snapshot, the identifier of a DB snapshot',
  },
} as const

/**
 * Writes the script: POSIX shell, AWS CLI version 2, and jq for the key policy. It stops at the first failure.
 *
 * @throws KmsealError `usage` when account, role or principal are malformed or contradict each other
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/share-kms-key.html
 */
export function snapshotPlanScript(plan: SnapshotPlan): string {
  const { sharing, keyArn, owner, snapshotId, targetKeyId } = plan
  const { targetAccount: target, region } = sharing
  const settings = [
    ['REGION', region],
    ['OWNER', owner],
    ['TARGET', target],
    ['KEY', keyArn],
    ...(sharing.service === 'rds' ? [['PARTITION', partitionOfRegion(region)]] : []),
  ].map(([name, value]) => `${name}='${value}'`)
  const attachment = attachmentOf(sharing)
  const asked = [
    wanted('SNAPSHOT_ID', snapshotId, `the snapshot in account ${owner}`),
    wanted('TARGET_KEY_ID', targetKeyId, `ARN of a customer managed key in account ${target}`),
    wanted('OWNER_PROFILE', undefined, `profile of the AWS CLI for account ${owner}`),
    wanted('TARGET_PROFILE', undefined, `profile of the AWS CLI for account ${target}`),
    ...(attachment === undefined
      ? [wanted('TARGET_ROLE', undefined, `name of the role in account ${target} that copies`)]
      : []),
    ...askedByService[sharing.service],
  ]
  const statements = withAccountInSids(fullSnapshotSharingStatements(sharing), sharing)
  const steps = stepsOf(sharing.service, {
    owner,
    target,
    attachment,
  })
  return `${[
    '#!/bin/sh',
    `# Brings an encrypted ${kinds[sharing.service]} from account ${owner} to account ${target}, in ${region} (${partitionOfRegion(region)}).`,
    '# Steps 1 to 3 are for the owner of the snapshot, 4 and 5 for the target account.',
    '# Needs the AWS CLI, version 2, with a profile for each account, and jq. Stops at the first failure.',
    'set -eu',
    '',
    ...settings,
    ...asked,
    '',
    'WORK=$(mktemp -d)',
    'trap \'rm -rf "$WORK"\' EXIT',
    '',
    `# What the key policy of account ${owner} must say,`,
    ...heredoc('statements.json', statements),
    `# and the IAM policy of the one who copies, in account ${target}. Access needs both.`,
    ...heredoc('iam-policy.json', targetIamPolicy(sharing, keyArn, 'full')),
    ...steps.flatMap(({ title, lines }: Step, index) => ['', `# Step ${index + 1}: ${title}`, ...lines]),
  ].join('\n')}\n`
}

const kinds = { ec2: 'EBS snapshot', rds: 'DB snapshot' } as const

const askedByService = {
  ec2: ['AVAILABILITY_ZONE=${AVAILABILITY_ZONE:-"${REGION}a"}'],
  rds: ['DB_INSTANCE_ID=${DB_INSTANCE_ID:-"restored-$SNAPSHOT_ID"}'],
} as const

/** A variable with its value, or one that whoever runs the script must set. */
function wanted(name: string, value: string | undefined, what: string): string {
  return value === undefined ? `: "\${${name}:?${what}}"` : `${name}='${value}'`
}

function heredoc(file: string, value: object): string[] {
  return [`cat >"$WORK/${file}" <<'JSON'`, JSON.stringify(value, undefined, 2), 'JSON']
}

/** How the IAM policy is attached to the principal: its kind and name. */
function attachmentOf(sharing: SnapshotSharing): { kind: 'role' | 'user'; name: string } | undefined {
  const [, kind, name] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(targetPrincipalArn(sharing)) ?? []
  return (kind === 'role' || kind === 'user') && name !== undefined ? { kind, name } : undefined
}
