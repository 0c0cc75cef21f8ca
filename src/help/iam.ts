/** `kmseal help iam`: the table of permissions, and the policy that it makes. */

import { usageError } from '../errors.ts'
import { columns } from './columns.ts'
import { type PermissionCase, permissionCases, permissionsPolicy } from './permissions.ts'
import type { TopicText } from './topics.ts'

/**
 * The topic, of some commands or all.
 *
 * @throws KmsealError `usage` for a command that there is not, or that asks nothing of AWS by itself
 */
export function iamTopic(commands: readonly string[]): TopicText {
  for (const command of commands) {
    if (permissionCases.some(found => found.command === command)) continue
    throw usageError('there is no such command in the table of permissions', 'kmseal help iam lists all')
  }
  const cases = permissionCases.filter(({ command }) => commands.length === 0 || commands.includes(command))
  return {
    text: `${columns(['COMMAND', 'FOR', 'NEEDS'], cases.map(rowOf))}\n${notes}`,
    records: [permissionsPolicy(cases.flatMap(({ actions }) => actions))],
  }
}

function rowOf({ command, when, actions, optional, use }: PermissionCase): string[] {
  const needs = actions.length === 0 ? '-' : actions.join(' ')
  const more = optional.length === 0 ? '' : ` (if allowed: ${optional.join(' ')}; ${use})`
  return [command, when, `${needs}${more}`]
}

const notes = `A - needs nothing. A key named by its alias needs kms:DescribeKey too wherever a key is pinned or changed.
For SecureStrings under alias/aws/ssm, and for plain parameters, leave the kms: actions away. --open and --seal need
what decrypt and encrypt need. multi-Region keys need iam:CreateServiceLinkedRole once in an account. In another
account than the key's, the key policy must allow it too. doctor also asks for sts:GetCallerIdentity, which everybody
may, and looks at no key on aws when none is named or set.

kmseal help iam COMMAND… --json prints an IAM policy with just what these need, to be narrowed to your keys and
parameters:
  $ kmseal help iam get-param exec --json > policy.json
  $ kmseal mock set-iam-policy arn:aws:iam::000000000000:role/app policy.json
`
