/** Sealed values are bound to the name of their parameter, and of no use under another one. */

import { bytesSource } from '../byte-stream.ts'
import { inspect } from '../core/inspect.ts'
import { decodeBase64 } from '../core/text-forms.ts'
import { KmsealError } from '../errors.ts'
import { qualifiedName } from './parameter-name.ts'
import { parameterContextKey } from './sealed-value.ts'

/**
 * Refuses to copy a value that was sealed for another name than the new one. Values sealed in KMS directly, which are
 * up to 4096 bytes under one key, do not tell: their encryption context is known to KMS only.
 *
 * @throws KmsealError `failed`
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export async function refuseSealed(value: string, from: string, name: string): Promise<void> {
  const sealedFor = await sealedName(value)
  if (sealedFor === undefined || sealedFor === qualifiedName(name)) return
  throw new KmsealError(
    'failed',
    `${from} was sealed for the name ${sealedFor}, and would not open as ${name}`,
    {
      hint: 'seal it anew: kmseal get-param --open, then kmseal put-param --seal',
    },
  )
}

async function sealedName(value: string): Promise<string | undefined> {
  const bytes = decodeBase64(value)
  if (bytes === undefined) return undefined
  try {
    const found = await inspect(bytesSource(bytes))
    return found.Mode === 'envelope' ? found.EncryptionContext[parameterContextKey] : undefined
  } catch {
    // Base64 of something else.
    return undefined
  }
}
