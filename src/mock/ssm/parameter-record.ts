/** How parameters are kept: a head per name, and a record per version. */

import { AwsException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { table } from '../store.ts'
import type { ParameterPolicy } from './policies.ts'

/** A tag in Parameter Store's spelling. */
export interface ParameterTag {
  readonly Key: string
  readonly Value: string
}

/** Types of the API, in the order of the service's error texts. */
export const parameterTypes = ['SecureString', 'StringList', 'String'] as const

/** What a parameter holds. */
export type ParameterType = (typeof parameterTypes)[number]

/** The tier that a parameter really has. */
export type Tier = 'Standard' | 'Advanced'

/** What all versions of a parameter share. Versions from `oldest` to `latest` exist, without a gap. */
export interface ParameterHead {
  /** As created: `x` or `/x`. */
  readonly name: string
  readonly latest: number
  readonly oldest: number
  /** Version by label. */
  readonly labels: Readonly<Record<string, number>>
  readonly tags: readonly ParameterTag[]
  /** When a policy ends the parameter: milliseconds since 1970. */
  readonly expires?: number | undefined
}

/** One version. */
export interface ParameterVersion {
  readonly version: number
  readonly type: ParameterType
  /** Text; of a SecureString, base64 of its ciphertext. */
  readonly value: string
  /** The KMS key as the caller named it; SecureString only. */
  readonly keyId?: string
  /** Milliseconds since 1970. */
  readonly modified: number
  /** ARN of who wrote it. */
  readonly user: string
  readonly description?: string
  readonly allowedPattern?: string
  readonly tier: Tier
  readonly dataType: string
  readonly policies?: readonly ParameterPolicy[] | undefined
}

/** Heads by path (the name with its leading slash), those that expired included. */
export const parameters = table<ParameterHead>('parameter')

const versions = table<ParameterVersion>('parameter-version')
// Paths by the time of their expiration; it may have been moved since.
const expiring = table<string>('expiring-parameter')
const quotas = table<Readonly<Record<Tier, number>>>('parameter-count')

/** Finds a version that the head says exists. */
export function loadVersion(context: Context, path: string, version: number): ParameterVersion {
  const found = versions.get(context.store, context, versionId(path, version))
  if (found === undefined) throw new Error('the mock lost a version of a parameter')
  return found
}

/** The versions of a parameter after a number, oldest first. */
export function* listVersions(context: Context, path: string, after: number): Iterable<ParameterVersion> {
  const range = { after: versionId(path, after) }
  for (const [, version] of versions.list(context.store, context, `${path}\0`, range)) yield version
}

/** Writes a version; only inside a transaction. */
export function saveVersion(context: Context, path: string, version: ParameterVersion): void {
  versions.put(context.store, context, versionId(path, version.version), version)
}

/** Removes one version; only inside a transaction. */
export function removeVersion(context: Context, path: string, version: number): void {
  versions.remove(context.store, context, versionId(path, version))
}

/** A parameter that exists: one past its expiration does not. */
export function loadParameter(context: Context, path: string): ParameterHead | undefined {
  const head = parameters.get(context.store, context, path)
  return head === undefined || isExpired(context, head) ? undefined : head
}

/** Whether the time of a parameter is over. */
export function isExpired(context: Context, { expires }: ParameterHead): boolean {
  return expires !== undefined && context.now >= expires
}

/** Removes what is left of a parameter that expired; only inside a transaction. */
export function clearExpired(context: Context, path: string): void {
  const head = parameters.get(context.store, context, path)
  if (head !== undefined && isExpired(context, head)) remove(context, path, head)
}

/**
 * Finds a parameter.
 *
 * @throws AwsException ParameterNotFound
 */
export function findParameter(context: Context, path: string): ParameterHead {
  const head = loadParameter(context, path)
  if (head === undefined) throw new AwsException('ParameterNotFound')
  return head
}

/** Writes a head; only inside a transaction. */
export function saveParameter(context: Context, path: string, head: ParameterHead): void {
  parameters.put(context.store, context, path, head)
  if (head.expires !== undefined) expiring.put(context.store, context, expiringId(head.expires, path), path)
}

/** Removes some of the parameters that expired, so that they take no room for good; only inside a transaction. */
export function sweepExpired(context: Context): void {
  for (const [id, path] of [...expiring.list(context.store, context, '', { limit: 10 })]) {
    if (Number(id.slice(0, timeDigits)) > context.now) return
    expiring.remove(context.store, context, id)
    clearExpired(context, path)
  }
}

/** Removes a parameter with all versions, labels and tags; only inside a transaction. False if there is none. */
export function removeParameter(context: Context, path: string): boolean {
  const head = parameters.get(context.store, context, path)
  if (head === undefined) return false
  remove(context, path, head)
  return !isExpired(context, head)
}

function remove(context: Context, path: string, head: ParameterHead): void {
  const { tier } = loadVersion(context, path, head.latest)
  for (let version = head.oldest; version <= head.latest; version++) removeVersion(context, path, version)
  parameters.remove(context.store, context, path)
  countParameters(context, tier, -1)
}

/** How many parameters of a tier the account has in the Region. */
export function parameterCount(context: Context, tier: Tier): number {
  return quotas.get(context.store, context, '')?.[tier] ?? 0
}

/** Keeps the count of a tier; only inside a transaction. */
export function countParameters(context: Context, tier: Tier, change: number): void {
  const counts = quotas.get(context.store, context, '') ?? { Standard: 0, Advanced: 0 }
  quotas.put(context.store, context, '', { ...counts, [tier]: counts[tier] + change })
}

const timeDigits = 15

function expiringId(expires: number, path: string): string {
  return `${String(Math.max(0, expires)).padStart(timeDigits, '0')}\0${path}`
}

// Fixed width, so that the order of the text is that of the numbers.
function versionId(path: string, version: number): string {
  return `${path}\0${String(version).padStart(12, '0')}`
}
