/** The condition keys of KMS in a request: of its members, and of its key. */

import type { ConditionValues } from '../../policy/request.ts'
import { tagValue } from '../authorization.ts'
import type { Context } from '../operation.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { aliasesOfKeys, type KeyRecord, type KeyTag, regionOf } from './key-record.ts'

type Members = Readonly<Record<string, unknown>>
type Reader = (members: Members, action: string) => unknown

/** How each condition key is read from the members of a request. */
const byKey: readonly (readonly [key: string, reader: Reader])[] = [
  ...[
    'ExpirationModel',
    'GranteePrincipal',
    'KeyAgreementAlgorithm',
    'MacAlgorithm',
    'PrimaryRegion',
    'ReplicaRegion',
    'RetiringPrincipal',
    'RotationPeriodInDays',
    'SigningAlgorithm',
    'WrappingAlgorithm',
    'WrappingKeySpec',
  ].map((name): [string, Reader] => [`kms:${name}`, members => members[name]]),
  ['kms:ReEncryptOnSameKey', members => members['ReEncryptOnSameKey']],
  ['kms:DataKeyPairSpec', members => members['KeyPairSpec']],
  ['kms:GrantOperations', members => members['Operations']],
  ['kms:GrantConstraintType', members => Object.keys(grantConstraints(members))],
  ['kms:RequestAlias', members => requestAlias(members['KeyId'])],
  ['kms:ValidTo', ({ ValidTo: at }) => (typeof at === 'number' ? new Date(at * 1000).toISOString() : at)],
  [
    'kms:EncryptionAlgorithm',
    (members, action) =>
      /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey)/.test(action)
        ? (members['EncryptionAlgorithm'] ?? 'SYMMETRIC_DEFAULT')
        : undefined,
  ],
  [
    'kms:MessageType',
    (members, action) => (/^kms:(Sign|Verify)$/.test(action) ? (members['MessageType'] ?? 'RAW') : undefined),
  ],
  [
    'kms:ScheduleKeyDeletionPendingWindowInDays',
    (members, action) =>
      action === 'kms:ScheduleKeyDeletion' ? (members['PendingWindowInDays'] ?? 30) : undefined,
  ],
  [
    'kms:BypassPolicyLockoutSafetyCheck',
    (members, action) =>
      /^kms:(CreateKey|PutKeyPolicy|ReplicateKey)$/.test(action)
        ? (members['BypassPolicyLockoutSafetyCheck'] ?? false)
        : undefined,
  ],
]
const readers: ReadonlyMap<string, Reader> = new Map(
  byKey.map(([key, reader]) => [key.toLowerCase(), reader] as const),
)

/** The encryption context of a request; for a grant to be made, that of its constraints. */
export function contextOfRequest(members: Members = {}): EncryptionContext {
  const constraints = Object.assign({}, ...Object.values(grantConstraints(members))) as EncryptionContext
  return (members['EncryptionContext'] as EncryptionContext | undefined) ?? constraints
}

/**
 * What a request says in the condition keys of KMS.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function requestValues(context: Context, action: string): ConditionValues {
  const { request: members = {}, viaService, region } = context
  const tags = () => ((members['Tags'] ?? []) as readonly KeyTag[]).map(keyAndValue)
  return name => {
    const reader = readers.get(name)
    if (reader !== undefined) return textsOf(reader(members, action))
    switch (name) {
      case 'aws:tagkeys':
        return textsOf(members['TagKeys'] ?? tags().map(([key]) => key))
      case 'kms:viaservice':
        // The suffix is this one in every partition.
        return viaService === undefined ? [] : [`${viaService}.${region}.amazonaws.com`]
      case 'kms:grantisforawsresource':
        return /Grants?$/.test(action) ? [String(viaService !== undefined)] : undefined
      default:
        return tagValue(name, 'aws:requesttag/', tags)
    }
  }
}

/** What a request to make a key says about that key. */
export function newKeyValues(members: Members = {}): ConditionValues {
  return keyKinds({
    spec: String(members['KeySpec'] ?? members['CustomerMasterKeySpec'] ?? 'SYMMETRIC_DEFAULT'),
    usage: String(members['KeyUsage'] ?? 'ENCRYPT_DECRYPT'),
    origin: String(members['Origin'] ?? 'AWS_KMS'),
    multiRegion: members['MultiRegion'] === true ? 'PRIMARY' : undefined,
  })
}

/** What there is to say about a key, its aliases aside. */
export function keyValues(key: KeyRecord): ConditionValues {
  const primary = key.multiRegion?.primary
  const multiRegion = primary === undefined ? undefined : primary === regionOf(key) ? 'PRIMARY' : 'REPLICA'
  const kinds = keyKinds({ ...key, multiRegion })
  return name => kinds(name) ?? tagValue(name, 'aws:resourcetag/', () => key.tags.map(keyAndValue))
}

/** The aliases of a key. */
export function aliasValues(context: Context, key: KeyRecord): ConditionValues {
  return name => {
    if (name !== 'kms:resourcealiases') return undefined
    const owner = { ...context, account: key.account }
    return [...aliasesOfKeys.list(context.store, owner, `${key.id}/`)].map(([entry]) =>
      entry.slice(key.id.length + 1),
    )
  }
}

function keyKinds(key: {
  readonly spec: string
  readonly usage: string
  readonly origin: string
  readonly multiRegion: 'PRIMARY' | 'REPLICA' | undefined
}): ConditionValues {
  return name => {
    switch (name) {
      case 'kms:keyspec':
      case 'kms:customermasterkeyspec':
        return [key.spec]
      case 'kms:keyusage':
      case 'kms:customermasterkeyusage':
        return [key.usage]
      case 'kms:keyorigin':
        return [key.origin]
      case 'kms:multiregion':
        return [String(key.multiRegion !== undefined)]
      case 'kms:multiregionkeytype':
        return key.multiRegion === undefined ? [] : [key.multiRegion]
      default:
        return undefined
    }
  }
}

function grantConstraints(members: Members): Readonly<Record<string, EncryptionContext>> {
  return (members['Constraints'] ?? {}) as Record<string, EncryptionContext>
}

function keyAndValue({ TagKey, TagValue }: KeyTag): readonly [string, string] {
  return [TagKey, TagValue]
}

function requestAlias(keyId: unknown): string | undefined {
  return typeof keyId === 'string' ? /(?:^|:)(alias\/.*)$/.exec(keyId)?.[1] : undefined
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(String)
}
