/** Who the credentials belong to. */

import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'

/**
 * The account of the caller: twelve digits. It needs no permission.
 *
 * @throws KmsealError `denied` without valid credentials, `unavailable`
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function callerAccount(client: STSClient): Promise<string> {
  const { Account } = await send(client, new GetCallerIdentityCommand({}), {
    action: 'sts:GetCallerIdentity',
    object: 'the credentials',
  })
  if (Account === undefined) throw new KmsealError('failed', 'STS answered without an account')
  return Account
}
