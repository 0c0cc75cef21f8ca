/** Reads just the header off the front of a message. */

import { type ByteSource, prepend, readUpTo } from '../../byte-stream.ts'
import { integrityError } from '../../errors.ts'
import { type MessageHeader, parseHeader } from './header.ts'

/**
 * Reads the header of a message without any key; nothing in it is authenticated.
 *
 * @returns the header, and the source of what follows it
 * @throws KmsealError `integrity` when it is malformed or cut
 */
export async function readHeader(
  source: ByteSource,
  maxEncryptedDataKeys: number,
): Promise<{ readonly header: MessageHeader; readonly rest: ByteSource }> {
  let bytes: Uint8Array = new Uint8Array(0)
  for (let step = 4096; ; step *= 2) {
    const more = await readUpTo(source, step)
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more])
    const header = parseHeader(bytes, { maxEncryptedDataKeys })
    if (header !== undefined) {
      const used = header.body.length + header.auth.length
      return { header, rest: prepend(bytes.subarray(used), source) }
    }
    if (more.length < step) throw integrityError('the message is cut: it ends inside its header')
  }
}
