/** GetParametersByPath and DescribeParameters: pages over names in order. */

import { conditionValues } from '../../policy/request.ts'
import { AwsException, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { pagePosition, pageToken } from '../paging.ts'
import { boolean, integer } from '../validation.ts'
import { authorizeAllParameters, authorizeParameter } from './authorize.ts'
import { byPathFilters, describeFilters, type Filter, type Plan } from './filters.ts'
import { parameterOutput } from './get-parameters.ts'
import { labelsOf, versionMetadata } from './history.ts'
import {
  filtersMember,
  nameMember,
  nextTokenMember,
  oldFiltersMember,
  withDecryptionMember,
} from './members.ts'
import { parameterArn } from './names.ts'
import {
  isExpired,
  loadVersion,
  type ParameterHead,
  type ParameterVersion,
  parameters,
} from './parameter-record.ts'

// A filter that matches little must not scan everything in one call; the page then is short, with a token.
const mostExamined = 1000

/**
 * GetParametersByPath: what lies below a path, in pages of at most ten.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export const getParametersByPath = defineOperation(
  {
    Path: nameMember,
    Recursive: boolean(),
    ParameterFilters: filtersMember,
    WithDecryption: withDecryptionMember,
    MaxResults: integer({ min: 1, max: 10 }),
    NextToken: nextTokenMember,
  },
  (context, input) => {
    // The path as it was given: with and without a slash at its end are two resources.
    const recursive = conditionValues([['ssm:Recursive', [String(input.Recursive ?? false)]]])
    authorizeParameter(context, 'GetParametersByPath', input.Path, [], recursive)
    const plan = byPathFilters(input.Path, input.Recursive ?? false, filtersOf(input.ParameterFilters))
    return page(context, plan, 'GetParametersByPath', input, 10, (path, head, version) =>
      parameterOutput(context, path, head, version, input.WithDecryption ?? false),
    )
  },
)

/**
 * DescribeParameters: metadata without values, in pages of at most 50.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export const describeParameters = defineOperation(
  {
    Filters: oldFiltersMember,
    ParameterFilters: filtersMember,
    MaxResults: integer({ min: 1, max: 50 }),
    NextToken: nextTokenMember,
    Shared: boolean(),
  },
  (context, input) => {
    authorizeAllParameters(context, 'DescribeParameters')
    if (input.Filters?.length && input.ParameterFilters?.length) {
      throw validationException('You can use either Filters or ParameterFilters in a single request.')
    }
    // Shared parameters come from other accounts, and there are none.
    if (input.Shared) return { Parameters: [] }
    const old = input.Filters?.map(filter => ({
      key: filter.Key,
      option: filter.Key === 'Name' ? 'BeginsWith' : 'Equals',
      values: filter.Values,
    }))
    const plan = describeFilters(old?.length ? old : filtersOf(input.ParameterFilters))
    return page(context, plan, 'DescribeParameters', input, 50, (path, head, version) => ({
      ...versionMetadata(context, head, version),
      ARN: parameterArn(context, path),
    }))
  },
)

function filtersOf(
  given: readonly { Key: string; Option?: string | undefined; Values?: readonly string[] | undefined }[] = [],
): Filter[] {
  return given.map(filter => ({ key: filter.Key, option: filter.Option, values: filter.Values }))
}

function page(
  context: Context,
  plan: Plan,
  operation: string,
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  most: number,
  outputOf: (path: string, head: ParameterHead, version: ParameterVersion) => unknown,
): { Parameters: unknown[]; NextToken?: string } {
  const listing = `${operation} ${context.account} ${context.region} ${plan.text}`
  let position = input.NextToken ? pagePosition(listing, input.NextToken) : undefined
  if (input.NextToken && position === undefined) {
    throw new AwsException('InvalidNextToken', 'The specified token is not valid.')
  }
  const found: unknown[] = []
  let examined = 0
  for (const [path, head] of walk(context, plan, position)) {
    if (found.length === (input.MaxResults ?? most) || examined === mostExamined) {
      return { Parameters: found, NextToken: pageToken(listing, position ?? '') }
    }
    examined += 1
    position = path
    if (isExpired(context, head)) continue
    const latest = loadVersion(context, path, head.latest)
    if (!plan.matches({ path, head, version: latest })) continue
    const version = plan.label === undefined ? latest : labelledVersion(context, path, head, plan.label)
    if (version !== undefined) found.push(outputOf(path, head, version))
  }
  return { Parameters: found }
}

/** The parameters under a prefix in the order of their paths; without `deep`, those one level below it. */
function* walk(
  context: Context,
  plan: Plan,
  after: string | undefined,
): Iterable<readonly [string, ParameterHead]> {
  const { prefix, deep } = plan
  let from = after
  for (;;) {
    let skipped: string | undefined
    for (const [path, head] of parameters.list(context.store, context, prefix, { after: from })) {
      const slash = deep ? -1 : path.indexOf('/', prefix.length)
      if (slash < 0) {
        yield [path, head]
      } else {
        // Past everything below this level: '0' is the character after '/', so a bound that ends in '/' and the
        // highest byte comes before all other names.
        skipped = `${path.slice(0, slash + 1)}\u{10ffff}`
        break
      }
    }
    if (skipped === undefined) return
    from = skipped
  }
}

function labelledVersion(
  context: Context,
  path: string,
  head: ParameterHead,
  labels: readonly string[],
): ParameterVersion | undefined {
  for (let version = head.latest; version >= head.oldest; version--) {
    if (labelsOf(head, version).some(label => labels.includes(label)))
      return loadVersion(context, path, version)
  }
  return undefined
}
