/** Stores an old value of a parameter again, as a new version. */

import type { Parameter, ParameterHistory, ParameterMetadata, SSMClient } from '@aws-sdk/client-ssm'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError } from '../errors.ts'
import { findParameter } from './find-parameter.ts'
import { getParameters } from './get-parameters.ts'
import { isOwnKey } from './own-key.ts'
import { allVersions } from './parameter-history.ts'
import { parseParameterReference } from './parameter-reference.ts'
import type { ParameterType } from './parameter-value.ts'
import { type PutParameterResult, putParameter } from './put-parameter.ts'
import type { SsmAccess } from './ssm-access.ts'
import { readPresent } from './unchanged.ts'

/** What to roll back, and where to. */
export interface RollbackRequest {
  readonly ssm: SsmAccess
  /** Asked only why the service refused a key. */
  readonly kms: KmsAccess
  readonly name: string
  /** A version, or a label. */
  readonly to: string
}

/** What was stored, in AWS's member names. */
export interface RollbackResult extends PutParameterResult {
  /** The version whose value is current again. */
  readonly RolledBackTo: number
}

/**
 * Makes the value of an old version current again, with the description and pattern that it had, if any. Type and key
 * stay as they are now, unless the old version was better protected: then they are as they were then. Nothing is
 * stored when the present value is the same.
 *
 * @throws KmsealError `not-found` for the parameter, version or label; `denied`; `unavailable`; `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
 */
export async function rollbackParameter({ ssm, kms, name, to }: RollbackRequest): Promise<RollbackResult> {
  const [old] = await getParameters({ ssm, withDecryption: true }, [parseParameterReference(`${name}:${to}`)])
  const { Value: value = '', Version: version = 0 } = old ?? {}
  if (old === undefined || value === '') {
    throw new KmsealError('failed', `the service gave no value for ${name}:${to}`)
  }
  const client = await ssm.client()
  const present = await findParameter(client, name)
  if (present?.Version !== undefined && (await readPresent(client, name))?.Value === value) {
    const unchanged = { Name: name, Version: present.Version, Tier: present.Tier, Changed: false }
    return { ...unchanged, RolledBackTo: version }
  }
  const before = await versionBefore(client, name, version)
  const result = await putParameter({
    ssm: client,
    kms,
    name,
    value,
    what: `value of version ${version}`,
    ...protectionOf(old, before, present),
    defaultKeyId: undefined,
    description: before?.Description,
    allowedPattern: before?.AllowedPattern,
    tier: undefined,
    dataType: undefined,
    tags: [],
    overwrite: true,
    // That the value is another one is known already.
    forceWrite: true,
  })
  return { ...result, RolledBackTo: version }
}

/** Who may not see the history gets the value only. */
async function versionBefore(
  client: SSMClient,
  name: string,
  version: number,
): Promise<ParameterHistory | undefined> {
  try {
    return (await allVersions(client, name)).find(({ Version }) => Version === version)
  } catch (error) {
    if (error instanceof KmsealError && error.code === 'denied') return undefined
    throw error
  }
}

/** Type and key to ask for; nothing where the present ones are to stay. */
function protectionOf(
  old: Parameter,
  before: ParameterHistory | undefined,
  present: ParameterMetadata | undefined,
): { type: ParameterType | undefined; keyId: string | undefined } {
  if (old.Type !== 'SecureString') return { type: undefined, keyId: undefined }
  if (present?.Type === 'SecureString') {
    const isLess = isOwnKey(present.KeyId) && before?.KeyId !== undefined && !isOwnKey(before.KeyId)
    return { type: undefined, keyId: isLess ? before.KeyId : undefined }
  }
  if (before?.KeyId !== undefined) return { type: 'SecureString', keyId: before.KeyId }
  throw new KmsealError(
    'denied',
    `version ${old.Version} is a SecureString, the parameter is none now, and its key then is not known`,
    { hint: 'ask for ssm:GetParameterHistory' },
  )
}
