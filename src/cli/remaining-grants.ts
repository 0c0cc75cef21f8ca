/** Tells which grants of a key still allow something after its policy does not any more. */

import type { Output } from './output.ts'

/** A grant, in the names of ListGrants. */
export interface RemainingGrant {
  readonly GrantId?: string | undefined
  readonly GranteePrincipal?: string | undefined
  readonly Operations?: readonly string[] | undefined
}

/**
 * Tells people of the grants, one a line, and how to end one.
 *
 * @param grants undefined when they may not be listed
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 */
export function tellRemainingGrants(
  output: Output,
  keyArn: string,
  grants: readonly RemainingGrant[] | undefined,
): void {
  if (grants === undefined) output.note('kms:ListGrants was denied: grants may remain, which still allow')
  for (const { GrantId, GranteePrincipal, Operations = [] } of grants ?? []) {
    output.note(`grant ${GrantId} remains: ${Operations.join(', ')} for ${GranteePrincipal}`)
  }
  if (grants === undefined || grants.length === 0) return
  output.note(
    `what uses the key by a grant stops without it; to end one: aws kms revoke-grant --key-id ${keyArn} --grant-id ID`,
  )
}
