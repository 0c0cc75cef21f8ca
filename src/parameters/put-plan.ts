/** Decides what a PutParameter request carries, for a new parameter and for an overwrite. */

import type { ParameterMetadata, PutParameterCommandInput } from '@aws-sdk/client-ssm'
import { KmsealError, usageError } from '../errors.ts'
import { checkTier, type ParameterTier, type ParameterType } from './parameter-value.ts'

/** The part of a request that the plan is made from. */
export interface PutOptions {
  readonly name: string
  readonly value: string
  readonly what: string
  readonly type: ParameterType | undefined
  readonly keyId: string | undefined
  readonly defaultKeyId: string | undefined
  readonly description: string | undefined
  readonly tier: ParameterTier | undefined
  readonly allowedPattern: string | undefined
  readonly dataType: string | undefined
}

/**
 * The key that was named for several parameters at once: it is for the SecureStrings. That a type has none is an error
 * only when the type was named as well.
 *
 * @param becomes the type that one of them will have
 */
export function keyAmongSeveral(
  { type, keyId }: Pick<PutOptions, 'type' | 'keyId'>,
  becomes: string | undefined,
): string | undefined {
  return becomes === 'SecureString' || type !== undefined ? keyId : undefined
}

/**
 * What to send for a parameter that is not there yet: a SecureString unless another type was named.
 *
 * @throws KmsealError `usage` for a key with a type that has none, or a value too large for its tier
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function planCreation(options: PutOptions): PutParameterCommandInput {
  const { name, value, tier, what } = options
  checkTier({ size: Buffer.byteLength(value), asked: tier, present: undefined, what })
  const type = options.type ?? 'SecureString'
  return {
    Name: name,
    Value: value,
    Type: type,
    KeyId: keyFor(options, type, options.defaultKeyId),
    Description: options.description,
    Tier: tier,
    AllowedPattern: options.allowedPattern,
    DataType: options.dataType,
  }
}

/**
 * What to send for a new version: type, key, description, pattern and data type stay unless named.
 *
 * @param present what is there now; nothing when it may not be seen, and type and key were named
 * @throws KmsealError `usage` for options that contradict the parameter or a value too large for its tier;
 *   `failed` for a step down from the Advanced tier, or when the present key is not known
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function planOverwrite(
  options: PutOptions,
  present: ParameterMetadata | undefined,
): PutParameterCommandInput {
  const { name, value, tier, what } = options
  if (tier === 'Standard' && present?.Tier === 'Advanced') {
    throw new KmsealError('failed', `parameter ${name} is in the Advanced tier, which no parameter leaves`, {
      hint: 'delete it and store it again',
    })
  }
  checkTier({ size: Buffer.byteLength(value), asked: tier, present: present?.Tier, what })
  const type = options.type ?? (present?.Type as ParameterType | undefined)
  if (type === undefined) throw lookUpFailure(name)
  const wasSecure = present?.Type === 'SecureString'
  if (wasSecure && type === 'SecureString' && options.keyId === undefined && present.KeyId === undefined) {
    throw lookUpFailure(name)
  }
  const dataType = present?.DataType === 'text' ? undefined : present?.DataType
  return {
    Name: name,
    Value: value,
    Type: type,
    KeyId: keyFor(options, type, wasSecure ? present.KeyId : options.defaultKeyId),
    Description: options.description ?? present?.Description,
    Tier: tier,
    AllowedPattern: options.allowedPattern ?? present?.AllowedPattern,
    DataType: options.dataType ?? dataType,
  }
}

function keyFor(
  { name, keyId }: PutOptions,
  type: ParameterType,
  otherwise: string | undefined,
): string | undefined {
  if (type === 'SecureString') return keyId ?? otherwise
  if (keyId === undefined) return undefined
  throw usageError(
    `parameter ${name} is a ${type}, which is not encrypted and takes no --key-id`,
    'give --type SecureString too, or leave --key-id away',
  )
}

/** The refusal to overwrite what cannot be looked up: its type or key would silently change. */
export function lookUpFailure(name: string, cause?: KmsealError): KmsealError {
  const reason = cause === undefined ? 'the service did not name them' : cause.message
  return new KmsealError(
    cause?.code === 'denied' ? 'denied' : 'failed',
    `parameter ${name} was not written, since its present type and key are unknown: ${reason}`,
    {
      hint: 'name them with --type and --key-id, or ask for ssm:DescribeParameters',
      awsName: cause?.awsName,
      cause,
    },
  )
}
