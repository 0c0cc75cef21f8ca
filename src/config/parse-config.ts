/** Reads the text of a configuration file, by its schema. */

import { type DocumentNode, readJsonNodes, readYamlNodes } from '../documents/document-node.ts'
import { malformedLine } from '../documents/malformed-line.ts'
import { usageError } from '../errors.ts'
import type { ConfigContent, ConfigDefaults, ConfigLayer, ConfigLimits, ConfigRule } from './config-file.ts'
import { configSchema, type Schema } from './config-schema.ts'

/**
 * Reads a configuration file. Errors tell lines and names of ours, never its text.
 *
 * @param bytes of the file, few enough to hold
 * @param format `json`, otherwise YAML
 * @throws KmsealError `usage`: no UTF-8, no YAML or JSON, nested too deeply, or not as the schema has it
 * @see https://json-schema.org/draft/2020-12/schema
 */
export function parseConfig(bytes: Uint8Array, format: 'json' | 'yaml'): ConfigContent {
  const text = textOf(bytes)
  const root = format === 'json' ? readJsonNodes(text) : readYamlNodes(text)
  const values = check(root, configSchema, '') as Values
  const environments = new Map<string, ConfigLayer>()
  for (const [name, layer] of Object.entries((values['environments'] ?? {}) as Record<string, Values>)) {
    environments.set(name, layerOf(layer, name))
  }
  return { top: layerOf(values, undefined), environments }
}

type Values = Readonly<Record<string, unknown>>

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usageError('the file is not text in UTF-8')
  }
}

/** The values of a node that is as the schema has it; objects have no prototype. */
function check(node: DocumentNode, schema: Schema, name: string): unknown {
  const { line, value } = node
  const refuse = () =>
    name === ''
      ? malformedLine(line, 'begins no map of settings')
      : malformedLine(line, `sets ${name} to what is not ${schema.title}`)
  const alternative = schema.oneOf?.find(({ type }) => type === typeOf(value))
  if (schema.oneOf !== undefined) {
    if (alternative === undefined) throw refuse()
    return check(node, { ...alternative, title: alternative.title ?? schema.title ?? '' }, name)
  }
  if (schema.type !== typeOf(value)) throw refuse()
  if (typeof value === 'string' && !isText(value, schema)) throw refuse()
  if (typeof value === 'number' && !(value >= (schema.minimum ?? 0) && value <= (schema.maximum ?? 0)))
    throw refuse()
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) throw refuse()
    return value.map(item => check(item, schema.items ?? {}, itemName(name)))
  }
  if (!(value instanceof Map)) return value
  const members = [...value].map(([key, member]) => [key, checkMember(key, member, schema, name)])
  for (const { anyOf } of schema.allOf ?? []) {
    if (!anyOf.some(({ required }) => required.every(member => value.has(member)))) throw refuse()
  }
  return Object.assign(Object.create(null), Object.fromEntries(members))
}

function checkMember(key: string, node: DocumentNode, schema: Schema, name: string): unknown {
  const own = schema.properties !== undefined && Object.hasOwn(schema.properties, key)
  const known = own ? schema.properties?.[key] : undefined
  if (known !== undefined) return check(node, known, key)
  const { additionalProperties: others, propertyNames } = schema
  if (others === undefined || others === false) {
    throw malformedLine(
      node.line,
      'has a name that is no setting',
      'kmseal config schema prints those there are',
    )
  }
  if (propertyNames !== undefined && !isText(key, propertyNames)) {
    throw malformedLine(node.line, `has a name in ${name} that is not ${propertyNames.title}`)
  }
  return check(node, others, name === 'environments' ? 'an environment' : `a value in ${name}`)
}

function itemName(name: string): string {
  return name === 'rules' ? 'a rule' : `${name} in a list`
}

function typeOf(value: DocumentNode['value']): Schema['type'] | undefined {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : undefined
  if (Array.isArray(value)) return 'array'
  return value instanceof Map ? 'object' : undefined
}

function isText(value: string, { enum: words, pattern, maxLength }: Schema): boolean {
  if (/\p{Cs}/u.test(value)) return false
  if (words !== undefined && !words.includes(value)) return false
  if (maxLength !== undefined && value.length > maxLength) return false
  return pattern === undefined || new RegExp(pattern, 'u').test(value)
}

function layerOf(values: Values, environment: string | undefined): ConfigLayer {
  return {
    environment,
    ...present({
      backend: values['backend'] as 'aws' | 'mock' | undefined,
      region: values['region'] as string | undefined,
      profile: values['profile'] as string | undefined,
      endpointUrl: values['endpoint-url'] as string | undefined,
    }),
    ...keysAndContextOf(values),
    limits: present({
      maxEncryptedDataKeys: values['max-encrypted-data-keys'],
      maxFrameLength: values['max-frame-length'],
      cacheMaxAge: values['cache-max-age'],
      cacheMaxBytes: values['cache-max-bytes'],
      cacheMaxMessages: values['cache-max-messages'],
    }) as ConfigLimits,
    rules: ((values['rules'] ?? []) as readonly Values[]).map(ruleOf),
  }
}

function ruleOf(values: Values): ConfigRule {
  const [files, parameters] = [listOf(values['files']) ?? [], listOf(values['parameters']) ?? []]
  return { files, parameters, ...keysAndContextOf(values) }
}

function keysAndContextOf(values: Values): ConfigDefaults {
  return present({
    keyIds: listOf(values['key-id']),
    encryptionContext: values['encryption-context'] as Readonly<Record<string, string>> | undefined,
  })
}

function listOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? (value as string[]) : [value as string]
}

type Present<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> }

function present<Value extends object>(values: Value): Present<Value> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Present<Value>
}
