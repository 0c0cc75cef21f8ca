/** Puts what a seed file describes into the mock: keys with fixed ids and material, aliases, parameters. */

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { KmsealError, usageError } from '../errors.ts'
import { keys, loadKey, pointAlias, saveKey } from './kms/key-record.ts'
import type { KeyUsage } from './kms/key-specs.ts'
import { addKey, type NewSecret } from './kms/new-key.ts'
import type { Context } from './operation.ts'

/** A key of a seed file. */
export interface SeedKey {
  /** A UUID. */
  readonly id: string
  /** Base64 of 32 bytes, or the PEM of an RSA private key; without it, made from the id. */
  readonly material?: string | undefined
  readonly usage: KeyUsage
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

/** A seed file, checked. */
export interface Seed {
  /** 12 digits. */
  readonly account: string
  readonly region: string
  readonly keys: readonly SeedKey[]
  readonly parameters: readonly SeedParameter[]
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
  const made = seed.keys.map((key, index) => ({ key, index, ...secretOf(key, index) }))
  context.store.write(() => {
    for (const { key, spec, secret } of made) seedKey(context, key, spec, secret)
  })
  for (const [index, parameter] of seed.parameters.entries()) await seedParameter(parameter, index, call)
  return {
    keys: seed.keys.length,
    aliases: seed.keys.reduce((count, { aliases }) => count + aliases.length, 0),
    parameters: seed.parameters.length,
  }
}

function seedKey(context: Context, key: SeedKey, spec: string, secret: NewSecret): void {
  const materialId = createHash('sha256').update(`${key.id} ${secret.secret}`).digest('hex')
  const present = loadKey(context, key.id)
  if (present === undefined || present.materialId !== materialId) {
    keys.remove(context.store, context, key.id)
    addKey(context, secret, {
      id: key.id,
      materialId,
      spec,
      usage: key.usage,
      description: key.description,
      ...(key.policy === undefined ? {} : { policy: key.policy }),
    })
  } else {
    const policy = key.policy ?? present.policy
    saveKey(context, { ...present, description: key.description, policy })
  }
  for (const alias of key.aliases) pointAlias(context, alias, key.id)
}

function secretOf(key: SeedKey, index: number): { readonly spec: string; readonly secret: NewSecret } {
  const { material } = key
  if (material?.includes('-----BEGIN')) return rsaOf(material, index)
  if (key.usage !== 'ENCRYPT_DECRYPT')
    throw badMaterial(index, 'a key for signing needs an RSA private key in PEM')
  const bytes =
    material === undefined
      ? createHash('sha256').update(`kmseal mock seed ${key.id}`).digest()
      : Buffer.from(material, 'base64')
  if (bytes.length !== 32 || (material !== undefined && bytes.toString('base64') !== material)) {
    throw badMaterial(index, 'material is base64 of 32 bytes, or an RSA private key in PEM')
  }
  return { spec: 'SYMMETRIC_DEFAULT', secret: { secret: bytes.toString('base64') } }
}

function rsaOf(pem: string, index: number): { readonly spec: string; readonly secret: NewSecret } {
  try {
    const privateKey = createPrivateKey(pem)
    const bits = privateKey.asymmetricKeyDetails?.modulusLength
    if (privateKey.asymmetricKeyType === 'rsa' && (bits === 2048 || bits === 3072 || bits === 4096)) {
      const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
      const secret = privateKey.export({ type: 'pkcs8', format: 'der' })
      return {
        spec: `RSA_${bits}`,
        secret: { secret: secret.toString('base64'), publicKey: publicKey.toString('base64') },
      }
    }
  } catch {
    // The library's text could quote the key.
  }
  throw badMaterial(index, 'it is no RSA private key of 2048, 3072 or 4096 bits')
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
