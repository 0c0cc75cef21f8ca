/** The algorithm suites of the AWS Encryption SDK message format, as far as a reader must know them. */

/** What a suite id says about a message. */
export interface Suite {
  readonly id: number
  /** Version of the message format that it belongs to. */
  readonly version: 1 | 2
  readonly keyBits: 128 | 192 | 256
  /** Whether the header binds the message to one data key. */
  readonly committing: boolean
  /** Whether an ECDSA signature ends the message. */
  readonly signed: boolean
  readonly description: string
}

const cipher = (bits: number): string => `AES-${bits}-GCM`

function suite(id: number, keyBits: 128 | 192 | 256, kdf: string, signature: string): Suite {
  const version = id >= 0x0400 ? 2 : 1
  const parts = [cipher(keyBits), kdf, version === 2 ? 'key commitment' : '', signature]
  return {
    id,
    version,
    keyBits,
    committing: version === 2,
    signed: signature !== '',
    description: parts.filter(part => part !== '').join(', '),
  }
}

const suites: ReadonlyMap<number, Suite> = new Map(
  [
    suite(0x0014, 128, '', ''),
    suite(0x0046, 192, '', ''),
    suite(0x0078, 256, '', ''),
    suite(0x0114, 128, 'HKDF-SHA256', ''),
    suite(0x0146, 192, 'HKDF-SHA256', ''),
    suite(0x0178, 256, 'HKDF-SHA256', ''),
    suite(0x0214, 128, 'HKDF-SHA256', 'ECDSA P-256'),
    suite(0x0346, 192, 'HKDF-SHA384', 'ECDSA P-384'),
    suite(0x0378, 256, 'HKDF-SHA384', 'ECDSA P-384'),
    suite(0x0478, 256, 'HKDF-SHA512', ''),
    suite(0x0578, 256, 'HKDF-SHA512', 'ECDSA P-384'),
  ].map(entry => [entry.id, entry]),
)

/** The suite that kmseal writes: committing, unsigned. */
export const unsignedSuiteId = 0x0478

/** The suite that kmseal writes with `--sign`: committing, ECDSA P-384. */
export const signedSuiteId = 0x0578

/**
 * Looks a suite up; ids that do not exist, or belong to another version of the format, give nothing.
 *
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/algorithms-reference.html
 */
export function suiteOf(id: number, version: number): Suite | undefined {
  const found = suites.get(id)
  return found?.version === version ? found : undefined
}

/** A suite id as it is usually written, such as `0x0478`. */
export function suiteName(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`
}
