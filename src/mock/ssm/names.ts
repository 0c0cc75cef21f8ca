/** Parameter names: their rules, their ARNs, and the forms in which a caller may give one. */

import { parseArn } from '../arn.ts'
import { AwsException, accessDenied, validationException } from '../exceptions.ts'
import type { Context } from '../operation.ts'

const deepestLevel = 15
const longestArn = 1011

/** A parameter as a caller asked for it. */
export interface Reference {
  /** The name with its leading slash: `x` and `/x` are one parameter. */
  readonly path: string
  /** A version number or a label, without the colon. */
  readonly selector?: string
}

/**
 * The ARN of a parameter.
 *
 * @param path the name with its leading slash, which doubles as the divider
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
 */
export function parameterArn(context: Context, path: string): string {
  return `arn:${context.partition}:ssm:${context.region}:${context.account}:parameter${path}`
}

/**
 * Reads the name of a parameter to write: no ARN, no selector.
 *
 * @returns the trimmed name as given, and its path form
 * @throws AwsException ValidationException, AccessDeniedException or HierarchyLevelLimitExceededException
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function readNewName(context: Context, given: string): { name: string; path: string } {
  const name = given.trim()
  const path = name.startsWith('/') ? name : `/${name}`
  if (name.endsWith('/')) throw validationException('Parameter name must not end with slash.')
  if (!/^[a-zA-Z0-9_./-]+$/.test(name) || name.includes('//') || /^\/ssm/i.test(name)) throw malformedName()
  if (/^\/aws/i.test(name)) {
    throw new AwsException('AccessDeniedException', `No access to reserved parameter name: ${name}`)
  }
  if (/^(aws|ssm)/i.test(name)) {
    throw validationException('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).')
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validationException('Parameter name must be a fully qualified name.')
  }
  if (path.split('/').length - 1 > deepestLevel) {
    throw new AwsException(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${deepestLevel} levels.`,
    )
  }
  const arn = parameterArn(context, path)
  if (arn.length > longestArn) throw accessDenied(context.principal, 'ssm:PutParameter', arn)
  return { name, path }
}

/**
 * Reads the name of a parameter that is to exist already: no ARN, no selector.
 *
 * @returns its path form
 * @throws AwsException ValidationException
 */
export function readPlainName(given: string): string {
  const name = given.trim()
  const wellFormed = /^(\/?[a-zA-Z0-9_.-]+|(\/[a-zA-Z0-9_.-]+)+)$/.test(name)
  if (!wellFormed) throw malformedName()
  return name.startsWith('/') ? name : `/${name}`
}

/**
 * Reads what GetParameter and GetParameters take: a name or an ARN, with an optional selector.
 *
 * @throws AwsException ValidationException; AccessDeniedException for another account; ParameterNotFound
 *   for another Region
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export function readReference(context: Context, given: string, action: string): Reference {
  const [name = '', selector, ...more] = localName(context, given.trim(), action).split(':')
  if (more.length > 0 || selector === '') throw malformedName()
  return { path: readPlainName(name), ...(selector === undefined ? {} : { selector }) }
}

function localName(context: Context, given: string, action: string): string {
  if (!given.startsWith('arn:')) return given
  const arn = parseArn(given)
  const [, name] = /^parameter(\/.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn === undefined || name === undefined || arn.service !== 'ssm' || arn.partition !== context.partition)
    throw malformedName()
  if (arn.account !== context.account) throw accessDenied(context.principal, action, given)
  if (arn.region !== context.region) throw new AwsException('ParameterNotFound')
  return name
}

function malformedName(): AwsException {
  return validationException(
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
      'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the ' +
      'following 3 symbols .-_',
  )
}
