/** The condition keys of KMS in a request: of its members, and of its key. */

import type { ConditionValues } from '../authorization.ts'
import type { Context } from '../operation.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { aliasesOfKeys, type KeyRecord, regionOf } from './key-record.ts'

type Members = Readonly<Record<string, unknown>>
type Reader = (members: Members, action: string) => unknown

/** How each condition key is read from the members of a request. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
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
])

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
  const read = [...readers].map(([key, reader]) => [key, textsOf(reader(members, action))] as const)
  const tags = tagsOf(members, 'Tags').map(
    tag => [`aws:RequestTag/${tag['TagKey']}`, textsOf(tag['TagValue'])] as const,
  )
  const tagKeys = members['TagKeys'] ?? tagsOf(members, 'Tags').map(tag => tag['TagKey'])
  return [
    ...read,
    ...tags,
    ['aws:TagKeys', textsOf(tagKeys)],
    // The suffix is this one in every partition.
    ['kms:ViaService', viaService === undefined ? [] : [`${viaService}.${region}.amazonaws.com`]],
    ...(/Grants?$/.test(action)
      ? [['kms:GrantIsForAWSResource', [String(viaService !== undefined)]] as const]
      : []),
  ]
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
  return [
    ...keyKinds({ ...key, multiRegion }),
    ...key.tags.map(tag => [`aws:ResourceTag/${tag.TagKey}`, [tag.TagValue]] as const),
  ]
}

/** The aliases of a key. */
export function aliasValues(context: Context, key: KeyRecord): ConditionValues {
  const owner = { ...context, account: key.account }
  const names = [...aliasesOfKeys.list(context.store, owner, `${key.id}/`)].map(([entry]) =>
    entry.slice(key.id.length + 1),
  )
  return [['kms:ResourceAliases', names]]
}

function keyKinds(key: {
  readonly spec: string
  readonly usage: string
  readonly origin: string
  readonly multiRegion: 'PRIMARY' | 'REPLICA' | undefined
}): ConditionValues {
  return [
    ['kms:KeySpec', [key.spec]],
    ['kms:CustomerMasterKeySpec', [key.spec]],
    ['kms:KeyUsage', [key.usage]],
    ['kms:CustomerMasterKeyUsage', [key.usage]],
    ['kms:KeyOrigin', [key.origin]],
    ['kms:MultiRegion', [String(key.multiRegion !== undefined)]],
    ['kms:MultiRegionKeyType', key.multiRegion === undefined ? [] : [key.multiRegion]],
  ]
}

function grantConstraints(members: Members): Readonly<Record<string, EncryptionContext>> {
  return (members['Constraints'] ?? {}) as Record<string, EncryptionContext>
}

function tagsOf(members: Members, name: string): readonly Members[] {
  return (members[name] ?? []) as readonly Members[]
}

function requestAlias(keyId: unknown): string | undefined {
  return typeof keyId === 'string' ? /(?:^|:)(alias\/.*)$/.exec(keyId)?.[1] : undefined
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map(String)
}
