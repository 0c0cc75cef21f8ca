/** The options of commands that open ciphertexts: which keys may do it, and what is insisted on. */

import type { Command } from 'commander'
import type { OpenResult } from '../core/open.ts'
import { usageError } from '../errors.ts'
import type { Context } from './context.ts'
import { accountId, byteSize, oneOf, repeatable, wholeNumber } from './options.ts'

/** Options about what a message may be like. */
export interface MessageLimitFlags {
  readonly maxEncryptedDataKeys?: number
  readonly maxFrameLength?: number
  readonly allowLegacy?: boolean
}

/** Options about opening. */
export interface OpeningFlags extends MessageLimitFlags {
  readonly keyId?: readonly string[]
  readonly encryptionContext?: readonly string[]
  readonly requireContext?: readonly string[]
  readonly encryptionAlgorithm?: string
  readonly account?: readonly string[]
}

/** Adds them to a command. */
export function addOpeningOptions(command: Command): void {
  command
    .option('--key-id <key>', 'accept only this wrapping key; repeat it for several', repeatable)
    .option(
      '--encryption-context <pairs>',
      'KEY=VALUE, or JSON; pairs that it must have been encrypted with',
      repeatable,
    )
    .option(
      '--require-context <key[=value]>',
      'insist on a key of the encryption context, whatever its value; repeat it for several',
      repeatable,
    )
    .option(
      '--encryption-algorithm <name>',
      'for ciphertext of an RSA key',
      oneOf('--encryption-algorithm', ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
    )
    .option(
      '--account <id>',
      'without --key-id: accept keys of this account only; repeat it for several',
      accountId,
    )
  addMessageLimits(command)
}

/** Adds the options about what a message may be like. */
export function addMessageLimits(command: Command): void {
  command
    .option(
      '--max-encrypted-data-keys <count>',
      'wrapped data keys that a message may carry (10)',
      wholeNumber('--max-encrypted-data-keys', 1, 65_535),
    )
    .option(
      '--max-frame-length <bytes>',
      'bytes that a frame may claim (64MiB)',
      byteSize('--max-frame-length', 1, 0xffffffff),
    )
    .option('--allow-legacy', 'also read messages without key commitment')
}

/** What a message may be like, as the options say, or else the configuration file. */
export function messageLimitsOf(
  { settings: { limits } }: Pick<Context, 'settings'>,
  flags: MessageLimitFlags,
) {
  return {
    maxEncryptedDataKeys: flags.maxEncryptedDataKeys ?? limits.maxEncryptedDataKeys,
    maxFrameLength: flags.maxFrameLength ?? limits.maxFrameLength,
    allowLegacy: flags.allowLegacy,
  }
}

/** What the options say, as the core takes it, its parsers aside. */
export function openingOf(context: Context, flags: OpeningFlags, pins: readonly string[]) {
  if (pins.length > 0 && flags.account !== undefined) {
    throw usageError('--account limits what is tried without --key-id', 'leave one of them away')
  }
  return {
    kms: context.kms,
    pins,
    algorithm: flags.encryptionAlgorithm,
    accounts: flags.account,
    ...messageLimitsOf(context, flags),
  }
}

/** What `--json` tells of what was opened. */
export function openedRecord(result: OpenResult): object {
  return {
    Mode: result.mode,
    KeyId: result.keyArn,
    EncryptionContext: result.context,
    PlaintextLength: result.plaintextBytes,
    Signed: result.signed,
  }
}

/**
 * Insists that somebody said which keys count, for commands whose result is a judgement.
 *
 * @throws KmsealError `usage`
 */
export function requireChoice(
  keyIds: readonly string[] | undefined,
  discovery: boolean,
  accounts: readonly string[] | undefined,
  flag = '--key-id',
): void {
  const pinned = keyIds !== undefined && keyIds.length > 0
  if (pinned && discovery) throw usageError(`--discovery and ${flag} exclude each other`)
  if (pinned && accounts !== undefined) {
    throw usageError(`--account limits what is tried without ${flag}`, 'leave one of them away')
  }
  if (pinned || discovery || accounts !== undefined) return
  throw usageError(
    'it was not said which keys count',
    `pin them with ${flag}, or take whatever a file names with --discovery`,
  )
}
