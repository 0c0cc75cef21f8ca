/** The least permissions of commands, as data and as an IAM policy. */

import { permissionRows } from './permission-rows.ts'

/** One way of using a command. */
export interface PermissionCase {
  readonly command: string
  /** Which way of using it; empty when there is only one, or none has a name. */
  readonly when: string
  /** Each of them is needed, such as `kms:Encrypt`; none when AWS is not asked. */
  readonly actions: readonly string[]
  /** Not needed, but made use of. */
  readonly optional: readonly string[]
  /** What the optional ones are good for. */
  readonly use: string
}

/** An IAM policy. */
export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly {
    readonly Sid: string
    readonly Effect: 'Allow'
    readonly Action: readonly string[]
    readonly Resource: string
  }[]
}

/** All cases, in the order of `kmseal --help`. */
export const permissionCases: readonly PermissionCase[] = Object.entries(permissionRows).flatMap(
  ([command, rows]) =>
    rows.map(([when, actions, optional = '', use = '']) => ({
      command,
      when,
      actions: words(actions),
      optional: words(optional),
      use,
    })),
)

type Resource = 'Keys' | 'Aliases' | 'Parameters' | 'Everything'

/** In the order of a policy. */
const resourceArns: Readonly<Record<Resource, string>> = {
  Keys: 'arn:aws:kms:*:*:key/*',
  Aliases: 'arn:aws:kms:*:*:alias/*',
  Parameters: 'arn:aws:ssm:*:*:parameter/*',
  Everything: '*',
}

/** Actions on something else than a key (`kms:`) or a parameter (`ssm:`). */
const otherResources: Readonly<Record<string, readonly Resource[]>> = {
  'kms:CreateAlias': ['Keys', 'Aliases'],
  'kms:UpdateAlias': ['Keys', 'Aliases'],
  'kms:DeleteAlias': ['Keys', 'Aliases'],
  'kms:CreateKey': ['Everything'],
  'kms:GenerateRandom': ['Everything'],
  'kms:ListAliases': ['Everything'],
  'kms:ListKeys': ['Everything'],
  // Tags are given while the key has no ARN.
  'kms:TagResource': ['Everything'],
  'ssm:DescribeParameters': ['Everything'],
  'cloudtrail:LookupEvents': ['Everything'],
}

/**
 * An IAM policy that allows all of these actions, on every key and parameter where IAM can tell them apart. Its Sids
 * are `Keys`, `Aliases`, `Parameters` and `Everything`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
export function permissionsPolicy(actions: readonly string[]): PolicyDocument {
  const allowed = [...new Set(actions)].sort()
  const Statement = Object.entries(resourceArns).map(([Sid, Resource]) => ({
    Sid,
    Effect: 'Allow' as const,
    Action: allowed.filter(action => resourcesOf(action).some(resource => resource === Sid)),
    Resource,
  }))
  return { Version: '2012-10-17', Statement: Statement.filter(({ Action }) => Action.length > 0) }
}

function resourcesOf(action: string): readonly Resource[] {
  return otherResources[action] ?? [action.startsWith('ssm:') ? 'Parameters' : 'Keys']
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}
