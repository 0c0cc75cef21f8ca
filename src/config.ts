/** Settings of one run, resolved once: flag, then environment, then default. */

import { join } from 'node:path'
import { KmsealError, usageError } from './errors.ts'

/** The global options as commander hands them over. */
export interface GlobalFlags {
  readonly backend?: string
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
  readonly allowHttp?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly debug?: boolean
  readonly stats?: boolean
}

/** Which service answers: AWS (or what speaks its protocol), or the built-in mock. */
export type Backend = 'aws' | 'mock'

/** Everything that decides where requests go and under which identity. */
export interface Settings {
  readonly backend: Backend
  readonly backendFrom: 'flag' | 'environment' | 'default'
  /** From `--region`, `AWS_REGION` or `AWS_DEFAULT_REGION`; otherwise the SDK asks the profile. */
  readonly region: string | undefined
  /** Whether the Region was typed: then a key ARN of another Region is a contradiction. */
  readonly regionTyped: boolean
  readonly profile: string | undefined
  readonly endpointUrl: string | undefined
  readonly allowHttp: boolean
  /** Default wrapping keys from `KMSEAL_KEY_ID` (comma separated); they never pin a decryption. */
  readonly keyIds: readonly string[]
  /** State folder of the mock; absent when no home folder is known. */
  readonly mockDirectory: string | undefined
  /** ARN of the mock's caller. */
  readonly mockPrincipal: string
  /** The AWS service that makes the mock's requests for its caller, such as `ec2`. */
  readonly mockViaService: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const principalPattern =
  /^arn:aws[a-z-]*:(iam::\d{12}:(root|(user|role)(\/[\w+=,.@-]+)+)|sts::\d{12}:(assumed-role\/[\w+=,.@-]+|federated-user)\/[\w+=,.@-]+)$/

/**
 * Resolves the settings of a run.
 *
 * @throws KmsealError `usage` when a flag or variable has an impossible value
 */
export function resolveSettings(flags: GlobalFlags, env: Environment): Settings {
  const fromFlag = flags.backend
  const fromEnv = nonEmpty(env.KMSEAL_BACKEND)
  const backend = fromFlag ?? fromEnv ?? 'aws'
  if (backend !== 'aws' && backend !== 'mock') {
    const place = fromFlag === undefined ? 'KMSEAL_BACKEND' : '--backend'
    throw usageError(`${place} is neither aws nor mock`)
  }
  const mockPrincipal = nonEmpty(env.KMSEAL_MOCK_PRINCIPAL) ?? 'arn:aws:iam::000000000000:root'
  if (!principalPattern.test(mockPrincipal)) {
    throw usageError(
      'KMSEAL_MOCK_PRINCIPAL is no principal ARN',
      'write it as arn:aws:iam::111122223333:user/NAME',
    )
  }
  const mockViaService = nonEmpty(env.KMSEAL_MOCK_VIA_SERVICE)
  if (mockViaService !== undefined && !/^[a-z][a-z0-9-]{1,30}$/.test(mockViaService)) {
    throw usageError('KMSEAL_MOCK_VIA_SERVICE is no name of an AWS service', 'write it as ec2 or rds')
  }
  return {
    backend,
    backendFrom: fromFlag !== undefined ? 'flag' : fromEnv !== undefined ? 'environment' : 'default',
    region: checkedRegion(flags.region ?? nonEmpty(env.AWS_REGION) ?? nonEmpty(env.AWS_DEFAULT_REGION)),
    regionTyped: flags.region !== undefined,
    profile: flags.profile,
    endpointUrl: flags.endpointUrl,
    allowHttp: flags.allowHttp === true,
    keyIds: (nonEmpty(env.KMSEAL_KEY_ID) ?? '')
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== ''),
    mockDirectory: mockDirectory(env),
    mockPrincipal,
    mockViaService,
  }
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

function mockDirectory(env: Environment): string | undefined {
  const named = nonEmpty(env.KMSEAL_MOCK_DIR)
  if (named !== undefined) return named
  const state = nonEmpty(env.XDG_STATE_HOME)
  if (state?.startsWith('/')) return join(state, 'kmseal', 'mock')
  const home = nonEmpty(env.HOME)
  return home === undefined ? undefined : join(home, '.local', 'state', 'kmseal', 'mock')
}

function checkedRegion(region: string | undefined): string | undefined {
  if (region !== undefined && !/^[a-z0-9-]{1,63}$/.test(region)) {
    throw usageError('the Region is no Region name', 'write it as eu-central-1')
  }
  return region
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

/** The key that the mock makes at its first use. */
const mockDefaultKey = 'alias/kmseal'

/**
 * The keys to encrypt under: those typed, else those of KMSEAL_KEY_ID, else the mock's own. On aws a key
 * must be named.
 *
 * @throws KmsealError `usage`
 */
export function wrappingKeys(settings: Settings, typed: readonly string[] | undefined): readonly string[] {
  if (typed !== undefined && typed.length > 0) return typed
  if (settings.keyIds.length > 0) return settings.keyIds
  if (settings.backend === 'mock') return [mockDefaultKey]
  throw usageError('no key was named', 'name one with --key-id or KMSEAL_KEY_ID')
}
