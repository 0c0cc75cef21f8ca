/** Opaque continuation tokens, bound to the listing that gave them. */

import { createHash } from 'node:crypto'

const checkBytes = 9

/**
 * Makes the token that continues a listing after `position`.
 *
 * @param listing names the operation, account, Region and filters; a token of one listing is void in another
 */
export function pageToken(listing: string, position: string): string {
  return Buffer.concat([check(listing, position), Buffer.from(position)]).toString('base64url')
}

/** The position that a token stands for, or undefined when it is not a token of this listing. */
export function pagePosition(listing: string, token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url')
  const position = bytes.subarray(checkBytes).toString()
  return pageToken(listing, position) === token ? position : undefined
}

function check(listing: string, position: string): Buffer {
  return createHash('sha256')
    .update(`${listing.length}:${listing}${position}`)
    .digest()
    .subarray(0, checkBytes)
}
