/** GetParameter and GetParameters: values by name. */

import { AwsException, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { authorizeParameter } from './authorize.ts'
import { nameMember, namesMember, withDecryptionMember } from './members.ts'
import { parameterArn, type Reference, readReference } from './names.ts'
import { findParameter, loadVersion, type ParameterHead, type ParameterVersion } from './parameter-record.ts'
import { shownValue } from './secure-string.ts'

/**
 * GetParameter: by name or ARN, with an optional `:version` or `:label`.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export const getParameter = defineOperation(
  { Name: nameMember, WithDecryption: withDecryptionMember },
  (context, input) => {
    const reference = readReference(context, input.Name, 'ssm:GetParameter')
    authorizeParameter(context, 'GetParameter', reference.path)
    return { Parameter: readParameter(context, reference, input.WithDecryption ?? false) }
  },
)

/**
 * GetParameters: up to ten at once, in the order of their names; what does not exist is in
 * InvalidParameters.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export const getParameters = defineOperation(
  { Names: namesMember, WithDecryption: withDecryptionMember },
  (context, input) => {
    if (new Set(input.Names).size < input.Names.length) {
      throw validationException('The request contains duplicate parameter names.')
    }
    const found: ReturnType<typeof parameterOutput>[] = []
    const invalid: string[] = []
    for (const name of input.Names) {
      try {
        const reference = readReference(context, name, 'ssm:GetParameters')
        authorizeParameter(context, 'GetParameters', reference.path)
        found.push(readParameter(context, reference, input.WithDecryption ?? false))
      } catch (error) {
        if (!isAbsence(error)) throw error
        invalid.push(name)
      }
    }
    return {
      Parameters: found.sort((a, b) => compare(a.Name, b.Name)),
      InvalidParameters: invalid.sort(),
    }
  },
)

/**
 * The Parameter structure of the reading operations.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html
 */
export function parameterOutput(
  context: Context,
  path: string,
  head: ParameterHead,
  version: ParameterVersion,
  decrypt: boolean,
) {
  return {
    Name: head.name,
    Type: version.type,
    Value: shownValue(context, path, version, decrypt),
    Version: version.version,
    LastModifiedDate: version.modified / 1000,
    ARN: parameterArn(context, path),
    DataType: version.dataType,
  }
}

function readParameter(context: Context, { path, selector }: Reference, decrypt: boolean) {
  const head = findParameter(context, path)
  const number = selector === undefined ? head.latest : selectedVersion(head, selector)
  const output = parameterOutput(context, path, head, loadVersion(context, path, number), decrypt)
  return selector === undefined ? output : { ...output, Selector: `:${selector}` }
}

function selectedVersion(head: ParameterHead, selector: string): number {
  if (!/^\d+$/.test(selector)) {
    const labelled = Object.hasOwn(head.labels, selector) ? head.labels[selector] : undefined
    if (labelled !== undefined) return labelled
    throw new AwsException(
      'ParameterVersionNotFound',
      `Systems Manager could not find label ${selector} of ${head.name}. Verify the label and try again.`,
    )
  }
  const version = Number(selector)
  if (version >= head.oldest && version <= head.latest) return version
  throw versionNotFound(head, version)
}

/** The refusal of a version that does not exist (any more). */
export function versionNotFound(head: ParameterHead, version: number): AwsException {
  return new AwsException(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${head.name}. Verify the version and try again.`,
  )
}

function isAbsence(error: unknown): boolean {
  return error instanceof AwsException && /^Parameter(Version)?NotFound$/.test(error.code)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
