/** Reading a seed file: YAML or JSON, every member known. Texts of errors never quote it: it holds secrets. */

import { parse } from 'yaml'
import { type KmsealError, usageError } from '../errors.ts'
import { type KeyUsage, keyUsages, knownSpecs } from './kms/key-specs.ts'
import type { Seed, SeedKey, SeedParameter, SeedPrincipal } from './seed.ts'

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const aliasPattern = /^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/
const mostCharacters = 1024 * 1024
const deepest = 20

/**
 * Reads a seed file.
 *
 * @param text YAML or JSON
 * @param region where the file names none
 * @throws KmsealError usage, with the place of the first fault
 * @see BEHAVIOUR.md beside this file
 */
export function parseSeed(text: string, region: string): Seed {
  const document = members(parseText(text), 'it', ['account', 'region', 'keys', 'parameters', 'principals'])
  const keys = listOf(document, 'keys').map((key, index) => seedKey(key, `key ${index + 1}`))
  const repeated = keys.findIndex(({ id }, index) => keys.findIndex(other => other.id === id) < index)
  if (repeated >= 0) throw fault(`key ${repeated + 1}`, 'has the id of another one')
  return {
    account: textOf(document, 'account', 'it', /^\d{12}$/) ?? '000000000000',
    region: textOf(document, 'region', 'it', /^[a-z0-9-]{1,63}$/) ?? region,
    keys,
    principals: listOf(document, 'principals').map((principal, index) =>
      seedPrincipal(principal, `principal ${index + 1}`),
    ),
    parameters: listOf(document, 'parameters').map((parameter, index) =>
      seedParameter(parameter, `parameter ${index + 1}`),
    ),
  }
}

function parseText(text: string): unknown {
  if (text.length > mostCharacters) throw fault('it', 'is longer than 1 MiB')
  if (nesting(text) > deepest) throw fault('it', 'is nested too deeply')
  try {
    return parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch {
    throw fault('it', 'is neither YAML nor JSON')
  }
}

/** How deep a text could nest, counted before a parser sees it: brackets, and columns of indentation. */
function nesting(text: string): number {
  let depth = 0
  let most = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    most = Math.max(most, depth)
  }
  return Math.max(most, /^(?:[ \t]*[-?:][ \t]+){20}/m.test(text) ? deepest + 1 : 0)
}

function seedKey(value: unknown, where: string): SeedKey {
  const key = members(value, where, [
    ...['id', 'spec', 'material', 'usage', 'description', 'policy', 'alias', 'aliases'],
  ])
  const id = textOf(key, 'id', where, uuidPattern)
  if (id === undefined) throw fault(where, 'has no id')
  const aliases = [...listOf(key, 'aliases'), ...(key['alias'] === undefined ? [] : [key['alias']])]
  return {
    id,
    material: textOf(key, 'material', where)?.trim(),
    spec: oneOf(key, 'spec', where, [...knownSpecs.keys()]),
    usage: oneOf(key, 'usage', where, keyUsages) as KeyUsage | undefined,
    description: textOf(key, 'description', where, /^[\s\S]{0,8192}$/) ?? '',
    policy: textOf(key, 'policy', where, /^[\s\S]{1,32768}$/),
    aliases: aliases.map(alias => {
      if (typeof alias === 'string' && aliasPattern.test(alias)) return alias
      throw fault(where, 'has an alias that is no alias/NAME of your own')
    }),
  }
}

function seedParameter(value: unknown, where: string): SeedParameter {
  const parameter = members(value, where, ['name', 'value', 'type', 'key', 'description'])
  const name = textOf(parameter, 'name', where)
  const text = textOf(parameter, 'value', where)
  if (name === undefined || text === undefined) throw fault(where, 'needs a name and a value')
  return {
    name,
    value: text,
    type: textOf(parameter, 'type', where, /^(String|StringList|SecureString)$/) ?? 'SecureString',
    key: textOf(parameter, 'key', where),
    description: textOf(parameter, 'description', where),
  }
}

function seedPrincipal(value: unknown, where: string): SeedPrincipal {
  const principal = members(value, where, ['arn', 'accessKeyId', 'policy'])
  const arn = textOf(principal, 'arn', where)
  if (arn === undefined) throw fault(where, 'has no arn')
  return {
    arn,
    accessKeyId: textOf(principal, 'accessKeyId', where, /^\w{1,128}$/),
    policy: textOf(principal, 'policy', where, /^[\s\S]{1,32768}$/),
  }
}

function members(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fault(where, `is no map with ${known.join(', ')}`)
  }
  if (Object.keys(value).some(name => !known.includes(name))) {
    throw fault(where, `has a member that is none of ${known.join(', ')}`)
  }
  return value as Readonly<Record<string, unknown>>
}

function textOf(
  record: Readonly<Record<string, unknown>>,
  name: string,
  where: string,
  pattern = /^/,
): string | undefined {
  const value = record[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw fault(where, `has as its ${name} no text: put it in quotes`)
  if (!pattern.test(value)) throw fault(where, `has a malformed ${name}`)
  return value
}

function oneOf(
  record: Readonly<Record<string, unknown>>,
  name: string,
  where: string,
  known: readonly string[],
): string | undefined {
  const text = textOf(record, name, where)
  if (text === undefined || known.includes(text)) return text
  throw fault(where, `has a ${name} that is none of ${known.join(', ')}`)
}

function listOf(record: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = record[name] ?? []
  if (!Array.isArray(value)) throw fault(name, 'is no list')
  return value
}

function fault(where: string, what: string): KmsealError {
  return usageError(
    `the seed file is malformed: ${where} ${what}`,
    'an example is in BEHAVIOUR.md of the mock',
  )
}
