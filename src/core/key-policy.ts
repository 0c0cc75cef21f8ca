/** The key policy of a KMS key: reading it, and replacing it without losing what others wrote meanwhile. */

import { GetKeyPolicyCommand, type KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { ifAllowed, send } from './aws-errors.ts'

/** The policy of a key, as KMS has it. */
export interface KeyPolicy {
  readonly keyArn: string
  /** JSON text. */
  readonly text: string
}

/**
 * Reads the key policy.
 *
 * @param keyArn id or ARN of the key; KMS takes no alias here
 * @throws KmsealError `not-found`, `denied`, `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
 */
export async function readKeyPolicy(client: KMSClient, keyArn: string): Promise<KeyPolicy> {
  const command = new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default' })
  const { Policy: text } = await send(client, command, {
    action: 'kms:GetKeyPolicy',
    object: `key ${keyArn}`,
  })
  if (text === undefined) throw new KmsealError('failed', `KMS answered without the key policy of ${keyArn}`)
  return { keyArn, text }
}

/**
 * {@link readKeyPolicy}, where kms:GetKeyPolicy is allowed: KMS shows it to the account of the key only.
 *
 * @returns undefined when it is denied
 * @throws KmsealError as {@link readKeyPolicy}, but for that
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
 */
export async function readKeyPolicyIfAllowed(
  client: KMSClient,
  keyArn: string,
): Promise<KeyPolicy | undefined> {
  return ifAllowed(readKeyPolicy(client, keyArn))
}

/**
 * Replaces the key policy. It is read again right before, so that nothing is lost that somebody else wrote since it
 * was read first, and right after, since KMS has no way to write only what was not changed meanwhile. The check that
 * keeps a key from becoming unmanageable is never bypassed.
 *
 * @param before the policy that the change was made from
 * @param isSame whether two policies say the same: KMS may write a principal in another way
 * @throws KmsealError `failed` when it was changed meanwhile, or is not what KMS takes; `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export async function replaceKeyPolicy(
  client: KMSClient,
  before: KeyPolicy,
  text: string,
  isSame: (one: string, other: string) => boolean,
): Promise<void> {
  const { keyArn } = before
  const present = await readKeyPolicy(client, keyArn)
  if (present.text !== before.text) {
    throw new KmsealError('failed', `the key policy of ${keyArn} was changed by somebody else meanwhile`, {
      hint: 'nothing was written; give the command again, and it starts from the new policy',
    })
  }
  await send(client, new PutKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default', Policy: text }), {
    action: 'kms:PutKeyPolicy',
    object: `key ${keyArn}`,
    hints: {
      MalformedPolicyDocumentException:
        'nothing was written; check that every principal exists, and that the policy lets somebody change it again',
    },
  })
  const written = await readKeyPolicy(client, keyArn)
  if (isSame(written.text, text)) return
  throw new KmsealError('failed', `the key policy of ${keyArn} is not the one that was written`, {
    hint: 'somebody else changed it at the same time: look at it with kmseal key-policy get, and give the command again',
  })
}

/** How a key policy is to change. */
export interface KeyPolicyChange<Edit extends { readonly text: string }> {
  /** Makes the new text, with whatever there is to say of it; the same text when there is nothing to do. */
  readonly edit: (text: string) => Edit
  /** Asks whether to write it, when it is different. */
  readonly agree: (change: { keyArn: string; before: string; after: string }) => Promise<boolean>
  /** As {@link replaceKeyPolicy} takes it. */
  readonly isSame: (one: string, other: string) => boolean
}

/**
 * Changes the key policy, if there is something to change and it is agreed to.
 *
 * @returns the edit, and whether it was written, was right already, or is as before since nobody agreed
 * @throws KmsealError as {@link readKeyPolicy} and {@link replaceKeyPolicy}; what `edit` and `agree` throw
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
 */
export async function changeKeyPolicy<Edit extends { readonly text: string }>(
  client: KMSClient,
  keyArn: string,
  { edit, agree, isSame }: KeyPolicyChange<Edit>,
): Promise<{ readonly edit: Edit; readonly outcome: 'changed' | 'unchanged' | 'not-agreed' }> {
  const before = await readKeyPolicy(client, keyArn)
  const made = edit(before.text)
  if (made.text === before.text) return { edit: made, outcome: 'unchanged' }
  if (!(await agree({ keyArn, before: before.text, after: made.text }))) {
    return { edit: made, outcome: 'not-agreed' }
  }
  await replaceKeyPolicy(client, before, made.text, isSame)
  return { edit: made, outcome: 'changed' }
}
