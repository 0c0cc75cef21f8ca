/** Settings of one run, resolved once: flag, then environment, then configuration file, then default. */

import { defaultFor, type FoundDefault, type RuleTarget } from './config/config-defaults.ts'
import type { ConfigDefaults, ConfigInUse, ConfigLimits } from './config/config-file.ts'
import type { Origin } from './config/origin.ts'
import { type Backend, resolveValues } from './config/resolve-values.ts'
import { type Environment, nonEmpty } from './config/state-folder.ts'
import { KmsealError, usageError } from './errors.ts'

/** The global options as commander hands them over. */
export interface GlobalFlags {
  readonly backend?: string
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
  readonly allowHttp?: boolean
  readonly config?: string
  readonly env?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly debug?: boolean
  readonly stats?: boolean
}

/** Everything that decides where requests go and under which identity. */
export interface Settings {
  readonly backend: Backend
  readonly backendFrom: Origin
  /** From `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION` or the file; otherwise the SDK asks the profile. */
  readonly region: string | undefined
  /** Whether the Region was typed: then a key ARN of another Region is a contradiction. */
  readonly regionTyped: boolean
  /** From `--profile` or the file; `AWS_PROFILE` is read by the SDK. */
  readonly profile: string | undefined
  readonly endpointUrl: string | undefined
  /** Of the file: the variables of AWS count before it. */
  readonly fileEndpointUrl: string | undefined
  readonly allowHttp: boolean
  /** Default wrapping keys from `KMSEAL_KEY_ID` (comma separated); they never pin a decryption. */
  readonly keyIds: readonly string[]
  /** The configuration file that counts. Its keys and its encryption context never pin a decryption. */
  readonly config: ConfigInUse | undefined
  /** Of the file, for options that were not given. */
  readonly limits: ConfigLimits
  /** State folder of the mock; absent when no home folder is known. */
  readonly mockDirectory: string | undefined
  /** ARN of the mock's caller. */
  readonly mockPrincipal: string
  /** The AWS service that makes the mock's requests for its caller, such as `ec2`. */
  readonly mockViaService: string | undefined
}

/**
 * Resolves the settings of a run.
 *
 * @param config the configuration file that counts, if any
 * @throws KmsealError `usage` when a flag or variable has an impossible value
 */
export function resolveSettings(flags: GlobalFlags, env: Environment, config?: ConfigInUse): Settings {
  const values = resolveValues(flags, env, config)
  const { backend, region, profile, endpointUrl, mockDirectory, mockPrincipal, mockViaService } = values
  return {
    backend: backend.value,
    backendFrom: backend.from,
    region: region.value,
    regionTyped: region.from.kind === 'flag',
    profile: profile.from.kind === 'variable' ? undefined : profile.value,
    endpointUrl: endpointUrl.from.kind === 'flag' ? endpointUrl.value : undefined,
    fileEndpointUrl: endpointUrl.from.kind === 'flag' ? undefined : values.fileEndpointUrl,
    allowHttp: flags.allowHttp === true,
    keyIds: environmentKeys(env),
    config,
    limits: Object.assign({}, ...(config?.layers ?? []).map(({ limits }) => limits).toReversed()),
    mockDirectory: mockDirectory.value,
    mockPrincipal: mockPrincipal.value,
    mockViaService: mockViaService.value,
  }
}

/** The keys of KMSEAL_KEY_ID. */
function environmentKeys(env: Environment): string[] {
  return (nonEmpty(env.KMSEAL_KEY_ID) ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

/**
 * The mock's state folder.
 *
 * @throws KmsealError `failed` when neither KMSEAL_MOCK_DIR, XDG_STATE_HOME nor HOME says where
 */
export function requireMockDirectory(settings: Settings): string {
  if (settings.mockDirectory !== undefined) return settings.mockDirectory
  throw new KmsealError('failed', 'the mock has no place for its state: HOME is not set', {
    hint: 'set KMSEAL_MOCK_DIR to a folder of your own',
  })
}

/** The access key id of the credentials that stand in for missing ones on an endpoint of this machine. */
export const standInAccessKeyId = 'kmseal'

/** The key that the mock makes at its first use. */
const mockDefaultKey = 'alias/kmseal'

/**
 * The keys for what is encrypted without a typed one: those of KMSEAL_KEY_ID, else of the configuration file.
 *
 * @param target what is encrypted, for the rules of the file
 */
export function defaultKeys(settings: Settings, target: RuleTarget = {}): readonly string[] {
  if (settings.keyIds.length > 0) return settings.keyIds
  return fromFile(settings, 'keyIds', target)?.value ?? []
}

/**
 * The encryption context for what is encrypted without a typed one, if the configuration file has one.
 *
 * @param target what is encrypted, for the rules of the file
 */
export function defaultContext(
  settings: Settings,
  target: RuleTarget = {},
): Readonly<Record<string, string>> | undefined {
  return fromFile(settings, 'encryptionContext', target)?.value
}

function fromFile<Name extends keyof ConfigDefaults>(
  { config }: Settings,
  member: Name,
  target: RuleTarget,
): FoundDefault<NonNullable<ConfigDefaults[Name]>> | undefined {
  return config === undefined ? undefined : defaultFor(config, member, target)
}

/**
 * The keys to encrypt under: those typed, else those of KMSEAL_KEY_ID, else of the configuration file, else the
 * mock's own. On aws a key must be named.
 *
 * @param target what is encrypted, for the rules of the file
 * @throws KmsealError `usage`
 */
export function wrappingKeys(
  settings: Settings,
  typed: readonly string[] | undefined,
  target: RuleTarget = {},
): readonly string[] {
  if (typed !== undefined && typed.length > 0) return typed
  const keys = defaultKeys(settings, target)
  if (keys.length > 0) return keys
  if (settings.backend === 'mock') return [mockDefaultKey]
  throw usageError('no key was named', 'name one with --key-id or KMSEAL_KEY_ID')
}
