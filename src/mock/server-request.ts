/** Reading a request to the served mock: its body within limits, and who signed it. Signatures are not checked. */

import type { IncomingMessage } from 'node:http'
import { partitionOfRegion } from '../policy/partition.ts'
import type { Caller } from './emulator.ts'
import { AwsException } from './exceptions.ts'

/** Longest body of a request in bytes. */
export const mostBodyBytes = 1024 * 1024

/** Most header lines of a request. */
export const mostHeaders = 100

/**
 * Reads the body, up to {@link mostBodyBytes}.
 *
 * @returns undefined when it is longer; the rest is then left unread
 * @throws Error when the client goes away before its end
 */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > mostBodyBytes) return undefined
  const chunks: Buffer[] = []
  let length = 0
  // Events, since an iterator costs as much as the rest of a small request.
  return new Promise((fulfil, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > mostBodyBytes) {
        request.pause()
        fulfil(undefined)
      } else chunks.push(chunk)
    })
    request.on('end', () => fulfil(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the client went away')))
  })
}

const unsignedCaller: Caller = { principal: 'arn:aws:iam::000000000000:root', region: 'us-east-1' }

const scheme = /^AWS4-HMAC-SHA256\s+(.*)$/
const credential =
  /(?:^|[,\s])Credential=([A-Za-z0-9_.+=@-]{1,128})\/(\d{8})\/([a-z0-9-]{1,63})\/[a-z0-9-]+\/aws4_request(?:[,\s]|$)/

/**
 * The caller that the Authorization header names: an access key id of 12 digits is the root of that account, another
 * one the principal that it was given, otherwise the root of 000000000000, as without the header (in us-east-1).
 *
 * @param principalOf the principals that access key ids were given
 * @throws AwsException IncompleteSignatureException
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function callerOf(
  authorization: string | undefined,
  principalOf: (accessKeyId: string) => string | undefined,
): Caller {
  // Nothing is proved by a signature that is not checked, and a request by hand (curl) has none.
  if (authorization === undefined || authorization === '') return unsignedCaller
  const [, accessKeyId, , region] = credential.exec(scheme.exec(authorization)?.[1] ?? '') ?? []
  if (accessKeyId === undefined || region === undefined) {
    throw new AwsException(
      'IncompleteSignatureException',
      "Authorization header requires 'Credential' parameter with a scope of date, Region, service and aws4_request.",
    )
  }
  const given = principalOf(accessKeyId)
  if (given !== undefined) return { principal: given, region }
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : '000000000000'
  return { principal: `arn:${partitionOfRegion(region)}:iam::${account}:root`, region }
}

/**
 * The AWS service that a request claims to come from, on behalf of its caller: a header of this mock alone.
 *
 * @throws AwsException ValidationException when it is no name of a service
 * @see BEHAVIOUR.md beside this folder
 */
export function viaServiceOf(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^[a-z][a-z0-9-]{1,30}$/.test(header)) return header
  throw new AwsException('ValidationException', 'X-Kmseal-Via-Service is no name of an AWS service.')
}
