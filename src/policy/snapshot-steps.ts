/** The commands of the five steps, for each service that makes snapshots. */

import type { SnapshotService } from './snapshot-sharing.ts'

/** One step: what it does, and its lines of shell. */
export interface Step {
  readonly title: string
  readonly lines: readonly string[]
}

/** What the steps tell people. */
export interface StepNames {
  readonly owner: string
  readonly target: string
  /** The role or user that copies; without it whoever runs the script attaches the IAM policy. */
  readonly attachment: { readonly kind: 'role' | 'user'; readonly name: string } | undefined
}

/**
 * The steps in their order, over the variables that the script sets.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/share-encrypted-snapshot.html
 */
export function stepsOf(service: SnapshotService, names: StepNames): Step[] {
  const { owner, target } = names
  const [underKey, share, copy, use] = services[service]
  return [
    { title: `in ${owner}, have the snapshot under the customer managed key`, lines: underKey },
    { title: `in ${owner}, open the key policy to ${target}`, lines: openPolicy },
    { title: `in ${owner}, share the snapshot with ${target}`, lines: share },
    {
      title: `in ${target}, allow the copy by IAM, and copy under a key of its own`,
      lines: [...attach(names), ...copy],
    },
    { title: `in ${target}, use the copy`, lines: use },
  ]
}

const inOwner = '--profile "$OWNER_PROFILE" --region "$REGION"'
const inTarget = '--profile "$TARGET_PROFILE" --region "$REGION"'

// Taking away what is there before adding, so that a second run adds nothing.
const openPolicy = [
  `aws kms get-key-policy ${inOwner} --key-id "$KEY" --policy-name default --query Policy --output text >"$WORK/before.json"`,
  `jq --slurpfile new "$WORK/statements.json" '.Statement |= ([.] | flatten | . + ($new[0] - .))' "$WORK/before.json" >"$WORK/after.json"`,
  `aws kms put-key-policy ${inOwner} --key-id "$KEY" --policy-name default --policy "file://$WORK/after.json"`,
  '# kmseal share-snapshot-policy --apply --full does the same, and shows what changes first.',
]

function attach({ attachment, target }: StepNames): string[] {
  if (attachment === undefined) {
    return [
      `# Every principal of ${target} that has this IAM policy may use the key: give it to the role that copies.`,
      `aws iam put-role-policy --profile "$TARGET_PROFILE" --role-name "$TARGET_ROLE" ${iamPolicy}`,
    ]
  }
  const { kind, name } = attachment
  return [`aws iam put-${kind}-policy --profile "$TARGET_PROFILE" --${kind}-name '${name}' ${iamPolicy}`]
}

const iamPolicy = '--policy-name use-of-shared-snapshot-key --policy-document "file://$WORK/iam-policy.json"'

type ServiceSteps = readonly [
  underKey: readonly string[],
  share: readonly string[],
  copy: readonly string[],
  use: readonly string[],
]

const ebs: ServiceSteps = [
  [
    '# Snapshots under aws/ebs cannot be shared: nobody can change the policy of that key. A copy changes the key.',
    `PRESENT_KEY=$(aws ec2 describe-snapshots ${inOwner} --snapshot-ids "$SNAPSHOT_ID" --query 'Snapshots[0].KmsKeyId' --output text)`,
    'if [ "$PRESENT_KEY" != "$KEY" ]; then',
    `  SNAPSHOT_ID=$(aws ec2 copy-snapshot ${inOwner} --source-region "$REGION" --source-snapshot-id "$SNAPSHOT_ID" --encrypted --kms-key-id "$KEY" --description "$SNAPSHOT_ID under a key to share" --query SnapshotId --output text)`,
    'fi',
    `aws ec2 wait snapshot-completed ${inOwner} --snapshot-ids "$SNAPSHOT_ID"`,
  ],
  [
    `aws ec2 modify-snapshot-attribute ${inOwner} --snapshot-id "$SNAPSHOT_ID" --attribute createVolumePermission --operation-type add --user-ids "$TARGET"`,
  ],
  [
    '# Whoever runs this needs kms:CreateGrant and the like on TARGET_KEY_ID too.',
    `aws ec2 describe-snapshots ${inTarget} --owner-ids "$OWNER" --restorable-by-user-ids self --snapshot-ids "$SNAPSHOT_ID" --output text >"$WORK/shared.txt"`,
    '# The copy is made later: without rights on either key it is accepted, and ends in state "error".',
    `COPY_ID=$(aws ec2 copy-snapshot ${inTarget} --source-region "$REGION" --source-snapshot-id "$SNAPSHOT_ID" --encrypted --kms-key-id "$TARGET_KEY_ID" --description "copy of $SNAPSHOT_ID of $OWNER" --query SnapshotId --output text)`,
    `aws ec2 wait snapshot-completed ${inTarget} --snapshot-ids "$COPY_ID"`,
  ],
  [
    `aws ec2 create-volume ${inTarget} --snapshot-id "$COPY_ID" --availability-zone "$AVAILABILITY_ZONE" --encrypted --kms-key-id "$TARGET_KEY_ID"`,
    `# The copy needs neither the key nor the share of $OWNER any more. To take them back, in the account of the owner:`,
    `# aws ec2 modify-snapshot-attribute --snapshot-id SNAPSHOT_ID --attribute createVolumePermission --operation-type remove --user-ids ACCOUNT`,
    '# kmseal share-snapshot-policy --revoke',
  ],
]

const rds: ServiceSteps = [
  [
    '# Snapshots under aws/rds cannot be shared, nor can automated ones (rds:…): a copy changes the key and is manual.',
    `PRESENT_KEY=$(aws rds describe-db-snapshots ${inOwner} --db-snapshot-identifier "$SNAPSHOT_ID" --query 'DBSnapshots[0].KmsKeyId' --output text)`,
    'case $SNAPSHOT_ID in rds:*) PRESENT_KEY=automated ;; esac',
    'if [ "$PRESENT_KEY" != "$KEY" ]; then',
    `  SHARED_ID="$(printf %s "$SNAPSHOT_ID" | tr : -)-shared"`,
    `  aws rds copy-db-snapshot ${inOwner} --source-db-snapshot-identifier "$SNAPSHOT_ID" --target-db-snapshot-identifier "$SHARED_ID" --kms-key-id "$KEY"`,
    '  SNAPSHOT_ID=$SHARED_ID',
    'fi',
    `aws rds wait db-snapshot-available ${inOwner} --db-snapshot-identifier "$SNAPSHOT_ID"`,
  ],
  [
    `aws rds modify-db-snapshot-attribute ${inOwner} --db-snapshot-identifier "$SNAPSHOT_ID" --attribute-name restore --values-to-add "$TARGET"`,
  ],
  [
    'SHARED_ARN=arn:$PARTITION:rds:$REGION:$OWNER:snapshot:$SNAPSHOT_ID',
    `aws rds describe-db-snapshots ${inTarget} --snapshot-type shared --include-shared --db-snapshot-identifier "$SHARED_ARN" --output text >"$WORK/shared.txt"`,
    '# A shared encrypted snapshot is copied before it can be restored.',
    `aws rds copy-db-snapshot ${inTarget} --source-db-snapshot-identifier "$SHARED_ARN" --target-db-snapshot-identifier "$SNAPSHOT_ID-copy" --kms-key-id "$TARGET_KEY_ID"`,
    `aws rds wait db-snapshot-available ${inTarget} --db-snapshot-identifier "$SNAPSHOT_ID-copy"`,
  ],
  [
    `aws rds restore-db-instance-from-db-snapshot ${inTarget} --db-instance-identifier "$DB_INSTANCE_ID" --db-snapshot-identifier "$SNAPSHOT_ID-copy"`,
    `# The copy needs neither the key nor the share of $OWNER any more. To take them back, in the account of the owner:`,
    `# aws rds modify-db-snapshot-attribute --db-snapshot-identifier SNAPSHOT_ID --attribute-name restore --values-to-remove ACCOUNT`,
    '# kmseal share-snapshot-policy --revoke',
  ],
]

const services: Readonly<Record<SnapshotService, ServiceSteps>> = { ec2: ebs, rds }
