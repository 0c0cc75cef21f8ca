/** `kmseal exec`: runs a program with parameters in its environment. */

import { type Command, Option } from 'commander'
import { runChild } from '../cli/child.ts'
import type { Context, Session } from '../cli/context.ts'
import { childStatus } from '../cli/find-program.ts'
import { openInput, readWhole } from '../cli/input.ts'
import { alteredVariables, refuseAlteredArguments } from '../cli/lossy-text.ts'
import { requireChoice } from '../cli/opening.ts'
import { repeatable, variableNames } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import { privateBase } from '../cli/private-folder.ts'
import { checkSecretPath, makeSecretFiles } from '../cli/secret-files.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import { childEnvironment, encryptedPrefix, type GivenVariable } from '../parameters/child-environment.ts'
import { isVariableName, variableName } from '../parameters/environment-names.ts'
import { type Mapping, readSources } from '../parameters/exec-sources.ts'
import type { Opening } from '../parameters/open-values.ts'
import { checkParameterPath } from '../parameters/parameter-name.ts'
import { parseParameterReference } from '../parameters/parameter-reference.ts'
import { changesPrograms } from '../parameters/program-variables.ts'

interface Options extends GlobalFlags {
  readonly param?: readonly string[]
  readonly file?: readonly string[]
  readonly envFile?: readonly string[]
  readonly decryptEnv?: boolean
  readonly open?: boolean
  readonly keyId?: readonly string[]
  readonly discovery?: boolean
  readonly encryptionContext?: readonly string[]
  readonly prefix?: string
  readonly keepCase?: boolean
  readonly pristine?: boolean
  readonly overload?: boolean
  readonly allow?: readonly string[]
  readonly require?: readonly string[]
  readonly tempDir?: string
}

const largestEnvFile = 64 * 1024 * 1024

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .usage('[path...] [options] -- CMD [ARG...]')
    .argument('[path...]', 'paths: everything below them, at any depth, goes into variables')
    .option(
      '--param <name=variable>',
      'one parameter, a version, a label or an ARN, in this variable',
      repeatable,
    )
    .option('--file <name=path>', 'one parameter in a file, whose place a variable tells', repeatable)
    .option('--env-file <file>', 'variables of a dotenv file, plain or encrypted', repeatable)
    .option('--decrypt-env', 'decrypt KMS_ENCRYPTED_NAME of the environment into NAME')
    .option('--open', 'decrypt what put-param --seal encrypted')
    .option(
      '--key-id <key>',
      'accept only this key for what is decrypted here; repeat it for several',
      repeatable,
    )
    .addOption(
      new Option('--discovery', 'without --key-id: take the keys that ciphertexts name').conflicts('keyId'),
    )
    .option('--encryption-context <pairs>', 'KEY=VALUE, or JSON, for what is decrypted here', repeatable)
    .option('--prefix <text>', 'put in front of the names of variables, such as APP_', prefixOf)
    .option('--keep-case', 'leave letters of parameter names as they are')
    .option('--pristine', 'give nothing but this: the environment is not inherited')
    .addOption(
      new Option('--overload', 'replace variables that are in the environment already').conflicts('pristine'),
    )
    .option(
      '--allow <names>',
      'take these variables though they change how programs run (A,B)',
      variableNames,
    )
    .option('--require <names>', 'start nothing unless these variables are set (A,B)', variableNames)
    .option('--temp-dir <dir>', 'where the files may lie, instead of XDG_RUNTIME_DIR')
    .addHelpText('after', help)
    .action((paths: string[], options: Options) => exec(session, paths, options))
}

async function exec(session: Session, typed: readonly string[], options: Options): Promise<void> {
  const context = session.begin(options)
  const { io, output } = context
  const [command, ...args] = session.childCommand ?? []
  if (command === undefined) throw usageError('no command was given', 'write it after --, as in: -- CMD ARG')
  refuseAlteredArguments([command, ...args])
  const paths = typed.map(checkParameterPath)
  const variables = (options.param ?? []).map(text => mapping('--param', text, variableOf))
  const files = (options.file ?? []).map(text => mapping('--file', text, filePathOf))
  checkOptions(paths, files, options)
  const base = files.length > 0 ? await privateBase(io, options.tempDir) : undefined
  const unsealed = await readUnsealed(context, options)
  const sources = await readSources({
    reading: { ssm: context.ssm, withDecryption: true },
    opening: options.open === true ? openingOf(context, options) : undefined,
    paths,
    prefix: options.prefix ?? '',
    keepCase: options.keepCase === true,
    variables,
    files,
  })
  const made = base === undefined ? undefined : makeSecretFiles(base, sources.files)
  try {
    const given = [...sources.variables, ...unsealed, ...(made?.paths ?? []).map(fileVariable(sources.files))]
    const { env, kept } = childEnvironment({
      inherited: inherited(io.env, options),
      given,
      overload: options.overload === true,
      allowed: options.allow ?? [],
      required: options.require ?? [],
    })
    tell(output, kept, alteredVariables(env))
    // Nothing stays open while the child runs.
    await session.close()
    const end = await runChild(io, { command, args, env, hasAftermath: made !== undefined })
    session.endWith(end.status, end.signal)
  } finally {
    if (made?.remove() === false) output.say(`${printable(made.folder)} cannot be removed: it holds secrets`)
  }
}

/** Refuses what would be of no use. */
function checkOptions(paths: readonly string[], files: readonly Mapping[], options: Options): void {
  const { param = [], envFile = [], decryptEnv, prefix, keepCase, tempDir } = options
  if (paths.length + files.length + param.length + envFile.length === 0 && decryptEnv !== true) {
    throw usageError(
      'nothing is to be handed over',
      'name a path, or --param, --file, --env-file or --decrypt-env',
    )
  }
  if (paths.length === 0 && (prefix !== undefined || keepCase === true)) {
    throw usageError('--prefix and --keep-case are for variables named after parameters below a path')
  }
  if (files.length === 0 && tempDir !== undefined) throw usageError('--temp-dir is for --file')
  refuseClashingFiles(files.map(({ target }) => target))
}

function refuseClashingFiles(targets: readonly string[]): void {
  for (const [index, one] of targets.entries()) {
    for (const other of targets.slice(index + 1)) {
      if (one === other) throw usageError(`two --file have the same path: ${one}`)
      const [file, below] = one.length < other.length ? [one, other] : [other, one]
      if (!below.startsWith(`${file}/`)) continue
      throw usageError(
        `--file cannot make ${file} a file and the folder of ${below}`,
        'name one of them otherwise',
      )
    }
  }
}

function tell(output: Context['output'], kept: readonly string[], altered: readonly string[]): void {
  if (kept.length > 0) {
    output.note(`kept what the environment has: ${kept.join(', ')}; --overload replaces it`)
  }
  if (altered.length > 0) {
    output.note(`the environment has bytes that are no UTF-8, which get lost: ${altered.join(', ')}`)
  }
}

/** The variables of files and of the environment, which may be encrypted. */
async function readUnsealed(context: Context, options: Options): Promise<GivenVariable[]> {
  const { io } = context
  if (options.envFile === undefined && options.decryptEnv !== true) {
    if (options.open !== true) refuseKeyOptions(options)
    return []
  }
  const { decryptVariables, readEnvFile } = await import('../parameters/env-file.ts')
  const opening = openingOf(context, options)
  const choose = (): void => {
    decrypts = true
    requireChoice(options.keyId, options.discovery === true, undefined)
  }
  let decrypts = options.open === true
  const given: GivenVariable[] = []
  for (const file of options.envFile ?? []) {
    const source = await openInput(io, file)
    try {
      const bytes = await readWhole(source, largestEnvFile, printable(file))
      given.push(...(await readEnvFile(bytes, printable(file), opening, choose)))
    } finally {
      await source.close()
    }
  }
  if (options.decryptEnv === true) {
    choose()
    given.push(...(await decryptVariables(io.env, opening)))
  }
  if (!decrypts) refuseKeyOptions(options)
  return given
}

/** A file that should have been encrypted may have been replaced by one that is not. */
function refuseKeyOptions({ keyId, discovery, encryptionContext, envFile }: Options): void {
  if (keyId === undefined && discovery !== true && encryptionContext === undefined) return
  throw usageError(
    envFile === undefined
      ? '--key-id, --discovery and --encryption-context are for what is decrypted here'
      : 'the options say how to decrypt, but no file is encrypted',
    envFile === undefined ? 'add --open or --decrypt-env, or leave them away' : undefined,
  )
}

function openingOf({ kms }: Context, options: Options): Opening {
  return {
    kms,
    pins: (options.keyId ?? []).map(checkKeyId),
    context: parseEncryptionContext(options.encryptionContext ?? []),
  }
}

function inherited(env: Context['io']['env'], { pristine, decryptEnv }: Options): Context['io']['env'] {
  if (pristine === true) return {}
  if (decryptEnv !== true) return env
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(encryptedPrefix)))
}

/** The variable that tells the place of a file, named after the file. */
function fileVariable(files: readonly { readonly path: string }[]) {
  return (place: string, index: number): GivenVariable => {
    const path = files[index]?.path ?? ''
    return { variable: placeVariable(path), value: place, source: `--file ${path}`, named: true }
  }
}

function mapping(flag: string, text: string, check: (target: string) => string): Mapping {
  const end = text.lastIndexOf('=')
  if (end < 1) throw usageError(`${flag} has no equals sign`, `write it as ${flag} /app/name=TARGET`)
  return { reference: parseParameterReference(text.slice(0, end)), target: check(text.slice(end + 1)) }
}

function placeVariable(path: string): string {
  return variableName(path, { path: '/', prefix: '', keepCase: false })
}

/** Its variable tells where it is, so that it must give one. */
function filePathOf(text: string): string {
  const path = checkSecretPath(text)
  if (/^[A-Za-z_][\w./-]*$/.test(path)) {
    const variable = placeVariable(path)
    if (!changesPrograms(variable)) return path
    throw usageError(
      `--file would set ${variable}, which changes how programs run`,
      'name the file otherwise',
    )
  }
  throw usageError(
    '--file names a file that gives no name of a variable',
    'letters, digits and . - _ / only, no digit first, such as tls.key',
  )
}

function variableOf(text: string): string {
  if (isVariableName(text)) return text
  throw usageError('--param does not end in a name of a variable', 'letters, digits and _, no digit first')
}

function prefixOf(text: string): string {
  if (text === '' || isVariableName(text)) return text
  throw usageError('--prefix begins no name of a variable', 'letters, digits and _, no digit first')
}

const help = `
/app/db/main-url below /app becomes DB_MAIN_URL: the part below the path, in upper case, with _ for / - and dots.
Two sources of one variable are an error. A parameter that --param or --file names gets only that, though it is below
a path, so that --param gives it another name or takes an old version.
Names that change how programs run (PATH, LD_PRELOAD, NODE_OPTIONS, AWS_*, HTTPS_PROXY and the like) are refused,
unless --param maps a parameter to them or --allow names them.
A variable that the environment has already stays, with a note; --overload replaces it. --param always does.
--file /app/tls/key=tls.key makes a file tls.key of mode 0600 in a fresh folder below XDG_RUNTIME_DIR, and TLS_KEY
tells its full path; it is gone when CMD has ended.
--env-file takes a dotenv file, or what kmseal encrypt made of one; nothing in it is expanded. Encrypted ones and
--decrypt-env need --key-id or --discovery. KMS_ENCRYPTION_CONTEXT is the encryption context of KMS_ENCRYPTED_* variables.
No shell comes between, and CMD gets its arguments as they are. It ends as CMD does, by the same signal too; with 127
when there is no such command, 126 when it cannot run, and ${childStatus.ownFailure} for failures of kmseal itself, which then starts
nothing. KMSEAL_* variables are not passed on.

Examples:
  $ kmseal exec /app/prod -- ./server --port 8080
  $ kmseal exec --param /app/db/password:prod=PGPASSWORD -- psql -h db
  $ kmseal exec /app --file /app/tls/key=tls.key -- sh -c 'nginx -g "ssl_certificate_key $TLS_KEY;"'`
