/** What names a parameter to read: a name or an ARN, with a version or a label when an old one is meant. */

import { isRegionName, type RegionChoice } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import { checkNameShape, qualifiedName } from './parameter-name.ts'

/** A parsed reference. */
export interface ParameterReference {
  /** Exactly what was typed; the service takes it as it is. */
  readonly text: string
  /** The name with its leading slash. */
  readonly name: string
  /** A version (digits) or a label, without the colon. */
  readonly selector: string | undefined
  /** For an ARN, the ARN without selector. */
  readonly arn: string | undefined
  /** For an ARN, the Region in it. */
  readonly region: string | undefined
}

// The ARN of a public parameter has no account.
const arnPattern = /^(arn:aws[a-z-]*:ssm:([a-z0-9-]{1,63}):(?:\d{12})?:parameter)\/([^:]+)(?::([^:]*))?$/
const bridgePrefix = '/aws/reference/secretsmanager/'

/**
 * Parses `NAME`, `NAME:VERSION`, `NAME:LABEL`, or an ARN with the same endings.
 *
 * @throws KmsealError `usage` when the service would surely refuse it
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export function parseParameterReference(text: string): ParameterReference {
  if (text.startsWith('arn:')) return parseArn(text)
  // A secret of Secrets Manager read through Parameter Store follows that service's rules.
  if (text.startsWith(bridgePrefix)) {
    return { text, name: text, selector: undefined, arn: undefined, region: undefined }
  }
  const colon = text.indexOf(':')
  const isSelector = colon > 0 && !/^[A-Za-z]:[\\/]/.test(text)
  const name = isSelector ? text.slice(0, colon) : text
  const selector = isSelector ? checkSelector(text.slice(colon + 1)) : undefined
  return { text, name: qualifiedName(checkNameShape(name)), selector, arn: undefined, region: undefined }
}

function parseArn(text: string): ParameterReference {
  const match = arnPattern.exec(text)
  const [, prefix = '', region = '', path = '', selector] = match ?? []
  if (match === null || !isRegionName(region)) {
    throw usageError(
      'a parameter begins like an ARN but is no ARN of a parameter',
      'write it as arn:aws:ssm:REGION:ACCOUNT:parameter/NAME',
    )
  }
  const name = qualifiedName(checkNameShape(`/${path}`))
  const checked = selector === undefined ? undefined : checkSelector(selector)
  return { text, name, selector: checked, arn: `${prefix}${name}`, region }
}

function checkSelector(selector: string): string {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(selector)) return selector
  throw usageError(
    'what follows the colon of a parameter is neither a version nor a label',
    'write it as NAME:3 or NAME:LABEL',
  )
}

/** What two references have in common when they mean the same thing, however they are spelled. */
export function referenceKey(reference: Pick<ParameterReference, 'arn' | 'name' | 'selector'>): string {
  return `${reference.arn ?? reference.name}:${reference.selector ?? ''}`
}

/**
 * The Region to ask for a reference: the one in its ARN, whatever the environment says.
 *
 * @returns nothing for a name, so that the default Region applies
 * @throws KmsealError `usage` when a typed Region contradicts the ARN
 */
export function regionOfReference(reference: ParameterReference, choice: RegionChoice): string | undefined {
  const { region } = reference
  if (region !== undefined && choice.regionTyped && choice.region !== region) {
    throw usageError(
      `--region ${choice.region} contradicts the ARN of ${reference.name}, which is in ${region}`,
      'leave --region away: an ARN says where its parameter is',
    )
  }
  return region
}

/** A reference in words, such as `parameter /app/db` or `version 3 of parameter /app/db`. */
export function describeReference({ name, arn, selector }: ParameterReference): string {
  const parameter = `parameter ${arn ?? name}`
  if (selector === undefined) return parameter
  return `${/^\d+$/.test(selector) ? 'version' : 'label'} ${selector} of ${parameter}`
}
