/** `kmseal edit`: changes what is encrypted, in an editor. */

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { bytesSource, MemorySink } from '../byte-stream.ts'
import { AtomicFileSink, lookAtTarget } from '../cli/atomic-file.ts'
import type { Context, Session } from '../cli/context.ts'
import { editorBase, editText } from '../cli/editor.ts'
import { fileError, openFileSource } from '../cli/file-source.ts'
import { requireChoice } from '../cli/opening.ts'
import { accountId, repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import { encodingSink, holdBackLimit } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { type EncryptionContext, parseEncryptionContext } from '../core/encryption-context.ts'
import { inspect } from '../core/inspect.ts'
import { checkKeyId } from '../core/key-id.ts'
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
  const { io, output, kms } = context
  requireChoice(options.keyId, options.discovery === true, options.account)
  const base = await editorBase(io, options.tempDir)
  const target = await lookAtTarget(file)
  const pins = (options.keyId ?? []).map(checkKeyId)
  const before = new MemorySink(holdBackLimit)
  const { mtimeMs } = await stat(target.realPath).catch(error => {
    throw fileError(error, file, 'read')
  })
  const opened = await openFile(file, before, {
    kms,
    pins,
    accounts: options.account,
    context: parseEncryptionContext(options.encryptionContext ?? []),
  })
  const plaintext = before.bytes()
  const after = await editText(io, base, file.replace(/\.(enc|kms|esdk)$/, ''), plaintext)
  try {
    if (after.equals(plaintext)) {
      output.note('nothing was changed')
      return
    }
    if ((await stat(target.realPath)).mtimeMs !== mtimeMs) {
      throw new KmsealError('failed', `${printable(file)} was changed by someone else meanwhile`, {
        hint: 'your changes are lost: edit it again',
      })
    }
    const { form, recipients } = await presentOf(file)
    const keyIds = await newRecipients(context, pins, recipients.length > 0 ? recipients : [opened.keyArn])
    context.announceWrite()
    const place = new AtomicFileSink(target, { preserve: true })
    const result = await seal(bytesSource(after), encodingSink(place, form), {
      kms,
      keyIds,
      context: ownPairs(opened.context),
      mode: opened.mode === 'direct' && after.length > 0 ? 'auto' : 'envelope',
      sign: opened.signed === true,
      emptyAllowed: true,
    })
    await output.result({ Output: file, Mode: result.mode, KeyIds: result.keyArns }, '')
  } finally {
    plaintext.fill(0)
    after.fill(0)
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

/** Encoding and recipients of the file as it is; its header was authenticated when it was opened. */
async function presentOf(file: string) {
  const source = await openFileSource(file)
  try {
    const found = await inspect(source)
    const dataKeys = found.Mode === 'envelope' ? found.EncryptedDataKeys : []
    if (dataKeys.some(({ ProviderId }) => !/^aws-kms(-rsa)?$/.test(ProviderId))) {
      throw new KmsealError('failed', `${printable(file)} has a recipient that is no KMS key`)
    }
    return { form: found.Encoding, recipients: dataKeys.map(({ KeyInfo }) => KeyInfo) }
  } finally {
    await source.close()
  }
}

/** The pinned keys, since whoever wrote the file chose the others; which are left out is said. */
async function newRecipients(
  { kms, output }: Context,
  pins: readonly string[],
  present: readonly string[],
): Promise<readonly string[]> {
  if (pins.length === 0) return present
  const kept = await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
  for (const keyArn of present.filter(each => !kept.includes(each))) {
    output.note(`${keyArn} could open the file until now, and is not pinned: it cannot any more`)
  }
  return kept
}

/** The pairs that users chose; those of the Encryption SDK are made anew. */
function ownPairs(context: EncryptionContext): EncryptionContext {
  const pairs = Object.entries(context).filter(([key]) => !key.startsWith('aws-crypto-'))
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as EncryptionContext
}

const examples = `
The plaintext lies in a file of your own (0600) in a new folder under XDG_RUNTIME_DIR while VISUAL or EDITOR runs, and
is removed then. The file is encrypted again, with the same context, only if it was changed.

Examples:
  $ kmseal edit --key-id alias/app secrets.yaml.enc
  $ EDITOR='code --wait' kmseal edit --discovery secrets.yaml.enc`
