/** An action of KMS as somebody names it on a command line. */

import { usageError } from '../errors.ts'
import { actionsOf, suggestedAction } from './action-names.ts'
import { isActionWithoutKey } from './kms-actions.ts'

/**
 * Reads the name of one action on a key, such as `kms:Decrypt`, in any letter case.
 *
 * @returns the name as AWS writes it
 * @throws KmsealError `usage` for anything else, naming what is probably meant
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 */
export function checkKeyAction(text: string): string {
  const form = 'write it as kms:Decrypt'
  if (!/^[A-Za-z0-9-]+:[A-Za-z0-9]+$/.test(text)) {
    if (/[*?]/.test(text)) throw usageError('--action takes one action, no pattern', form)
    const [named] = /^[A-Za-z0-9]+$/.test(text) ? actionsOf(`kms:${text}`) : []
    throw usageError(
      '--action is no action with its service',
      named === undefined ? form : `write it as ${named}`,
    )
  }
  if (!/^kms:/i.test(text)) throw usageError('--action is an action of another service than KMS', form)
  const [action] = actionsOf(text)
  if (action === undefined) {
    const meant = suggestedAction(text)
    const some = meant?.endsWith('*') === true ? actionsOf(meant).join(' or ') : meant
    throw usageError(
      '--action is no action of KMS that is known',
      some === undefined ? form : `did you mean ${some}?`,
    )
  }
  if (!isActionWithoutKey(action)) return action
  throw usageError(`${action} is not about a key: IAM policies alone decide it`, form)
}
