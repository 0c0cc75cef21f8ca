/** Encryption contexts: the bytes that bind one to a ciphertext. */

/** Name and value pairs, bound to a symmetric ciphertext as additional authenticated data. */
export type EncryptionContext = Readonly<Record<string, string>>

/**
 * One byte string per set of pairs, whatever their order: pairs sorted by the bytes of the name, every
 * name and value after its length, so that no two contexts share it. An empty context gives no bytes.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 */
export function canonicalContext(context: EncryptionContext = {}): Buffer {
  const pairs = Object.entries(context).map(
    ([name, value]) => [Buffer.from(name), Buffer.from(value)] as const,
  )
  pairs.sort(([a], [b]) => Buffer.compare(a, b))
  return Buffer.concat(pairs.flat().flatMap(text => [lengthOf(text), text]))
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}
