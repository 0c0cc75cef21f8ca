/** `kmseal edit`: changes what is encrypted, in an editor. */

import type { Command } from 'commander'
import { bytesSource, MemorySink } from '../byte-stream.ts'
import { AtomicFileSink, lookAtTarget, type OutputTarget } from '../cli/atomic-file.ts'
import type { Context, Session } from '../cli/context.ts'
import { editText } from '../cli/editor.ts'
import { openFileSource } from '../cli/file-source.ts'
import { messageLimitsOf, requireChoice } from '../cli/opening.ts'
import { accountId, repeatable } from '../cli/options.ts'
import { privateBase } from '../cli/private-folder.ts'
import { encodingSink, holdBackLimit } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext, withoutReserved } from '../core/encryption-context.ts'
import { checkKeyId, isOfAccounts } from '../core/key-id.ts'
import { isKmsProvider } from '../core/message-keys.ts'
import { type OpenResult, open } from '../core/open.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { seal } from '../core/seal.ts'
import { KmsealError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: readonly string[]
  readonly discovery?: boolean
  readonly account?: readonly string[]
  readonly encryptionContext?: readonly string[]
  readonly tempDir?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<file>', 'file to edit')
    .option(
      '--key-id <key>',
      'accept only this wrapping key, and encrypt under it again; repeat it for several',
      repeatable,
    )
    .option('--discovery', 'without --key-id: take the keys that the file names')
    .option('--account <id>', 'accept keys of this account only; repeat it for several', accountId)
    .option(
      '--encryption-context <pairs>',
      'KEY=VALUE, or JSON; pairs that it must have been encrypted with',
      repeatable,
    )
    .option('--temp-dir <dir>', 'where the plaintext may lie meanwhile, instead of XDG_RUNTIME_DIR')
    .addHelpText('after', examples)
    .action(async (file: string, options: Options) => edit(session.begin(options), file, options))
}

async function edit(context: Context, file: string, options: Options): Promise<void> {
  const { io, kms } = context
  requireChoice(options.keyId, options.discovery === true, options.account)
  const base = await privateBase(io, options.tempDir)
  const target = await lookAtTarget(file)
  const before = new MemorySink(holdBackLimit)
  const pins = (options.keyId ?? []).map(checkKeyId)
  let content: Buffer = Buffer.alloc(0)
  try {
    const opened = await openFile(file, before, {
      kms,
      pins,
      accounts: options.account,
      ...messageLimitsOf(context, {}),
      context: parseEncryptionContext(options.encryptionContext ?? []),
    })
    content = before.bytes()
    const recipients = await newRecipients(context, pins, options.account, opened)
    const name = file.replace(/\.(enc|kms|esdk)$/, '')
    const done = async (after: Buffer): Promise<void> => {
      if (after.equals(content)) {
        context.output.note('nothing was changed')
        await context.output.result({ Output: file, Changed: false }, '')
      } else await replace(context, target, opened, recipients, after)
    }
    await editText(io, { base, name, content, done })
  } finally {
    content.fill(0)
    await before.abort()
  }
}

async function openFile(
  file: string,
  sink: MemorySink,
  request: Parameters<typeof open>[2],
): Promise<OpenResult> {
  const source = await openFileSource(file)
  try {
    return await open(source, sink, request)
  } finally {
    await source.close()
  }
}

/** Who can open the new file, and who cannot any more. */
interface Recipients {
  readonly kept: readonly string[]
  readonly dropped: readonly string[]
}

/** The pinned keys, or those of the accounts that count: whoever wrote the file chose the others. */
async function newRecipients(
  { kms }: Context,
  pins: readonly string[],
  accounts: readonly string[] | undefined,
  opened: OpenResult,
): Promise<Recipients> {
  const present = opened.mode === 'direct' ? [opened.keyArn] : opened.recipients.map(({ keyName }) => keyName)
  const foreign = opened.recipients.find(({ providerId }) => !isKmsProvider(providerId))
  if (pins.length > 0) {
    const kept = await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
    return { kept, dropped: present.filter(each => !kept.includes(each)) }
  }
  if (foreign !== undefined) {
    throw new KmsealError('failed', `the file has a recipient that is no KMS key: ${foreign.keyName}`, {
      hint: 'say with --key-id which keys shall open it',
    })
  }
  const counts = (keyArn: string) => isOfAccounts(keyArn, accounts)
  return { kept: present.filter(counts), dropped: present.filter(each => !counts(each)) }
}

async function replace(
  { kms, output, announceWrite }: Context,
  target: OutputTarget,
  opened: OpenResult,
  { kept, dropped }: Recipients,
  content: Uint8Array,
): Promise<void> {
  announceWrite()
  const place = new AtomicFileSink(target, { succeed: true })
  const result = await seal(bytesSource(content), encodingSink(place, opened.form), {
    kms,
    keyIds: kept,
    context: withoutReserved(opened.context),
    mode: opened.mode === 'direct' && content.length > 0 ? 'auto' : 'envelope',
    sign: opened.signed === true,
    emptyAllowed: true,
  })
  for (const keyArn of dropped) {
    output.note(`${keyArn} could open the file until now, and was not asked for: it cannot any more`)
  }
  await output.result({ Output: target.path, Changed: true, Mode: result.mode, KeyIds: result.keyArns }, '')
}

const examples = `
The plaintext lies in a file of your own (0600) in a new folder under XDG_RUNTIME_DIR while VISUAL or EDITOR runs, and
is removed then. The file is encrypted again, with the same context, only if it was changed; if that fails, the text stays there for you.

Examples:
  $ kmseal edit --key-id alias/app secrets.yaml.enc
  $ EDITOR='code --wait' kmseal edit --discovery secrets.yaml.enc`
