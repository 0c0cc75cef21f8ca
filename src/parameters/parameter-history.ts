/** All versions of a parameter. */

import { GetParameterHistoryCommand, type ParameterHistory, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { Pace } from './pace.ts'

/**
 * Yields the versions of a parameter, the oldest first, a page of up to 50 at a time.
 *
 * @param withDecryption whether SecureStrings are decrypted; without it their values are base64
 * @throws KmsealError `not-found`, `denied`, `unavailable`, `failed` (a key cannot be used)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
 */
export async function* parameterHistory(
  ssm: SSMClient,
  name: string,
  withDecryption: boolean,
): AsyncGenerator<ParameterHistory[]> {
  const pace = new Pace(1)
  let token: string | undefined
  // A page may be empty although others follow.
  do {
    const command = new GetParameterHistoryCommand({
      Name: name,
      WithDecryption: withDecryption,
      MaxResults: 50,
      NextToken: token,
    })
    const subject = { action: 'ssm:GetParameterHistory', object: `parameter ${name}` }
    const page = await pace.run(() => send(ssm, command, subject))
    if (page.Parameters !== undefined && page.Parameters.length > 0) yield page.Parameters
    token = page.NextToken
  } while (token !== undefined && token !== '')
}

/**
 * All of them at once, the oldest first, without values.
 *
 * @throws KmsealError as {@link parameterHistory}
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
 */
export async function allVersions(ssm: SSMClient, name: string): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = []
  for await (const page of parameterHistory(ssm, name, false)) versions.push(...page)
  return versions
}
