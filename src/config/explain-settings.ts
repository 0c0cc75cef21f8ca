/** Every setting with its value and where it came from, for people and for JSON. Secrets are no settings. */

import type { Settings } from '../config.ts'
import { defaultFor, type RuleTarget } from './config-defaults.ts'
import type { ConfigDefaults, ConfigInUse, ConfigLayer, ConfigLimits, ConfigRule } from './config-file.ts'
import { type Origin, originText, type Resolved } from './origin.ts'
import { originOf, resolveValues, type SettingFlags } from './resolve-values.ts'
import { type Environment, nonEmpty } from './state-folder.ts'

/** One setting. */
export interface ExplainedSetting {
  /** As in the configuration file, or as its option or variable. */
  readonly name: string
  /** Absent when nobody said anything and nothing is assumed. */
  readonly value: SettingValue | undefined
  readonly from: Origin
  /** Of a rule: what it says in vain, and what counts before it whatever is encrypted. */
  readonly beatenBy?: BeatenBy
}

/** By members of a rule. */
export type BeatenBy = Readonly<Partial<Record<'key-id' | 'encryption-context', string>>>

/** A value as JSON has it. */
export type SettingValue = string | number | boolean | readonly string[] | Readonly<Record<string, unknown>>

const limitNames: Readonly<Record<keyof ConfigLimits, readonly [name: string, assumed: number]>> = {
  maxEncryptedDataKeys: ['max-encrypted-data-keys', 10],
  maxFrameLength: ['max-frame-length', 64 * 1024 * 1024],
  cacheMaxAge: ['cache-max-age', 60],
  cacheMaxBytes: ['cache-max-bytes', 1024 ** 3],
  cacheMaxMessages: ['cache-max-messages', 100],
}

/**
 * Explains the settings of a run.
 *
 * @param flags the global options that were given
 * @param target what keys and context are asked for; without one, for what no rule is about
 * @throws KmsealError `usage` when a flag or variable has an impossible value
 */
export function explainSettings(
  flags: SettingFlags & { readonly allowHttp?: boolean },
  env: Environment,
  settings: Settings,
  target: RuleTarget = {},
): ExplainedSetting[] {
  const { config } = settings
  const values = resolveValues(flags, env, config)
  const row = (name: string, { value, from }: Resolved<SettingValue | undefined>) => ({ name, value, from })
  return [
    row('config', fileOf(config)),
    row('env', environmentOf(config)),
    row('backend', values.backend),
    row('region', values.region),
    row('profile', values.profile),
    row('endpoint-url', withoutUser(values.endpointUrl)),
    ...serviceEndpoints(env),
    row('allow-http', flags.allowHttp === true ? byFlag('--allow-http', true) : byDefault(false)),
    row('key-id', keysOf(settings, target)),
    row('encryption-context', contextOf(config, target)),
    ...Object.entries(limitNames).map(([member, [name, assumed]]) =>
      row(name, limitOf(config, member as keyof ConfigLimits, assumed)),
    ),
    ...(config === undefined ? [] : rulesOf(config, settings)),
    row('KMSEAL_MOCK_DIR', values.mockDirectory),
    row('KMSEAL_MOCK_PRINCIPAL', values.mockPrincipal),
    row('KMSEAL_MOCK_VIA_SERVICE', values.mockViaService),
  ]
}

/** A value in words. */
export function valueText(value: SettingValue | undefined): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A rule as it stands in a file. */
export function ruleValue({ files, parameters, ...defaults }: ConfigRule): Readonly<Record<string, unknown>> {
  return {
    ...(files.length === 0 ? {} : { files }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...defaultsValue(defaults),
  }
}

/** Keys and context as they stand in a file. */
export function defaultsValue({
  keyIds,
  encryptionContext,
}: ConfigDefaults): Readonly<Record<string, unknown>> {
  return {
    ...(keyIds === undefined ? {} : { 'key-id': keyIds }),
    ...(encryptionContext === undefined ? {} : { 'encryption-context': encryptionContext }),
  }
}

function byDefault<Value>(value: Value): Resolved<Value> {
  return { value, from: { kind: 'default' } }
}

function byFlag<Value>(name: string, value: Value): Resolved<Value> {
  return { value, from: { kind: 'flag', name } }
}

function named(by: string): Origin {
  return { kind: by.startsWith('--') ? 'flag' : 'variable', name: by }
}

function fileOf(config: ConfigInUse | undefined): Resolved<string | undefined> {
  if (config === undefined) return byDefault(undefined)
  const { path, namedBy } = config
  const from = namedBy === undefined ? originOf(config, { environment: undefined }) : named(namedBy)
  return { value: path, from }
}

function environmentOf(config: ConfigInUse | undefined): Resolved<string | undefined> {
  if (config?.environment === undefined) return byDefault(undefined)
  return { value: config.environment.name, from: named(config.environment.by) }
}

/** A variable may carry a user and a password in its URL. */
function withoutUser({ value, from }: Resolved<string | undefined>): Resolved<string | undefined> {
  if (value === undefined) return { value, from }
  if (!URL.canParse(value)) return { value: '(no URL)', from }
  const url = new URL(value)
  if (url.username === '' && url.password === '' && url.search === '') return { value, from }
  url.username = ''
  url.password = ''
  url.search = ''
  return { value: url.href, from }
}

function serviceEndpoints(env: Environment): ExplainedSetting[] {
  return ['KMS', 'SSM', 'STS', 'CLOUDTRAIL'].flatMap(service => {
    const name = `AWS_ENDPOINT_URL_${service}`
    const value = nonEmpty(env[name])
    if (value === undefined) return []
    return [{ name, ...withoutUser({ value, from: { kind: 'variable', name } }) }]
  })
}

function keysOf(
  { keyIds, config, backend }: Settings,
  target: RuleTarget,
): Resolved<readonly string[] | undefined> {
  if (keyIds.length > 0) return { value: keyIds, from: { kind: 'variable', name: 'KMSEAL_KEY_ID' } }
  const found = config === undefined ? undefined : defaultFor(config, 'keyIds', target)
  if (config !== undefined && found !== undefined)
    return { value: found.value, from: originOf(config, found) }
  return byDefault(backend === 'mock' ? ['alias/kmseal'] : undefined)
}

function contextOf(
  config: ConfigInUse | undefined,
  target: RuleTarget,
): Resolved<Readonly<Record<string, string>> | undefined> {
  const found = config === undefined ? undefined : defaultFor(config, 'encryptionContext', target)
  return config === undefined || found === undefined
    ? byDefault(undefined)
    : { value: found.value, from: originOf(config, found) }
}

function limitOf(
  config: ConfigInUse | undefined,
  member: keyof ConfigLimits,
  assumed: number,
): Resolved<number> {
  const layer = config?.layers.find(({ limits }) => limits[member] !== undefined)
  const value = layer?.limits[member]
  return config === undefined || layer === undefined || value === undefined
    ? byDefault(assumed)
    : { value, from: originOf(config, layer) }
}

function rulesOf(config: ConfigInUse, settings: Settings): ExplainedSetting[] {
  return config.layers.flatMap((layer, depth) =>
    layer.rules.map((rule, index) => ({
      name: `rule ${index + 1}`,
      value: ruleValue(rule),
      from: originOf(config, layer),
      beatenBy: beatenBy(rule, config.layers.slice(0, depth), settings),
    })),
  )
}

/** A rule counts before its own layer, and never before what a layer above it says of everything. */
function beatenBy(rule: ConfigRule, above: readonly ConfigLayer[], { keyIds }: Settings): BeatenBy {
  const layerWith = (member: keyof ConfigDefaults): string | undefined => {
    const found = above.find(layer => layer[member] !== undefined)
    return rule[member] === undefined || found === undefined
      ? undefined
      : `environment ${found.environment ?? ''}`
  }
  const key = rule.keyIds !== undefined && keyIds.length > 0 ? 'KMSEAL_KEY_ID' : layerWith('keyIds')
  const context = layerWith('encryptionContext')
  return {
    ...(key === undefined ? {} : { 'key-id': key }),
    ...(context === undefined ? {} : { 'encryption-context': context }),
  }
}

/** Where a setting came from in words, and what of it does not count. */
export function sourceText({ from, beatenBy = {} }: ExplainedSetting): string {
  const beaten = Object.entries(beatenBy).map(([name, by]) => `; its ${name} is beaten by ${by}`)
  return `${originText(from)}${beaten.join('')}`
}
