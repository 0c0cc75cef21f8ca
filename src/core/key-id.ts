/** The four forms that name a KMS key, and the Region that a key lives in. */

import { usageError } from '../errors.ts'

/** The parts of a key ARN or alias ARN. */
export interface KeyArn {
  readonly partition: string
  readonly region: string
  readonly account: string
  /** `key/ID` or `alias/NAME`. */
  readonly resource: string
}

const arnPattern = /^arn:(aws[a-z-]*):kms:([a-z0-9-]{1,63}):(\d{12}):((?:key|alias)\/[A-Za-z0-9:/_-]{1,256})$/
const regionPattern = /^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/

/**
 * Takes a key ARN or alias ARN apart.
 *
 * @returns nothing when the text is no well-formed KMS ARN
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export function parseKeyArn(text: string): KeyArn | undefined {
  const match = arnPattern.exec(text)
  if (match === null) return undefined
  const [, partition = '', region = '', account = '', resource = ''] = match
  return { partition, region, account, resource }
}

/**
 * Checks that a text can name a key: an id, `alias/NAME`, a key ARN or an alias ARN.
 *
 * @throws KmsealError `usage`, naming the forms
 */
export function checkKeyId(text: string): string {
  const forms = 'give a key id, alias/NAME, a key ARN or an alias ARN'
  if (text === '') throw usageError('a key id is empty', forms)
  if (text.startsWith('arn:') && parseKeyArn(text) === undefined) {
    throw usageError('a key id begins like an ARN but is no ARN of a KMS key or alias', forms)
  }
  if (text.startsWith('-') || text.length > 2048 || !/^[A-Za-z0-9:/_-]+$/.test(text)) {
    throw usageError('a key id has characters that no key id has', forms)
  }
  return text
}

/** Whether a key is named by an alias or alias ARN, which operations that change a key do not take. */
export function isAlias(keyId: string): boolean {
  return keyId.startsWith('alias/') || parseKeyArn(keyId)?.resource.startsWith('alias/') === true
}

/** Whether a Region name has the shape of one; names from an unauthenticated header are checked before use. */
export function isRegionName(region: string): boolean {
  return regionPattern.test(region)
}

/** What decides the Region of a request for a key. */
export interface RegionChoice {
  /** The Region of the settings, if any. */
  readonly region: string | undefined
  /** Whether that Region was typed, so that it must not contradict a typed ARN. */
  readonly regionTyped: boolean
}

/**
 * The Region to send a request for this key to: the one in its ARN, whatever the environment says.
 *
 * @returns nothing when the key id names no Region, so that the default one applies
 * @throws KmsealError `usage` when a typed Region contradicts the ARN
 */
export function regionOfKey(keyId: string, choice: RegionChoice): string | undefined {
  const arn = parseKeyArn(keyId)
  if (arn === undefined) return undefined
  if (choice.regionTyped && choice.region !== undefined && choice.region !== arn.region) {
    throw usageError(
      `--region ${choice.region} contradicts the key ARN, which is in ${arn.region}`,
      'leave --region away: a key ARN says where its key is',
    )
  }
  return arn.region
}

/** Whether a key belongs to one of the accounts; without any, to whatever account. */
export function isOfAccounts(keyArn: string, accounts: readonly string[] | undefined): boolean {
  if (accounts === undefined || accounts.length === 0) return true
  return accounts.includes(parseKeyArn(keyArn)?.account ?? '')
}

/**
 * Whether two ARNs are of one key, or of related multi-Region keys.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
 */
export function isSameKey(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [parseKeyArn(one), parseKeyArn(other)]
  return (
    a !== undefined &&
    b !== undefined &&
    a.resource.startsWith('key/mrk-') &&
    a.resource === b.resource &&
    a.account === b.account &&
    a.partition === b.partition
  )
}
