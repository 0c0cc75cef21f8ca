/** Checks of a key policy that a person wrote, before KMS sees it. */

import { usageError } from '../errors.ts'

/** Longest key policy that KMS takes, in bytes. */
export const maximumPolicyBytes = 32_768

// KMS takes tabs, line ends and the characters of Latin-1 that can be seen, nothing else.
const policyCharacters = /^[\u0009\u000a\u000d\u0020-\u00ff]+$/

/**
 * Checks that bytes are a key policy by its form: UTF-8, one JSON object, at most 32,768 bytes, in the
 * characters that KMS takes. What it allows is for KMS to judge.
 *
 * @returns the text as it was written, since comparing policies is easier when nothing rewrote them
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
  if (!policyCharacters.test(text)) {
    throw usageError(
      'the key policy has characters that KMS does not take in a policy',
      'write characters beyond U+00FF as JSON escapes, such as \\u20ac',
    )
  }
  return text
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usageError('the key policy is not UTF-8 text')
  }
}
