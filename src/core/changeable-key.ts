/** A key that is to be changed: named as such operations need it, and what to advise when KMS refuses. */

import type { KeyMetadata, KMSClient } from '@aws-sdk/client-kms'
import { isAccessDenied, type Subject } from './aws-errors.ts'
import { isAlias } from './key-id.ts'
import { describeKey } from './keys.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'

/** A key, and the client of its Region. */
export interface ChangeableKey {
  readonly client: KMSClient
  /** The key's ARN, or the id as it was given when kms:DescribeKey is not allowed. */
  readonly keyId: string
  /** Absent when kms:DescribeKey is not allowed. */
  readonly metadata: KeyMetadata | undefined
}

/**
 * Finds a key by id, ARN or alias: operations that change a key take no alias. Without kms:DescribeKey an alias
 * cannot be followed, but an id or ARN goes on as it is.
 *
 * @throws KmsealError `not-found`, `denied` for an alias, `unavailable`; `usage` when a typed Region contradicts
 *   the ARN
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export async function findChangeableKey(access: KmsAccess, keyId: string): Promise<ChangeableKey> {
  const client = await clientForKey(access, keyId)
  try {
    const metadata = await describeKey(client, keyId)
    return { client, keyId: metadata.Arn ?? keyId, metadata }
  } catch (error) {
    if (!isAccessDenied(error) || isAlias(keyId)) throw error
    return { client, keyId, metadata: undefined }
  }
}

/**
 * What a request about the key is about, with advice that fits the key.
 *
 * @param more advice by the name of the exception, over what fits every change
 */
export function subjectOf(key: ChangeableKey, action: string, more: Subject['hints'] = {}): Subject {
  return { action, object: `key ${key.keyId}`, hints: { ...hintsFor(key), ...more } }
}

function hintsFor({ keyId, metadata }: ChangeableKey): Record<string, string> {
  const state = stateHints[metadata?.KeyState ?? '']?.(keyId)
  return {
    DisabledException: `enable it first: kmseal enable-key --key-id ${keyId}`,
    ...(state === undefined ? {} : { KMSInvalidStateException: state }),
    ...(metadata?.KeyManager === 'AWS' ? { AccessDeniedException: managedHint } : {}),
  }
}

const managedHint =
  'this key is managed by AWS, and nobody else can change it; make a key of your own with kmseal create-key'

const cancelFirst = (keyId: string): string =>
  `cancel its deletion first: kmseal delete-key --key-id ${keyId} --cancel`

const stateHints: Readonly<Record<string, (keyId: string) => string>> = {
  PendingDeletion: cancelFirst,
  PendingReplicaDeletion: cancelFirst,
  PendingImport: keyId =>
    `import its key material first: kmseal import-key-material --key-id ${keyId} --key-material FILE`,
  Creating: () => 'try again in a moment',
  Updating: () => 'try again in a moment',
}
