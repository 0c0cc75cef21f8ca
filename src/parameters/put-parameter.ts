/** Stores a parameter: a new one, or a new version of one that keeps its type and key. */

import type { SSMClient, Tag } from '@aws-sdk/client-ssm'
import {
  type ParameterMetadata,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError } from '../errors.ts'
import { findParameter } from './find-parameter.ts'
import { checkKeyRegion, explainInvalidKey } from './invalid-key.ts'
import { addTags } from './parameter-tags.ts'
import type { ParameterTier, ParameterType } from './parameter-value.ts'
import { lookUpFailure, planCreation, planOverwrite } from './put-plan.ts'
import { isStoredAlready } from './unchanged.ts'

/** What to store, and how. Everything left out stays as it is, or gets the default of a new parameter. */
export interface PutParameterRequest {
  readonly ssm: SSMClient
  /** Asked only why the service refused a key. */
  readonly kms: KmsAccess
  readonly name: string
  /** 1 to 4096 bytes of UTF-8, or up to 8192 in the Advanced tier. */
  readonly value: string
  /** The value in words, for errors. */
  readonly what: string
  readonly type: ParameterType | undefined
  /** Key of a SecureString. */
  readonly keyId: string | undefined
  /** Key of a new SecureString when `keyId` is absent; without it, the account's alias/aws/ssm. */
  readonly defaultKeyId: string | undefined
  readonly description: string | undefined
  readonly tier: ParameterTier | undefined
  readonly allowedPattern: string | undefined
  readonly dataType: string | undefined
  readonly tags: readonly Tag[]
  readonly overwrite: boolean
  /** Make a new version even when nothing changed. */
  readonly forceWrite: boolean
}

/** What was stored, in AWS's member names. */
export interface PutParameterResult {
  readonly Name: string
  readonly Version: number
  readonly Tier: string | undefined
  /** Whether a version was made; false when everything was as asked already. */
  readonly Changed: boolean
}

/**
 * Stores a parameter. An overwrite looks the parameter up and sends its type and KMS key again, since the
 * service would otherwise move it to the account's default key.
 *
 * @throws KmsealError `exists` without `overwrite`; `usage` for options that do not fit together or a value too
 *   large for its tier; `not-found` when there is no such key; `denied`; `unavailable`; `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function putParameter(request: PutParameterRequest): Promise<PutParameterResult> {
  if (!request.overwrite) return create(request)
  // Between looking up and writing, someone else may create the parameter: then it is looked up once more.
  for (const lastChance of [false, true]) {
    const present = await lookUp(request)
    if (present !== undefined) return overwrite(request, present === 'hidden' ? undefined : present)
    try {
      return await create(request)
    } catch (error) {
      if (lastChance || !(error instanceof KmsealError) || error.code !== 'exists') throw error
    }
  }
  throw new KmsealError('failed', `parameter ${request.name} changes while it is being written`)
}

/** The present parameter, nothing when there is none, or `hidden` when everything kept of it was named anyway. */
async function lookUp(request: PutParameterRequest): Promise<ParameterMetadata | 'hidden' | undefined> {
  try {
    return await findParameter(request.ssm, request.name)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { type, keyId } = request
    if (type !== undefined && (type !== 'SecureString' || keyId !== undefined)) return 'hidden'
    throw lookUpFailure(request.name, error)
  }
}

// The network or the credentials failing is no matter of --type and --key-id.
function isRefusal(error: unknown): error is KmsealError {
  if (!(error instanceof KmsealError)) return false
  return (
    error.code === 'failed' || error.awsName === 'AccessDeniedException' || error.awsName === 'AccessDenied'
  )
}

async function create(request: PutParameterRequest): Promise<PutParameterResult> {
  const Tags = request.tags.length > 0 ? [...request.tags] : undefined
  const input = { ...planCreation(request), Tags }
  try {
    return await storeParameter(request, input)
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'exists') throw error
    throw new KmsealError('exists', `parameter ${request.name} exists already`, {
      hint: 'give --overwrite to store a new version of it',
      awsName: error.awsName,
      cause: error,
    })
  }
}

async function overwrite(
  request: PutParameterRequest,
  present: ParameterMetadata | undefined,
): Promise<PutParameterResult> {
  const input = planOverwrite(request, present)
  const skip =
    !request.forceWrite && present !== undefined && (await isStoredAlready(request, input, present))
  const result: PutParameterResult = skip
    ? { Name: request.name, Version: present.Version ?? 0, Tier: present.Tier, Changed: false }
    : await storeParameter(request, { ...input, Overwrite: true })
  if (request.tags.length === 0) return result
  try {
    // PutParameter refuses tags together with Overwrite.
    await addTags(request.ssm, request.name, request.tags)
  } catch (error) {
    throw tagsNotSet(
      error,
      request.name,
      `${skip ? 'is unchanged at' : 'was stored as'} version ${result.Version}`,
    )
  }
  return result
}

/**
 * The failure of setting tags after an overwrite.
 *
 * @param stored what became of the value, such as `was stored as version 2`
 */
export function tagsNotSet(error: unknown, name: string, stored: string): unknown {
  if (!(error instanceof KmsealError)) return error
  const { code, hint, awsName, message } = error
  const text = `parameter ${name} ${stored}, but its tags were not set: ${message}`
  return new KmsealError(code, text, { hint, awsName, cause: error })
}

/**
 * Sends a planned request as it is.
 *
 * @throws KmsealError `exists`; `usage` for a key of another Region; `not-found` when there is no such key; `denied`;
 *   `unavailable`; `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function storeParameter(
  request: Pick<PutParameterRequest, 'ssm' | 'kms' | 'name'>,
  input: PutParameterCommandInput,
): Promise<PutParameterResult> {
  await checkKeyRegion(request.ssm, input.KeyId)
  try {
    const { Version, Tier } = await send(request.ssm, new PutParameterCommand(input), {
      action: 'ssm:PutParameter',
      object: `parameter ${request.name}`,
      carriesSecret: true,
      hints: { ValidationException: 'the reason that AWS gave is not shown, since it may quote the value' },
    })
    return { Name: request.name, Version: Version ?? 0, Tier, Changed: true }
  } catch (error) {
    throw await explainInvalidKey(error, request.kms, request.name, input.KeyId)
  }
}
