/** `kmseal import-key-material`: your own key material for a key of origin EXTERNAL, at once or by way of files. */

import type { Command } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { importFiles, prepareImportFolder, readImportFile, writeImportFile } from '../cli/import-folder.ts'
import { readStart } from '../cli/input.ts'
import { refuseExisting, writeNewFile } from '../cli/new-file.ts'
import { futureTime, oneOf, outputFile } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import {
  deleteImportedMaterial,
  findImportTarget,
  getImportParameters,
  type ImportParameters,
  type ImportTarget,
  importMaterial,
} from '../core/import-material.ts'
import { type DescribedParameters, parametersText, parseParameters } from '../core/import-parameters.ts'
import { checkKeyId } from '../core/key-id.ts'
import {
  longestMaterialFile,
  newMaterial,
  readMaterial,
  usualWrapping,
  type WrappingAlgorithm,
  type WrappingKeySpec,
  wrapMaterial,
  wrappingAlgorithms,
  wrappingKeySpecs,
} from '../core/key-material.ts'
import { checkedFingerprint, fingerprintOf } from '../core/public-key-file.ts'
import { KmsealError, usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
  readonly keyMaterial?: string
  readonly generate?: boolean
  readonly keyMaterialOut?: string
  readonly wrappingAlgorithm?: WrappingAlgorithm
  readonly wrappingKeySpec?: WrappingKeySpec
  readonly expiresAt?: Date
  readonly importType?: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL'
  readonly parametersOut?: string
  readonly wrap?: string
  readonly fingerprint?: string
  readonly import?: string
  readonly delete?: boolean
  readonly yes?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-id <key>', 'key of origin EXTERNAL: id, alias/NAME or ARN', checkKeyId)
    .option('--key-material <file>', 'material to import; - reads standard input')
    .option('--generate', 'import fresh random material')
    .option('--key-material-out <file>', 'with --generate: keep it in a new file of mode 0600', outputFile)
    .option(
      '--expires-at <time>',
      'when KMS forgets it, in ISO 8601, within 365 days; never without',
      futureTime('--expires-at', 365),
    )
    .option(
      '--import-type <type>',
      'NEW_KEY_MATERIAL: further material, for a rotation on demand',
      oneOf('--import-type', ['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL']),
    )
    .option(
      '--wrapping-algorithm <name>',
      `${wrappingAlgorithms.join(', ')} (the first; for RSA keys RSA_AES_KEY_WRAP_SHA_256)`,
      oneOf('--wrapping-algorithm', wrappingAlgorithms),
    )
    .option(
      '--wrapping-key-spec <spec>',
      `${wrappingKeySpecs.join(', ')} (the first)`,
      oneOf('--wrapping-key-spec', wrappingKeySpecs),
    )
    .option('--parameters-out <folder>', 'step 1 of 3: write what wrapping needs to a folder')
    .option('--wrap <folder>', 'step 2 of 3: wrap the material there; no network, no credentials')
    .option('--fingerprint <SHA256:…>', 'with --wrap: only under the key with this fingerprint')
    .option('--import <folder>', 'step 3 of 3: import what was wrapped there')
    .option('--delete', 'make KMS forget the material of the key, after asking')
    .option('-y, --yes', 'with --delete: do not ask')
    .addHelpText('after', help)
    .action((options: Options) => actionOf(options)(session.begin(options), options))
}

type Action = (context: Context, options: Options) => Promise<void>
type Flag = Exclude<keyof Options, keyof GlobalFlags>

/** What can be done, by the option that asks for it, and the further options that each takes. */
const actions: readonly (readonly [Flag, Action, readonly Flag[]])[] = [
  ['parametersOut', writeParameters, ['keyId', 'wrappingAlgorithm', 'wrappingKeySpec']],
  ['wrap', wrapInFolder, ['keyMaterial', 'generate', 'keyMaterialOut', 'fingerprint']],
  ['import', importFromFolder, ['expiresAt', 'importType']],
  ['delete', deleteMaterial, ['keyId', 'yes']],
  [
    'keyId',
    importAtOnce,
    [
      ...(['keyMaterial', 'generate', 'keyMaterialOut', 'expiresAt', 'importType'] as const),
      ...(['wrappingAlgorithm', 'wrappingKeySpec'] as const),
    ],
  ],
]

function actionOf(options: Options): Action {
  const found = actions.find(([flag]) => options[flag] !== undefined)
  if (found === undefined) throw usageError('import-key-material needs the key', 'name it with --key-id')
  const [flag, action, further] = found
  const all = new Set(actions.flatMap(([its, , others]) => [its, ...others]))
  const wrong = [...all].find(
    other => other !== flag && !further.includes(other) && options[other] !== undefined,
  )
  if (wrong !== undefined) throw usageError(`${spelt(wrong)} does not go with ${spelt(flag)}`)
  return action
}

const spelt = (flag: Flag): string => `--${flag.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

async function importAtOnce(context: Context, options: Options): Promise<void> {
  const { kms, output, announceWrite } = context
  const material = await materialFor(context, options)
  const target = await findImportTarget(kms, requiredKey(options))
  await material.use(target.keySpec, async (bytes, keep) => {
    const parameters = await parametersFor(target, options)
    const wrapped = wrapMaterial(bytes, parameters.wrappingPublicKey, parameters.wrappingAlgorithm)
    announceWrite()
    await keep()
    if (
      options.generate === true &&
      options.keyMaterialOut === undefined &&
      options.expiresAt !== undefined
    ) {
      output.note('the material is kept nowhere: once it expires, nothing opens what it encrypted')
    }
    try {
      await sendMaterial(context, options, target.keyId, parameters.importToken, wrapped)
    } catch (error) {
      throw withKept(error, options)
    }
  })
}

async function writeParameters(context: Context, options: Options): Promise<void> {
  const { kms, output, announceWrite } = context
  const { parametersOut: folder = '' } = options
  await prepareImportFolder(folder, Object.values(importFiles))
  announceWrite()
  const target = await findImportTarget(kms, requiredKey(options))
  const parameters = await parametersFor(target, options)
  const fingerprint = fingerprintOf(parameters.wrappingPublicKey)
  await writeImportFile(folder, importFiles.publicKey, parameters.wrappingPublicKey)
  await writeImportFile(folder, importFiles.token, parameters.importToken)
  // Last, so that a folder with it is complete.
  await writeImportFile(folder, importFiles.parameters, Buffer.from(parametersText(parameters)))
  const until = parameters.validTo.toISOString()
  output.note(`the wrapping key is ${fingerprint}; it serves until ${until}`)
  await output.result({ ...recordOf(parameters), Fingerprint: fingerprint, Folder: folder }, '')
}

async function wrapInFolder(context: Context, options: Options): Promise<void> {
  const { io, output } = context
  const { wrap: folder = '' } = options
  const parameters = await readParameters(context, folder)
  const file = await readImportFile(io, folder, importFiles.publicKey, firstStep)
  const fingerprint = checkedFingerprint(
    file.bytes,
    file.name,
    options.fingerprint === undefined ? undefined : [options.fingerprint],
  )
  await prepareImportFolder(folder, [importFiles.material])
  const material = await materialFor(context, options)
  await material.use(parameters.keySpec, async (bytes, keep) => {
    const wrapped = wrapMaterial(bytes, file.bytes, parameters.wrappingAlgorithm)
    await keep()
    await writeImportFile(folder, importFiles.material, wrapped)
  })
  output.note(`wrapped under ${fingerprint} for ${parameters.keyArn}`)
  // The clock of such a machine may be wrong.
  if (parameters.validTo.getTime() <= Date.now()) {
    output.note(`by the clock of this machine, that served until ${parameters.validTo.toISOString()} only`)
  }
  await output.result({ ...recordOf(parameters), Fingerprint: fingerprint, Folder: folder }, '')
}

async function importFromFolder(context: Context, options: Options): Promise<void> {
  const { io, announceWrite } = context
  const { import: folder = '' } = options
  const { keyArn } = await readParameters(context, folder)
  const token = await readImportFile(io, folder, importFiles.token, firstStep)
  const wrapped = await readImportFile(io, folder, importFiles.material, 'import-key-material --wrap')
  announceWrite()
  await sendMaterial(context, options, keyArn, token.bytes, wrapped.bytes)
}

async function deleteMaterial(context: Context, options: Options): Promise<void> {
  const { io, kms, output, announceWrite } = context
  const keyId = requiredKey(options)
  const question = `Delete the key material of ${keyId}? What it encrypted stays closed until the same is imported again.`
  if (options.yes !== true && !(await confirm(io, question))) {
    throw new KmsealError('failed', 'nothing was deleted, since nobody agreed')
  }
  announceWrite()
  await output.result(await deleteImportedMaterial(kms, keyId), '')
}

const firstStep = 'import-key-material --key-id KEY --parameters-out'

async function readParameters({ io }: Context, folder: string): Promise<DescribedParameters> {
  const { bytes, name } = await readImportFile(io, folder, importFiles.parameters, firstStep)
  return parseParameters(Buffer.from(bytes).toString('utf8'), name)
}

function parametersFor(target: ImportTarget, options: Options): Promise<ImportParameters> {
  const { wrappingAlgorithm = usualWrapping(target.keySpec), wrappingKeySpec = wrappingKeySpecs[0] } = options
  return getImportParameters(target, wrappingAlgorithm, wrappingKeySpec)
}

async function sendMaterial(
  { kms, output }: Context,
  { expiresAt: validTo, importType }: Options,
  keyArn: string,
  importToken: Uint8Array,
  wrapped: Uint8Array,
): Promise<void> {
  const imported = await importMaterial(kms, { keyArn, importToken, wrapped, validTo, importType })
  await output.result({ ...imported, ValidTo: validTo }, '')
}

/** Reads the material, or is ready to make it. */
async function materialFor({ io }: Context, options: Options) {
  const { keyMaterial: file, generate, keyMaterialOut: kept } = options
  if ((file === undefined) === (generate !== true)) {
    throw usageError('just one of --key-material and --generate is needed')
  }
  if (kept !== undefined && generate !== true)
    throw usageError('--key-material-out goes with --generate only')
  const hint = 'key material never replaces a file: name another one'
  if (kept !== undefined) await refuseExisting(kept, hint)
  const given = file === undefined ? undefined : await readStart(io, file, longestMaterialFile + 1)
  return {
    async use(
      keySpec: string,
      work: (bytes: Uint8Array, keep: () => Promise<void>) => Promise<void>,
    ): Promise<void> {
      let bytes: Uint8Array | undefined
      try {
        bytes = given === undefined ? newMaterial(keySpec) : readMaterial(given.bytes, keySpec, given.name)
        const own = bytes
        // Before it is imported: what KMS alone has cannot be had again.
        await work(own, async () => {
          if (kept !== undefined) await writeNewFile(kept, own, hint)
        })
      } finally {
        bytes?.fill(0)
        given?.bytes.fill(0)
      }
    },
  }
}

function withKept(error: unknown, { keyMaterialOut: kept }: Options): unknown {
  if (kept === undefined || !(error instanceof KmsealError)) return error
  return error.with({ details: [...error.details, `the generated material is in ${kept}`] })
}

function requiredKey({ keyId }: Options): string {
  if (keyId !== undefined) return keyId
  throw usageError('import-key-material needs the key', 'name it with --key-id')
}

function recordOf({ keyArn, keySpec, wrappingAlgorithm, validTo }: DescribedParameters) {
  return {
    KeyId: keyArn,
    KeySpec: keySpec,
    WrappingAlgorithm: wrappingAlgorithm,
    ParametersValidTo: validTo,
  }
}

const help = `
Material of symmetric keys is 32 bytes, of HMAC keys as many as their MAC, raw or as base64 or hex text; of RSA and
elliptic curve keys it is the private key in PKCS#8, in PEM or DER. A key takes the very same material again after it
expired or was deleted, and no other; a symmetric key also takes --import-type NEW_KEY_MATERIAL, for kmseal rotate-key
--now. --generate writes the material nowhere, unless --key-material-out names a file: without it, it cannot be
imported again.

Where the material must not come near a network, import in three steps. FOLDER goes to the other machine and back; it
holds WrappingPublicKey.bin, ImportToken.bin, parameters.json, and after step 2 EncryptedKeyMaterial.bin. Give step 2
the --fingerprint that step 1 told. The parameters serve for 24 hours.

Examples:
  $ kmseal import-key-material --key-id alias/own --key-material own.key
  $ kmseal import-key-material --key-id alias/made --generate --key-material-out made.key
  $ kmseal import-key-material --key-id alias/own --parameters-out usb
  $ kmseal import-key-material --wrap usb --key-material own.key
  $ kmseal import-key-material --import usb
  $ kmseal import-key-material --key-id alias/own --delete`
