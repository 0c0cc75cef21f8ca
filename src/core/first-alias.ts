/** The alias that a new key gets: looked for before there is a key, given afterwards. */

import type { KMSClient } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { createAlias } from './aliases.ts'
import { describeKey } from './keys.ts'

/**
 * Notices an alias that is taken before a key is made for it, if kms:DescribeKey is allowed.
 *
 * @param client of the Region that the key will be in
 * @throws KmsealError `exists`, with the key that the alias names; `unavailable`
 */
export async function checkAliasIsFree(client: KMSClient, aliasName: string): Promise<void> {
  let arn: string | undefined
  try {
    arn = (await describeKey(client, aliasName)).Arn
  } catch (error) {
    // Free, or not for us to see: then CreateAlias has the last word.
    if (error instanceof KmsealError && (error.code === 'not-found' || error.code === 'denied')) return
    throw error
  }
  throw new KmsealError('exists', `${aliasName} exists already and names ${arn}; no key was created`, {
    hint: `choose another name, or create the key without --alias, then: kmseal alias-key ${aliasName} --key-id KEY --move`,
  })
}

/**
 * Gives a key that was just made its alias.
 *
 * @throws KmsealError as CreateAlias fails, with the ARN of the key that is there now
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
 */
export async function giveFirstAlias(client: KMSClient, aliasName: string, keyArn: string): Promise<void> {
  try {
    await createAlias(client, aliasName, keyArn)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    throw error.with({
      message: `key ${keyArn} was created, but ${aliasName} was not: ${error.message}`,
      hint: `give it its alias with: kmseal alias-key ${aliasName} --key-id ${keyArn}`,
    })
  }
}
