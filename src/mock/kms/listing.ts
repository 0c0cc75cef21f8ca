/** Pages of KMS listings: Limit and Marker in, Truncated and NextMarker out. */

import { AwsException } from '../exceptions.ts'
import type { Output } from '../operation.ts'
import { pagePosition, pageToken } from '../paging.ts'

/**
 * One page of a listing.
 *
 * @param listing what is listed, so that a marker of another listing is refused
 * @param size most entries of a page
 * @param member name of the list in the answer
 * @param entriesAfter the entries after a position, each with its own position, in order
 * @throws AwsException InvalidMarkerException
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
 */
export function listPage(
  listing: string,
  marker: string | undefined,
  size: number,
  member: string,
  entriesAfter: (position: string | undefined) => Iterable<readonly [string, unknown]>,
): Output {
  const after = marker === undefined ? undefined : pagePosition(listing, marker)
  if (marker !== undefined && after === undefined) throw new AwsException('InvalidMarkerException')
  const page: unknown[] = []
  let last = ''
  for (const [position, entry] of entriesAfter(after)) {
    if (page.length === size) return { [member]: page, NextMarker: pageToken(listing, last), Truncated: true }
    page.push(entry)
    last = position
  }
  return { [member]: page, Truncated: false }
}
