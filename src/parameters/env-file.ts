/** Environment variables out of files and out of other variables, plain or encrypted. */

import { bytesSource, MemorySink } from '../byte-stream.ts'
import { boundedMap } from '../core/bounded-map.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { open } from '../core/open.ts'
import { decodeBase64, decodeHex, squeeze } from '../core/text-forms.ts'
import { KmsealError } from '../errors.ts'
import { encryptedPrefix, type GivenVariable } from './child-environment.ts'
import { parseDotenv } from './dotenv.ts'
import type { Opening } from './open-values.ts'
import { notUtf8, textOf } from './parameter-value.ts'

const mostBytes = 64 * 1024 * 1024
const parallelRequests = 8
// Ciphertexts of KMS and of the Encryption SDK are longer.
const shortestCiphertext = 100

/**
 * Whether a file is a ciphertext, raw or as text, and no dotenv file.
 *
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export function isSealedFile(bytes: Uint8Array): boolean {
  if (textOf(bytes) === undefined) return !isForeignText(bytes)
  const text = squeeze(bytes)
  return (decodeBase64(text) ?? decodeHex(text) ?? '').length >= shortestCiphertext
}

/** Text in UTF-16, or of one byte a letter, which must not go to KMS: no ciphertext looks like it. */
function isForeignText(bytes: Uint8Array): boolean {
  const zeros = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0)
  if (zeros > bytes.length / 3) return true
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex')
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'latin1'
  const text = new TextDecoder(encoding).decode(bytes)
  // Printers and DOS leave form feeds, escapes and ends of files in texts.
  return !/[^\P{Cc}\t\n\f\r\u001a\u001b\u0080-\u009f]|\ufffd/u.test(text)
}

/**
 * The variables of a dotenv file; an encrypted one is opened first.
 *
 * @param name of the file, fit for messages
 * @param onSealed told before an encrypted file is opened; what it throws refuses that
 * @throws KmsealError `usage` for a malformed file; what decrypting throws
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export async function readEnvFile(
  bytes: Uint8Array,
  name: string,
  opening: Opening,
  onSealed: () => void = () => undefined,
): Promise<GivenVariable[]> {
  const isSealed = isSealedFile(bytes)
  if (isSealed) onSealed()
  const text = textOf(isSealed ? await unseal(bytes, opening, `file ${name}`) : bytes)
  if (text === undefined) throw notUtf8(isSealed ? `what ${name} holds` : name)
  return parseDotenv(text).map(({ name: variable, value, line }) => {
    return { variable, value, source: `line ${line} of ${name}`, named: false }
  })
}

/**
 * Decrypts what is in variables of names KMS_ENCRYPTED_NAME, for variables NAME. KMS_ENCRYPTION_CONTEXT beside them is
 * their encryption context, unless another one was typed.
 *
 * @throws KmsealError what decrypting throws, with the name of the variable
 * @see https://github.com/realestate-com-au/shush
 */
export async function decryptVariables(
  env: Readonly<Record<string, string | undefined>>,
  opening: Opening,
): Promise<GivenVariable[]> {
  const ambient = env['KMS_ENCRYPTION_CONTEXT'] ?? ''
  const sources = Object.keys(env).filter(name => name.startsWith(encryptedPrefix))
  const typed = Object.keys(opening.context).length > 0 || ambient === ''
  const context = typed ? opening.context : parseEncryptionContext([ambient])
  return boundedMap(sources, parallelRequests, async source => {
    const variable = source.slice(encryptedPrefix.length)
    const bytes = await unseal(Buffer.from(env[source] ?? ''), { ...opening, context }, `variable ${source}`)
    const value = textOf(bytes)
    if (value === undefined) throw new KmsealError('failed', `what ${source} holds is binary`)
    return { variable, value, source: `variable ${source}`, named: false }
  })
}

async function unseal(bytes: Uint8Array, opening: Opening, what: string): Promise<Buffer> {
  const sink = new MemorySink(mostBytes)
  try {
    await open(bytesSource(bytes), sink, opening)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    throw error.with({ message: `${what} cannot be decrypted: ${error.message}` })
  }
  return sink.bytes()
}
