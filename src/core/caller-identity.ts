/** Who the credentials belong to. */

import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'

/** Who makes the requests. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly Account: string
  /** ARN of the user or of the session of a role. */
  readonly Arn: string
}

/**
 * Who the credentials belong to. It needs no permission.
 *
 * @throws KmsealError `denied` without valid credentials, `unavailable`
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function callerIdentity(client: unknown): Promise<CallerIdentity> {
  const { Account, Arn } = await send(client, new GetCallerIdentityCommand({}), {
    action: 'sts:GetCallerIdentity',
    object: 'the credentials',
  })
  if (Account === undefined) throw new KmsealError('failed', 'STS answered without an account')
  return { Account, Arn: Arn ?? '' }
}

/**
 * The account of the caller: twelve digits.
 *
 * @throws KmsealError as {@link callerIdentity}
 */
export async function callerAccount(client: STSClient): Promise<string> {
  return (await callerIdentity(client)).Account
}
