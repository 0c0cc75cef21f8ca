/** Checks of a key policy that a person wrote, before KMS sees it. */

import { usageError } from '../errors.ts'
import { repeatedMember } from './repeated-member.ts'

/** Longest key policy that KMS takes, in bytes. */
export const maximumPolicyBytes = 32_768

/**
 * Checks that bytes are a key policy by its form: UTF-8, one JSON object, at most 32,768 bytes, no member twice in
 * an object. What it allows is for KMS to judge.
 *
 * @returns the text as it was written, but for the characters of {@link inPolicyCharacters}
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
export function checkPolicyText(bytes: Uint8Array): string {
  if (bytes.length > maximumPolicyBytes) {
    throw usageError(`the key policy is larger than ${maximumPolicyBytes} bytes, the most that KMS takes`)
  }
  const text = decode(bytes)
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch {
    throw usageError('the key policy is not JSON', 'write one JSON object with Version and Statement')
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    throw usageError(
      'the key policy is JSON, but no object',
      'write {"Version": "2012-10-17", "Statement": [...]}',
    )
  }
  if (repeatedMember(text) !== undefined) {
    throw usageError(
      'an object of the key policy names a member twice',
      'put both into one, since only one of them would count',
    )
  }
  const written = inPolicyCharacters(text)
  if (written.length > maximumPolicyBytes) {
    throw usageError(
      `the key policy is larger than ${maximumPolicyBytes} bytes with characters beyond U+00FF, and control characters, written as escapes`,
    )
  }
  return written
}

/**
 * A JSON text in the characters that KMS takes, and a terminal shows: those beyond U+00FF, and control characters, are
 * written as escapes, which mean the same.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export function inPolicyCharacters(json: string): string {
  return json.replace(
    /[^\u0000-\u007e\u00a0-\u00ff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usageError('the key policy is not UTF-8 text')
  }
}
