/** GetParameterHistory: all versions of a parameter. */

import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { pagePosition, pageToken } from '../paging.ts'
import { integer } from '../validation.ts'
import { authorizeParameter } from './authorize.ts'
import { nameMember, nextTokenMember, withDecryptionMember } from './members.ts'
import { readReference } from './names.ts'
import { findParameter, listVersions, type ParameterHead, type ParameterVersion } from './parameter-record.ts'
import { policiesOutput } from './policies.ts'
import { shownValue } from './secure-string.ts'

/**
 * GetParameterHistory: oldest first, in pages of at most 50.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
 */
export const getParameterHistory = defineOperation(
  {
    Name: nameMember,
    WithDecryption: withDecryptionMember,
    MaxResults: integer({ min: 1, max: 50 }),
    NextToken: nextTokenMember,
  },
  (context, input) => {
    const { path, selector } = readReference(context, input.Name, 'ssm:GetParameterHistory')
    authorizeParameter(context, 'GetParameterHistory', path)
    if (selector !== undefined) throw new AwsException('ParameterNotFound')
    const head = findParameter(context, path)
    const listing = `GetParameterHistory ${context.account} ${context.region} ${path}`
    const after = input.NextToken ? pagePosition(listing, input.NextToken) : '0'
    if (after === undefined) throw new AwsException('InvalidNextToken', 'The specified token is not valid.')
    const page: unknown[] = []
    for (const version of listVersions(context, path, Number(after))) {
      if (page.length === (input.MaxResults ?? 50)) {
        return { Parameters: page, NextToken: pageToken(listing, String(version.version - 1)) }
      }
      page.push(historyEntry(context, path, head, version, input.WithDecryption ?? false))
    }
    return { Parameters: page }
  },
)

function historyEntry(
  context: Context,
  path: string,
  head: ParameterHead,
  version: ParameterVersion,
  decrypt: boolean,
) {
  return {
    ...versionMetadata(context, head, version),
    Value: shownValue(context, path, version, decrypt),
    Labels: labelsOf(head, version.version),
  }
}

/**
 * The members that GetParameterHistory and DescribeParameters share.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
 */
export function versionMetadata(
  context: Context,
  head: ParameterHead,
  version: ParameterVersion,
): Record<string, unknown> {
  return {
    Name: head.name,
    Type: version.type,
    ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
    LastModifiedDate: version.modified / 1000,
    LastModifiedUser: version.user,
    ...(version.description === undefined ? {} : { Description: version.description }),
    ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: version.tier,
    Policies: policiesOutput(version.policies, version.modified, context.now),
    DataType: version.dataType,
  }
}

/** The labels of a version, in order. */
export function labelsOf(head: ParameterHead, version: number): string[] {
  return Object.keys(head.labels)
    .filter(label => head.labels[label] === version)
    .sort()
}
