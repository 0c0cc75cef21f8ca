/** The account's own key for parameters, which every account has in every Region. */

/** Its alias, as Parameter Store tells it. */
export const ownKey = 'alias/aws/ssm'

/**
 * Whether a key id of a parameter means that key.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
 */
export function isOwnKey(keyId: string | undefined): boolean {
  return keyId === ownKey || keyId?.endsWith(`:${ownKey}`) === true
}
