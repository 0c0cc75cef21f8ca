/** Aliases of KMS keys: name checks, create, move, remove. */

import {
  CreateAliasCommand,
  DeleteAliasCommand,
  type KMSClient,
  paginateListAliases,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { KmsealError, usageError } from '../errors.ts'
import { type Subject, send, translate } from './aws-errors.ts'
import { isAlias } from './key-id.ts'
import { describeKey } from './keys.ts'

/** An alias and the key that it names. */
export interface AliasTarget {
  readonly AliasName: string
  /** Key id or key ARN, as it was given. */
  readonly TargetKeyId: string
}

/**
 * Checks the name of an alias that is to be made or removed: `alias/NAME`, up to 256 characters, not
 * `alias/aws/...`, which only AWS makes.
 *
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
 */
export function checkAliasName(text: string): string {
  if (text.startsWith('arn:')) throw usageError('an alias is given by its name, not its ARN', aliasForm)
  if (!text.startsWith('alias/')) throw usageError('the name of an alias begins with alias/', aliasForm)
  if (text.startsWith('alias/aws/')) {
    throw usageError('aliases that begin with alias/aws/ belong to AWS managed keys', 'choose another name')
  }
  if (text.length > 256) throw usageError('the name of an alias has at most 256 characters')
  if (!/^alias\/[A-Za-z0-9/_-]+$/.test(text)) {
    throw usageError('the name of an alias has letters, digits, / _ and - only', aliasForm)
  }
  return text
}

/**
 * Gives a key an alias. A key that is given by another alias is looked up, since an alias names a key only.
 *
 * @throws KmsealError `exists` when the alias is there already, `not-found` for the key, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
 */
export async function createAlias(client: KMSClient, aliasName: string, keyId: string): Promise<AliasTarget> {
  const target = await aliasTarget(client, aliasName, keyId)
  await send(client, new CreateAliasCommand({ ...target }), {
    ...about('kms:CreateAlias', target),
    hints: {
      AlreadyExistsException: `move it with --move, or see what it names: kmseal describe-key ${aliasName}`,
    },
  })
  return target
}

/**
 * Makes an alias name this key, whether or not it names another one now.
 *
 * @throws KmsealError `not-found` for the key, `failed` when the keys differ in kind or usage, `denied`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
 */
export async function moveAlias(client: KMSClient, aliasName: string, keyId: string): Promise<AliasTarget> {
  const target = await aliasTarget(client, aliasName, keyId)
  try {
    await send(client, new UpdateAliasCommand({ ...target }), about('kms:UpdateAlias', target))
  } catch (error) {
    // It is the alias or the key that is missing; creating the alias tells which.
    if (!(error instanceof KmsealError) || error.code !== 'not-found') throw error
    await send(client, new CreateAliasCommand({ ...target }), about('kms:CreateAlias', target))
  }
  return target
}

/**
 * Removes an alias. Its key stays, and so does what was encrypted under it.
 *
 * @throws KmsealError `not-found`, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
 */
export async function deleteAlias(client: KMSClient, aliasName: string): Promise<void> {
  await send(client, new DeleteAliasCommand({ AliasName: aliasName }), {
    action: 'kms:DeleteAlias',
    object: aliasName,
  })
}

/**
 * The names of a key's aliases, in their order.
 *
 * @param keyId id or ARN
 * @throws KmsealError `denied`, `not-found`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
 */
export async function aliasesOf(client: KMSClient, keyId: string): Promise<string[]> {
  const names: string[] = []
  try {
    for await (const { Aliases } of paginateListAliases({ client, pageSize: 100 }, { KeyId: keyId })) {
      names.push(...(Aliases ?? []).map(({ AliasName = '' }) => AliasName))
    }
  } catch (error) {
    throw translate(error, { action: 'kms:ListAliases', object: `key ${keyId}` })
  }
  return names.sort()
}

const aliasForm = 'write it as alias/NAME'

async function aliasTarget(client: KMSClient, aliasName: string, keyId: string): Promise<AliasTarget> {
  const key = isAlias(keyId) ? await describeKey(client, keyId) : undefined
  return { AliasName: aliasName, TargetKeyId: key?.Arn ?? keyId }
}

function about(action: string, { AliasName, TargetKeyId }: AliasTarget): Subject {
  return { action, object: `${AliasName} on key ${TargetKeyId}` }
}
