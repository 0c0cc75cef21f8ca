/** The grants of a key. */

import { type GrantListEntry, type KMSClient, paginateListGrants } from '@aws-sdk/client-kms'
import { ifAllowed, translate } from './aws-errors.ts'

/**
 * Lists all grants of a key, or those of one grantee, whatever the number of pages.
 *
 * @param keyArn id or ARN of the key; KMS takes no alias here
 * @param granteePrincipal only grants to it
 * @throws KmsealError `not-found`, `denied`, `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
 */
export async function listGrants(
  client: KMSClient,
  keyArn: string,
  granteePrincipal?: string,
): Promise<GrantListEntry[]> {
  const grants: GrantListEntry[] = []
  const input = {
    KeyId: keyArn,
    ...(granteePrincipal === undefined ? {} : { GranteePrincipal: granteePrincipal }),
  }
  try {
    for await (const page of paginateListGrants({ client, pageSize: 100 }, input)) {
      grants.push(...(page.Grants ?? []))
    }
  } catch (error) {
    throw translate(error, { action: 'kms:ListGrants', object: `key ${keyArn}` })
  }
  return grants
}

/**
 * {@link listGrants}, where kms:ListGrants is allowed.
 *
 * @returns undefined when it is denied, so that nobody knows what grants allow
 * @throws KmsealError as {@link listGrants}, but for that
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
 */
export async function listGrantsIfAllowed(
  client: KMSClient,
  keyArn: string,
): Promise<GrantListEntry[] | undefined> {
  return ifAllowed(listGrants(client, keyArn))
}

/**
 * The grants that have to do with an account: made by it, or to one of its principals.
 *
 * @param account twelve digits
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
 */
export function grantsOfAccount(grants: readonly GrantListEntry[], account: string): GrantListEntry[] {
  return grants.filter(({ GranteePrincipal, RetiringPrincipal, IssuingAccount }) =>
    [GranteePrincipal, RetiringPrincipal, IssuingAccount].some(
      arn => arn === account || arn?.split(':')[4] === account,
    ),
  )
}
