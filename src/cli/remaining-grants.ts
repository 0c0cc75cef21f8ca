/** Tells which grants of a key still allow something after its policy does not any more. */

import { KmsealError } from '../errors.ts'
import type { Output } from './output.ts'

/** A grant, in the names of ListGrants. */
export interface RemainingGrant {
  readonly GrantId?: string | undefined
  readonly GranteePrincipal?: string | undefined
  readonly Operations?: readonly string[] | undefined
}

/**
 * Tells people of the grants, one a line, and how to end one. The policy is changed by then: that they cannot be listed
 * is told, and is no failure.
 *
 * @returns the grants; undefined when they are not known
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 */
export async function tellRemainingGrants<Grant extends RemainingGrant>(
  output: Output,
  keyArn: string,
  list: () => Promise<readonly Grant[]>,
): Promise<readonly Grant[] | undefined> {
  let grants: readonly Grant[] | undefined
  try {
    grants = await list()
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    output.note(`grants may remain, which still allow: ${error.message}`)
  }
  for (const { GrantId, GranteePrincipal, Operations = [] } of grants ?? []) {
    output.note(`grant ${GrantId} remains: ${Operations.join(', ')} for ${GranteePrincipal}`)
  }
  if (grants === undefined || grants.length === 0) return grants
  output.note(
    `what uses the key by a grant stops without it; to end one: aws kms revoke-grant --key-id ${keyArn} --grant-id ID`,
  )
  return grants
}
