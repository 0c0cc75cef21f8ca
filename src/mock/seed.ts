/** Puts what a seed file describes into the mock: keys with fixed ids and material, aliases, parameters. */

import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { KmsealError, usageError } from '../errors.ts'
import { parsePolicy } from '../policy/document.ts'
import { secretFrom, secretOfPrivateKey, specOfPrivateKey } from './kms/given-material.ts'
import { removeGrantsOf } from './kms/grant-record.ts'
import { materialsOf, removeMaterialsOf } from './kms/key-materials.ts'
import { printPolicy } from './kms/key-policy-text.ts'
import { type KeyRecord, keys, loadKey, pointAlias, removeAliasesOf, saveKey } from './kms/key-record.ts'
import { type KeyUsage, knownSpecs } from './kms/key-specs.ts'
import { addKey, type NewSecret } from './kms/new-key.ts'
import type { Context } from './operation.ts'

/** A key of a seed file. */
export interface SeedKey {
  /** A UUID. */
  readonly id: string
  /** By default SYMMETRIC_DEFAULT, or what the private key is. */
  readonly spec?: string | undefined
  /** Base64 of the bytes of a symmetric or HMAC key, or the PEM of a private key; bytes can be made from the id. */
  readonly material?: string | undefined
  /** By default what the spec can do, encryption before signing. */
  readonly usage?: KeyUsage | undefined
  readonly description: string
  readonly policy?: string | undefined
  readonly aliases: readonly string[]
}

/** A parameter of a seed file. */
export interface SeedParameter {
  readonly name: string
  readonly value: string
  readonly type: string
  readonly key?: string | undefined
  readonly description?: string | undefined
}

/** A principal of a seed file. */
export interface SeedPrincipal {
  readonly arn: string
  /** What it signs its requests with. */
  readonly accessKeyId?: string | undefined
  /** Its IAM policy. */
  readonly policy?: string | undefined
}

/** A seed file, checked. */
export interface Seed {
  /** 12 digits. */
  readonly account: string
  readonly region: string
  readonly keys: readonly SeedKey[]
  readonly parameters: readonly SeedParameter[]
  readonly principals: readonly SeedPrincipal[]
}

/** How much of it is there now. */
export interface SeedSummary {
  readonly keys: number
  readonly aliases: number
  readonly parameters: number
}

/** Sends one request to the mock as the root of the seed's account. */
export type SeedCall = (
  target: string,
  body: Record<string, unknown>,
) => Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>

/**
 * Applies a seed. Keys and aliases come in one transaction; a parameter that has the value already is left alone.
 *
 * @throws KmsealError usage for material that cannot be one of its key, failed when a parameter is refused
 */
export async function applySeed(context: Context, seed: Seed, call: SeedCall): Promise<SeedSummary> {
  const made = seed.keys.map((key, index) => ({
    key: { ...key, policy: checkPolicy(context, key.policy, index) },
    material: makeKey(key, index),
  }))
  context.store.write(() => {
    for (const { key, material } of made) seedKey(context, key, material)
  })
  for (const [index, parameter] of seed.parameters.entries()) await seedParameter(parameter, index, call)
  return {
    keys: seed.keys.length,
    aliases: seed.keys.reduce((count, { aliases }) => count + aliases.length, 0),
    parameters: seed.parameters.length,
  }
}

function seedKey(context: Context, key: SeedKey, { spec, usage, secret }: Made): void {
  const of = `${context.account} ${key.id} ${secret.secret}`
  const materialId = createHash('sha256').update(of).digest('hex')
  const before = keys.get(context.store, context, key.id)
  const present = loadKey(context, key.id)
  const isSame =
    present?.spec === spec &&
    present.usage === usage &&
    materialsOf(context, present).some(({ id }) => id === materialId)
  if (present === undefined || !isSame) {
    if (before !== undefined) forgetKey(context, before)
    addKey(context, secret, {
      id: key.id,
      materialId,
      spec,
      usage,
      description: key.description,
      ...(key.policy === undefined ? {} : { policy: key.policy }),
    })
  } else {
    const policy = key.policy ?? present.policy
    saveKey(context, { ...present, description: key.description, policy })
  }
  for (const alias of key.aliases) pointAlias(context, alias, key.id)
}

/** A key that the file replaces leaves nothing to its successor. */
function forgetKey(context: Context, key: KeyRecord): void {
  removeGrantsOf(context, key)
  removeAliasesOf(context, key)
  removeMaterialsOf(context, key)
  keys.remove(context.store, context, key.id)
}

/** What a key of the file is made of, and what for. */
interface Made {
  readonly spec: string
  readonly usage: KeyUsage
  readonly secret: NewSecret
}

function makeKey(key: SeedKey, index: number): Made {
  const { spec, secret } = key.material?.includes('-----BEGIN')
    ? fromPem(key.material, key.spec, index)
    : fromBytes(key, index)
  const usages = Object.keys(knownSpecs.get(spec)?.algorithms ?? {}) as KeyUsage[]
  const usage =
    key.usage ?? (usages.includes('ENCRYPT_DECRYPT') || usages.length === 1 ? usages[0] : undefined)
  if (usage === undefined || !usages.includes(usage)) {
    throw badMaterial(index, `the usage of ${spec} is ${usages.join(' or ')}`)
  }
  return { spec, usage, secret }
}

function fromBytes({ id, material, spec = 'SYMMETRIC_DEFAULT' }: SeedKey, index: number) {
  const form = knownSpecs.get(spec)?.material
  if (form?.type !== 'bytes') {
    throw badMaterial(index, `${spec} needs a private key in PEM as its material`)
  }
  const bytes =
    material === undefined
      ? createHash('sha512').update(`kmseal mock seed ${id}`).digest().subarray(0, form.length)
      : Buffer.from(material, 'base64')
  const secret = secretFrom(spec, bytes)
  if (secret === undefined || (material !== undefined && bytes.toString('base64') !== material)) {
    throw badMaterial(index, `material of ${spec} is base64 of ${form.length} bytes`)
  }
  return { spec, secret }
}

function fromPem(pem: string, wanted: string | undefined, index: number) {
  const privateKey = privateKeyOf(pem, index)
  const spec = specOfPrivateKey(privateKey)
  if (spec === undefined) {
    const known = [...knownSpecs].flatMap(([name, { kind }]) => (kind === 'asymmetric' ? [name] : []))
    throw badMaterial(index, `its private key is none of ${known.join(', ')}`)
  }
  if (wanted !== undefined && wanted !== spec) throw badMaterial(index, `its private key is ${spec}`)
  return { spec, secret: secretOfPrivateKey(privateKey) }
}

function privateKeyOf(pem: string, index: number): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // The library's text could quote the key.
    throw badMaterial(index, 'its material is no private key in PEM without a passphrase')
  }
}

function checkPolicy(context: Context, policy: string | undefined, index: number): string | undefined {
  if (policy === undefined) return undefined
  const result = parsePolicy(policy, 'key policy', context.partition)
  if ('document' in result) return printPolicy(JSON.parse(policy))
  const [problem] = result.problems
  throw badMaterial(
    index,
    `its policy is malformed${problem?.where ? ` at ${problem.where}` : ''}: ${problem?.text}`,
  )
}

async function seedParameter(parameter: SeedParameter, index: number, call: SeedCall): Promise<void> {
  const present = await call('AmazonSSM.GetParameter', { Name: parameter.name, WithDecryption: true })
  const found = present.body['Parameter'] as Readonly<Record<string, unknown>> | undefined
  if (found?.['Value'] === parameter.value && found['Type'] === parameter.type) return
  const { status, body } = await call('AmazonSSM.PutParameter', {
    Name: parameter.name,
    Value: parameter.value,
    Type: parameter.type,
    Overwrite: true,
    ...(parameter.key === undefined ? {} : { KeyId: parameter.key }),
    ...(parameter.description === undefined ? {} : { Description: parameter.description }),
  })
  if (status === 200) return
  throw new KmsealError(
    'failed',
    `parameter ${index + 1} of the seed file was refused: ${String(body['__type'])}`,
  )
}

function badMaterial(index: number, why: string): KmsealError {
  return usageError(`key ${index + 1} of the seed file: ${why}`)
}
