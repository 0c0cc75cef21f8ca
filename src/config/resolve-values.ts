/** Each setting with where it came from: flag, then environment, then configuration file, then default. */

import { join } from 'node:path'
import { usageError } from '../errors.ts'
import type { ConfigInUse, ConfigLayer } from './config-file.ts'
import type { FileOrigin, Origin, Resolved } from './origin.ts'
import { type Environment, nonEmpty, stateFolder } from './state-folder.ts'

/** Which service answers: AWS (or what speaks its protocol), or the built-in mock. */
export type Backend = 'aws' | 'mock'

/** The flags that are settings. */
export interface SettingFlags {
  readonly backend?: string
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
}

/** The settings that have one value for a whole run. */
export interface ResolvedValues {
  readonly backend: Resolved<Backend>
  readonly region: Resolved<string | undefined>
  /** Without a value when credentials of the environment count before the profile of the file. */
  readonly profile: Resolved<string | undefined>
  /** Of all services; `AWS_ENDPOINT_URL_KMS` and its like count before it. */
  readonly endpointUrl: Resolved<string | undefined>
  /** What the file says of endpoints, whatever the environment says. */
  readonly fileEndpointUrl: string | undefined
  readonly mockDirectory: Resolved<string | undefined>
  readonly mockPrincipal: Resolved<string>
  readonly mockViaService: Resolved<string | undefined>
}

const principalPattern =
  /^arn:aws[a-z-]*:(iam::\d{12}:(root|(user|role)(\/[\w+=,.@-]+)+)|sts::\d{12}:(assumed-role\/[\w+=,.@-]+|federated-user)\/[\w+=,.@-]+)$/

// Each gives an identity by itself, so that a profile of a file is not asked for.
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]

/**
 * Resolves the settings of a run.
 *
 * @throws KmsealError `usage` when a flag or variable has an impossible value
 */
export function resolveValues(
  flags: SettingFlags,
  env: Environment,
  config: ConfigInUse | undefined,
): ResolvedValues {
  const variable = (name: string) => resolved(nonEmpty(env[name]), { kind: 'variable', name })
  const flag = (name: string, value: string | undefined) => resolved(value, { kind: 'flag', name })
  const file = <Name extends 'backend' | 'region' | 'profile' | 'endpointUrl'>(name: Name) => {
    const layer = config?.layers.find(candidate => candidate[name] !== undefined)
    return layer === undefined || config === undefined
      ? undefined
      : { value: layer[name] as NonNullable<ConfigLayer[Name]>, from: originOf(config, layer) }
  }
  const ownIdentity = credentialVariables.find(name => nonEmpty(env[name]) !== undefined)
  return {
    backend: checkedBackend(
      flag('--backend', flags.backend) ?? variable('KMSEAL_BACKEND') ?? file('backend') ?? byDefault('aws'),
    ),
    region: checkedRegion(
      flag('--region', flags.region) ??
        variable('AWS_REGION') ??
        variable('AWS_DEFAULT_REGION') ??
        file('region') ??
        byDefault(undefined),
    ),
    profile:
      flag('--profile', flags.profile) ??
      variable('AWS_PROFILE') ??
      (ownIdentity === undefined
        ? file('profile')
        : { value: undefined, from: { kind: 'variable', name: ownIdentity } }) ??
      byDefault(undefined),
    endpointUrl:
      flag('--endpoint-url', flags.endpointUrl) ??
      variable('AWS_ENDPOINT_URL') ??
      file('endpointUrl') ??
      byDefault(undefined),
    fileEndpointUrl: file('endpointUrl')?.value,
    mockDirectory: mockDirectory(env),
    mockPrincipal: checked(
      variable('KMSEAL_MOCK_PRINCIPAL') ?? byDefault('arn:aws:iam::000000000000:root'),
      principalPattern,
      'is no principal ARN',
      'write it as arn:aws:iam::111122223333:user/NAME',
    ),
    mockViaService: checked(
      variable('KMSEAL_MOCK_VIA_SERVICE') ?? byDefault(undefined),
      /^[a-z][a-z0-9-]{1,30}$/,
      'is no name of an AWS service',
      'write it as ec2 or rds',
    ),
  }
}

/** Where a value of a file came from. */
export function originOf(
  { path }: ConfigInUse,
  { environment, rule }: Pick<FileOrigin, 'environment' | 'rule'>,
): Origin {
  return { kind: 'file', path, environment, rule }
}

function resolved<Value>(value: Value | undefined, from: Origin): Resolved<Value> | undefined {
  return value === undefined ? undefined : { value, from }
}

function byDefault<Value>(value: Value): Resolved<Value> {
  return { value, from: { kind: 'default' } }
}

function mockDirectory(env: Environment): Resolved<string | undefined> {
  const named = nonEmpty(env.KMSEAL_MOCK_DIR)
  if (named !== undefined) return { value: named, from: { kind: 'variable', name: 'KMSEAL_MOCK_DIR' } }
  const state = stateFolder(env)
  return byDefault(state === undefined ? undefined : join(state, 'mock'))
}

function checkedBackend({ value, from }: Resolved<string>): Resolved<Backend> {
  if (value === 'aws' || value === 'mock') return { value, from }
  throw usageError(`${from.kind === 'flag' ? '--backend' : 'KMSEAL_BACKEND'} is neither aws nor mock`)
}

function checkedRegion(region: Resolved<string | undefined>): Resolved<string | undefined> {
  if (region.value !== undefined && !/^[a-z0-9-]{1,63}$/.test(region.value)) {
    throw usageError('the Region is no Region name', 'write it as eu-central-1')
  }
  return region
}

/** Checks the value of a variable. */
function checked<Value extends string | undefined>(
  found: Resolved<Value>,
  pattern: RegExp,
  problem: string,
  hint: string,
): Resolved<Value> {
  if (found.value === undefined || found.from.kind !== 'variable' || pattern.test(found.value)) return found
  throw usageError(`${found.from.name} ${problem}`, hint)
}
