/** Sealed values are bound to the name of their parameter, and of no use under another one. */

import { bytesSource } from '../byte-stream.ts'
import { isKmsBlob } from '../core/detect.ts'
import { inspect } from '../core/inspect.ts'
import { decodeBase64 } from '../core/text-forms.ts'
import { KmsealError } from '../errors.ts'
import { qualifiedName } from './parameter-name.ts'
import { parseParameterReference } from './parameter-reference.ts'
import { parameterContextKey } from './sealed-value.ts'

/**
 * Refuses to copy a value that was sealed for another name than the new one. An AWS Encryption SDK message tells its
 * name. What KMS sealed directly, up to 4096 bytes under one key, tells only that KMS did: it counts as sealed for the
 * name that it is stored under. Ciphertexts of other services than AWS and the mock are not known as such.
 *
 * @param from the original as it was named
 * @param name the new name
 * @throws KmsealError `failed`
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export async function refuseSealed(value: string, from: string, name: string): Promise<void> {
  const bytes = decodeBase64(value)
  if (bytes === undefined) return
  const old = parseParameterReference(from).name
  const to = qualifiedName(name)
  if (isKmsBlob(bytes)) {
    if (old === to) return
    const text = `the value of ${from} looks sealed for that name, and would not open as ${name}`
    throw new KmsealError('failed', text, {
      hint: `${anew}, or if it is not sealed copy it with --allow-sealed`,
    })
  }
  const sealedFor = await nameInMessage(bytes)
  if (sealedFor === undefined || sealedFor === to) return
  throw new KmsealError(
    'failed',
    `the value of ${from} was sealed for the name ${sealedFor}, and would not open as ${name}`,
    { hint: anew },
  )
}

const anew = 'seal it anew: kmseal get-param --open, then kmseal put-param --seal'

async function nameInMessage(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const found = await inspect(bytesSource(bytes))
    return found.Mode === 'envelope' ? found.EncryptionContext[parameterContextKey] : undefined
  } catch {
    // Base64 of something else.
    return undefined
  }
}
